"""A proxy that is itself the end of every connection: it answers for AWS, with certificates that only Copilot's process trusts."""
import datetime
import http.server
import ipaddress
import json
import os
import pathlib
import re
import ssl
import sys
import tempfile
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aws import Refusal, to_xml

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


class Handler(http.server.BaseHTTPRequestHandler):
    """A proxy that is itself the end of every connection."""

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

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization") or "")
        service = (scope[1] if scope else "").replace("-", "_")
        aws = self.server.aws
        if service == "s3":
            if self.command == "PUT":
                aws.uploaded[self.headers["host"] + self.path] = body
            status = 200 if self.command in ("PUT", "HEAD") else 404
            return self.answer(status, "application/xml", "" if status == 200 else "<Error><Code>NoSuchKey</Code></Error>")
        target = self.headers.get("x-amz-target")
        asked = json.loads(body or b"{}") if target else dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        action = target.split(".")[-1] if target else asked.get("Action", "")
        kind = "application/x-amz-json-1.1" if target else "text/xml"
        try:
            known = getattr(aws, f"{service}_{action}", None)
            if known is None:
                aws.unanswered.append(f"{service}:{action}")
                raise Refusal("AccessDenied", "nothing that the stand-in answers", 403)
            found = known(asked)
            if target:
                found = json.dumps(found)
            elif not isinstance(found, str):
                found = to_xml(f"{action}Response", {f"{action}Result": found})
            self.answer(200, kind, found)
        except Refusal as refusal:
            if target:
                text = json.dumps({"__type": refusal.code, "message": refusal.text})
            else:
                text = to_xml("ErrorResponse", {"Error": {"Type": "Sender", "Code": refusal.code, "Message": refusal.text}})
            self.answer(refusal.status, kind, text)

    do_PUT = do_GET = do_HEAD = do_POST

    def answer(self, status, kind, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def serve(aws):
    """Starts to answer for AWS; the server knows its port and is shut down by the caller."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.authority, server.aws = Authority(), aws
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
