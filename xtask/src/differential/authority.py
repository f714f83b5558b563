"""Certificates for every host that Copilot talks to, and the beginning of a proxy that shows them."""
import datetime
import http.server
import ipaddress
import os
import pathlib
import re
import ssl
import sys
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

STORE = pathlib.Path(sys.prefix) / "loopback-authority"


def certify(subject, issuer, public_key, signer, extension):
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:60])]) for name in (subject, issuer)]
    start = datetime.datetime(2024, 1, 1)
    builder = x509.CertificateBuilder().subject_name(named[0]).issuer_name(named[1]).public_key(public_key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start)
    builder = builder.not_valid_after(start + datetime.timedelta(days=10000))
    return builder.add_extension(*extension).sign(signer, hashes.SHA256())


class Authority:
    """Certificates for every host that Copilot talks to, signed by one that only Copilot's process trusts."""

    NAME = "loopback stand-in"

    def __init__(self):
        STORE.mkdir(exist_ok=True)
        self.contexts, self.lock = {}, threading.Lock()
        self.root, key_file = STORE / "root.pem", STORE / "root.key"
        if not key_file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            is_root = (x509.BasicConstraints(ca=True, path_length=None), True)
            cert = certify(self.NAME, self.NAME, key.public_key(), key, is_root)
            self.write(self.root, cert.public_bytes(serialization.Encoding.PEM))
            self.write(key_file, self.private(key))
        self.key = serialization.load_pem_private_key(key_file.read_bytes(), None)

    @staticmethod
    def private(key):
        kind = serialization.PrivateFormat.PKCS8
        return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())

    @staticmethod
    def write(path, data):
        with tempfile.NamedTemporaryFile(dir=STORE, delete=False) as file:
            file.write(data)
        os.replace(file.name, path)

    def context(self, host):
        with self.lock:
            if host not in self.contexts:
                self.contexts[host] = self.make(host)
            return self.contexts[host]

    def make(self, host):
        file = STORE / f"host-{re.sub('[^a-z0-9.-]', '_', host.lower())}.pem"
        if not file.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            try:
                name = x509.IPAddress(ipaddress.ip_address(host))
            except ValueError:
                name = x509.DNSName(host)
            names = (x509.SubjectAlternativeName([name]), False)
            cert = certify(host, self.NAME, key.public_key(), self.key, names)
            self.write(file, self.private(key) + cert.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


class End(http.server.BaseHTTPRequestHandler):
    """A proxy that is itself the end of every connection; who inherits from it answers the requests."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        host = self.path.rsplit(":", 1)[0]
        self.connection = self.server.authority.context(host).wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False


def serve(handler, **known):
    """Starts a proxy on loopback; its server knows its port and what else is passed, and is shut down by the caller."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.authority = Authority()
    vars(server).update(known)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def variables(server):
    """What makes Copilot, and every other client of AWS, use the proxy and trust it."""
    proxy, authority = f"http://127.0.0.1:{server.server_port}", str(server.authority.root)
    return {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "SSL_CERT_FILE": authority, "AWS_CA_BUNDLE": authority}
