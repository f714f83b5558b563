"""Sets up the application of a facts file at an endpoint, as Copilot leaves it behind: records, StackSet, environments.

usage: e2e.py ENDPOINT REGION APP ENVIRONMENT... -- WORKLOAD=TYPE...
"""
import json
import sys
import time

import boto3

endpoint, region, app = sys.argv[1:4]
split = sys.argv.index("--")
environments, workloads = sys.argv[4:split], dict(pair.split("=", 1) for pair in sys.argv[split + 1:])


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


account = client("sts").get_caller_identity()["Account"]
ssm, cloudformation = client("ssm"), client("cloudformation")


def record(path, **fields):
    ssm.put_parameter(Name=f"/copilot/applications/{path}", Type="String", Value=json.dumps(fields))


def role(name, service):
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": document}}


def stack(name, template, **tags):
    tags = [{"Key": "copilot-" + key, "Value": value} for key, value in tags.items()]
    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"], Tags=tags)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


record(app, name=app, account=account, domain="", domainHostedZoneID="", version="1.0")
for name, kind in workloads.items():
    record(f"{app}/components/{name}", app=app, name=name, type=kind)
caller, service = {"AWS": account}, {"Service": "cloudformation.amazonaws.com"}
stack(f"{app}-infrastructure-roles", {"Resources": {
    "AdministrationRole": role(f"{app}-adminrole", service), "ExecutionRole": role(f"{app}-executionrole", caller)}})

resources = {
    "KMSKey": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": caller, "Action": "kms:*", "Resource": "*"}]}}},
    "PipelineBuiltArtifactBucket": {"Type": "AWS::S3::Bucket"},
}
outputs = {
    "KMSKeyARN": {"Value": {"Fn::GetAtt": ["KMSKey", "Arn"]}, "Export": {"Name": f"{app}-ArtifactKey"}},
    "PipelineBucket": {"Value": {"Ref": "PipelineBuiltArtifactBucket"}},
}
for name in workloads:
    resources["ECRRepo" + name] = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": f"{app}/{name}"}}
    outputs["ECRRepo" + name] = {"Value": {"Fn::GetAtt": ["ECRRepo" + name, "Arn"]}}
infrastructure = {"Metadata": {"TemplateVersion": "v1.2.0", "Version": 1}, "Resources": resources, "Outputs": outputs}
cloudformation.create_stack_set(
    StackSetName=f"{app}-infrastructure", TemplateBody=json.dumps(infrastructure), Capabilities=["CAPABILITY_NAMED_IAM"],
    AdministrationRoleARN=f"arn:aws:iam::{account}:role/{app}-adminrole", ExecutionRoleName=f"{app}-executionrole",
    Tags=[{"Key": "copilot-application", "Value": app}])
operation = cloudformation.create_stack_instances(
    StackSetName=f"{app}-infrastructure", Accounts=[account], Regions=[region])["OperationId"]
for _ in range(60):
    answer = cloudformation.describe_stack_set_operation(StackSetName=f"{app}-infrastructure", OperationId=operation)
    if answer["StackSetOperation"]["Status"] != "RUNNING":
        break
    time.sleep(1)

for name in environments:
    manager, execution = f"{app}-{name}-EnvManagerRole", f"{app}-{name}-CFNExecutionRole"
    arn = f"arn:aws:iam::{account}:role/"
    record(f"{app}/environments/{name}", app=app, name=name, region=region, accountID=account, registryURL="",
           managerRoleARN=arn + manager, executionRoleARN=arn + execution)
    stack(f"{app}-{name}", {
        "Metadata": {"Version": "v1.34.1", "Manifest": f"name: {name}\ntype: Environment\n"},
        "Resources": {"EnvironmentManagerRole": role(manager, caller), "CloudformationExecutionRole": role(execution, service)},
        "Outputs": {"EnvironmentManagerRoleARN": {"Value": arn + manager}, "CFNExecutionRoleARN": {"Value": arn + execution}},
    }, application=app, environment=name)
print(f"set up {app} with {len(environments)} environments and {len(workloads)} workloads in account {account}")
