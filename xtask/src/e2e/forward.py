"""A proxy that takes what is meant for AWS to a server on loopback, and writes down what was asked and refused."""
import http.client
import re
import threading
import urllib.parse

from authority import End

# Headers that belong to one connection only, and those that are written anew.
OWN = {"connection", "accept-encoding", "expect", "transfer-encoding", "content-length", "host", "proxy-connection"}
# How long an answer may take, in seconds.
PATIENCE = 60


class Forward(End):
    """Takes each request to the server's `endpoint`; its `log` gets a line for each."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        to = urllib.parse.urlsplit(self.server.endpoint)
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=PATIENCE)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in OWN:
                connection.putheader(name, value)
        connection.putheader("Host", self.headers["host"])
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = answer.read()
        self.note(body, answer.status, found)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN or (self.command == "HEAD" and name.lower() == "content-length"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found)
        connection.close()

    do_PUT = do_GET = do_HEAD = do_DELETE = do_POST

    def note(self, body, status, found):
        """Writes down what was asked, and the error if it was refused."""
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", self.headers.get("authorization") or "")
        target = self.headers.get("x-amz-target")
        if target:
            action = target.split(".")[-1]
        elif "form-urlencoded" in (self.headers.get("content-type") or ""):
            action = dict(urllib.parse.parse_qsl(body.decode())).get("Action", "")
        else:
            action = f"{self.command} {self.path}"
        line = f"{scope[2]}:{action} [{scope[1]}]" if scope else f"{action} at {self.headers.get('host')}"
        if status >= 400:
            code = re.search(rb'<Code>([^<]+)|"__type"\s*:\s*"([^"]+)', found)
            line += f" {status} {next(filter(None, code.groups())).decode() if code else ''}"
        with self.server.writing:
            print(line, file=self.server.log, flush=True)


def known(endpoint, log):
    """What a server that forwards has to know."""
    return {"endpoint": endpoint, "log": log, "writing": threading.Lock()}
