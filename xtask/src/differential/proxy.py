"""A proxy that is itself the end of every connection and answers for AWS."""
import json
import re
import urllib.parse

from authority import End
from aws import Refusal, to_xml


class Handler(End):
    """Answers for AWS by the facts of a case."""

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
