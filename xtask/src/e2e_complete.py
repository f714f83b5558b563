"""Does for a pipeline that CloudFormation made what AWS does and an emulator may not, and says what it was.

usage: e2e_complete.py ENDPOINT REGION STACK
"""
import json
import sys

import boto3

endpoint, region, stack = sys.argv[1:4]


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


codepipeline, tagging = client("codepipeline"), client("resourcegroupstaggingapi")
# What is answered may be no shape that boto3 can read.
answer = {}
codepipeline.meta.events.register(
    "before-parse.codepipeline.GetPipeline", lambda response_dict, **_: answer.update(json.loads(response_dict["body"])))
codepipeline.meta.events.register(
    "before-parse.codepipeline.GetPipeline", lambda response_dict, **_: response_dict.update(body=b"{}"))

stacks = client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
resources = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
name = next(each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::CodePipeline::Pipeline")
codepipeline.get_pipeline(name=name)
pipeline, arn = answer["pipeline"], answer["metadata"]["pipelineArn"]

stores = pipeline.get("artifactStores")
as_template = [action for stage in pipeline["stages"] for action in stage["actions"] if isinstance(action["actionTypeId"]["version"], int)]
if isinstance(stores, list) or as_template:
    if isinstance(stores, list):
        pipeline["artifactStores"] = {store["region"]: store["artifactStore"] for store in stores}
    for action in as_template:
        action["actionTypeId"]["version"] = str(action["actionTypeId"]["version"])
    codepipeline.update_pipeline(pipeline=pipeline)
    print("this emulator: GetPipeline answers with properties as they stand in templates")

tags = {tag["Key"]: tag["Value"] for tag in stacks[0]["Tags"]}
found = tagging.get_resources(TagFilters=[{"Key": key, "Values": [value]} for key, value in tags.items()])
if arn not in [resource["ResourceARN"] for resource in found["ResourceTagMappingList"]]:
    tagging.tag_resources(ResourceARNList=[arn], Tags=tags)
    print("this emulator: resources don't get the tags of their stack")
