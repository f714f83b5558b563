"""What AWS answers to Copilot, by the facts of a case."""
import json
import re
from xml.sax.saxutils import escape

import yaml

VERSION = "v1.34.1"
# What Copilot asks the environment's stack about before it uses it.
FEATURES = ["ALBWorkloads", "EFSWorkloads", "NATWorkloads", "InternalALBWorkloads", "Aliases", "AppRunnerPrivateWorkloads"]
# The shortest ARN that the SDK sends.
SHORTEST_ARN = 20


class Refusal(Exception):
    """An error of AWS: its code, what it says, and the status."""

    def __init__(self, code, text="", status=400):
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


class Loader(yaml.SafeLoader):
    """Reads what manifests hold, tags of CloudFormation included."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def to_xml(tag, value):
    if isinstance(value, dict):
        return f"<{tag}>{''.join(to_xml(name, item) for name, item in value.items())}</{tag}>"
    if isinstance(value, list):
        return f"<{tag}>{''.join(to_xml('member', item) for item in value)}</{tag}>"
    return "" if value is None else f"<{tag}>{escape(str(value))}</{tag}>"


def subscribed(manifest):
    """The topics that a manifest and its overrides subscribe to, as `service/topic`."""
    manifest = manifest if isinstance(manifest, dict) else {}
    for part in [manifest, *(manifest.get("environments") or {}).values()]:
        for topic in ((part or {}).get("subscribe") or {}).get("topics") or []:
            yield f"{topic.get('service')}/{topic.get('name')}"


class Aws:
    """What AWS answers, by the facts of a case."""

    def __init__(self, case, facts, manifests):
        self.case, self.facts, self.manifests = case, facts, manifests
        self.application = facts["application"]
        self.name = self.application["name"]
        self.account = str(self.application.get("account_id") or "")
        self.environments = facts.get("environments") or {}
        self.regions = facts.get("regions") or {}
        self.uploaded, self.unanswered = {}, []
        # The SDK sends no shorter ARNs; what certificates are called shows in no template of a workload.
        for known in self.environments.values():
            for side in ((known.get("manifest") or {}).get("http") or {}).values():
                if isinstance(side, dict) and side.get("certificates"):
                    side["certificates"] = [str(arn).ljust(SHORTEST_ARN, "-") for arn in side["certificates"]]

    def environment(self):
        return self.environments.get(self.case.get("env") or self.case["name"]) or {}

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
            parameters = {feature: "" for feature in FEATURES}
            parameters |= {"AppName": self.name, "EnvironmentName": name, "ServiceDiscoveryEndpoint": endpoint}
            parameters |= {key: str(value) for key, value in (known.get("parameters") or {}).items()}
            outputs = [("EnabledFeatures", ",".join(FEATURES)), ("LastForceDeployID", known.get("last_force_deploy_id") or "")]
            ident = f"arn:aws:cloudformation:{known['region']}:{self.account}:stack/{self.name}-{name}/1"
            return self.stack(f"{self.name}-{name}", ident, parameters.items(), outputs)
        region = stack.split(":")[3] if stack.startswith("arn:") and ":stack/StackSet-" in stack else None
        if region in self.regions:
            known = self.regions[region]
            outputs = [("KMSKeyARN", known.get("artifact_key_arn") or ""), ("PipelineBucket", known.get("artifact_bucket") or "")]
            for workload in self.manifests:
                known = (self.facts.get("images") or {}).get(workload) or {}
                uri = re.match(r"(\d+)\.dkr\.ecr\.([\w-]+)\.amazonaws\.com[.\w]*/(.+)", known.get("repository") or "")
                owner, at, path = uri.groups() if uri else (self.account, region, f"{self.name}/{workload}")
                outputs.append(("ECRRepo" + workload.replace("-", "DASH"), f"arn:aws:ecr:{at}:{owner}:repository/{path}"))
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
            topics = known.get("topics")
            if topics is None:
                topics = sorted({topic for text in self.manifests.values() for topic in subscribed(yaml.load(text, Loader))})
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

    def ec2_DescribeManagedPrefixLists(self, _):
        known = self.environment().get("cloudfront_prefix_list_id")
        items = f"<item><prefixListId>{known}</prefixListId></item>" if known else ""
        return f"<DescribeManagedPrefixListsResponse><prefixListSet>{items}</prefixListSet></DescribeManagedPrefixListsResponse>"

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

    def ecr_GetAuthorizationToken(self, _):
        return {"authorizationData": [{"authorizationToken": "QVdTOng=", "proxyEndpoint": "https://registry.invalid"}]}

    def ecr_DescribeRepositories(self, asked):
        names = asked["repositoryNames"]
        return {"repositories": [{"repositoryName": name, "repositoryUri": f"{self.account}.dkr.ecr.{name}"} for name in names]}
