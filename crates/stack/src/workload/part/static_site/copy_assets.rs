//! The state machine that copies the uploaded files of a site into its bucket, and what starts it on a deployment.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::{bucket, distribution, domain};
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::iam::{policy, role, tagged_for_workload, trust, trust_in_list};
use crate::workload::model::{ObjectLocation, StaticSite};
use crate::workload::stack::Stack;

const MACHINE: &str = "CopyAssetsStateMachine";
const MACHINE_ROLE: &str = "CopyAssetsStateMachineRole";

const FUNCTION: Function = Function {
    id: "TriggerStateMachineFunction",
    role: "TriggerStateMachineFunctionRole",
    handler: "index.handler",
    timeout: 900,
};

/// Adds the state machine and its trigger, which waits for everything else: files are only copied when the rest works.
pub(crate) fn add(stack: &mut Stack, site: &StaticSite<'_>, cx: &Context<'_>) {
    let function = FUNCTION.resource(cx).about("Function that has the files copied");
    stack.resource(FUNCTION.id, function);
    let start = cfn!([{
        "Effect": "Allow",
        "Action": "states:StartSyncExecution",
        "Resource": get_att(MACHINE, "Arn"),
    }]);
    let logs = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let trigger_role = role(cx, trust("lambda.amazonaws.com")).properties(cfn!({
        "Policies": [policy("TriggerStateMachine", start)],
        "ManagedPolicyArns": [sub(logs)],
    }));
    let trigger_role = trigger_role.about("Role of the function that has the files copied");
    stack.resource(FUNCTION.role, trigger_role);
    let mut others = vec![
        bucket::BUCKET,
        bucket::POLICY,
        distribution::ACCESS_CONTROL,
        distribution::DISTRIBUTION,
        FUNCTION.id,
        FUNCTION.role,
        MACHINE,
        MACHINE_ROLE,
        bucket::MANAGER_ACCESS,
    ];
    if domain::managed_name(site, cx).is_some() {
        others.extend(domain::IDS);
    }
    let action = Resource::new("Custom::TriggerStateMachine").properties(cfn!({
        "ServiceToken": FUNCTION.arn(),
        "StateMachineARN": get_att(MACHINE, "Arn"),
        "AssetMappingFilePath": as_written(site.mapping.key),
    }));
    let action = action.about("Copying of the files, as the last step");
    stack.resource_after("TriggerStateMachineAction", others, action);

    let machine = Resource::new("AWS::StepFunctions::StateMachine").properties(cfn!({
        "RoleArn": get_att(MACHINE_ROLE, "Arn"),
        "StateMachineType": "EXPRESS",
        "Definition": definition(site.mapping),
    }));
    stack.resource(MACHINE, machine.about("State machine that copies the files to the bucket"));
    let role = machine_role(site.mapping, cx).about("Role with which the files are copied");
    stack.resource(MACHINE_ROLE, role);
}

fn definition(mapping: ObjectLocation<'_>) -> Value {
    cfn!({
        "Comment": "A state machine that moves source files to the S3 bucket",
        "StartAt": "GetMappingFile",
        "States": {
            "GetMappingFile": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
                "Parameters": { "Bucket": as_written(mapping.bucket), "Key": as_written(mapping.key) },
                "ResultSelector": { "files.$": "States.StringToJson($.Body)" },
                "ResultPath": "$.GetMappingFile",
                "Next": "CopyFiles",
            },
            "CopyFiles": {
                "Type": "Map",
                "Next": "InvalidateCache",
                "ItemsPath": "$.GetMappingFile.files",
                "ItemProcessor": {
                    "ProcessorConfig": { "Mode": "INLINE" },
                    "StartAt": "ContentTypeChoice",
                    "States": {
                        "ContentTypeChoice": {
                            "Type": "Choice",
                            "Choices": [{
                                "Or": [
                                    { "Variable": "$.contentType", "IsPresent": false },
                                    { "Variable": "$.contentType", "StringMatches": "" },
                                ],
                                "Next": "CopyFile",
                            }],
                            "Default": "CopyFileWithContentType",
                        },
                        "CopyFile": copy_file(mapping, None),
                        "CopyFileWithContentType": copy_file(mapping, Some("$.contentType")),
                    },
                },
            },
            "InvalidateCache": {
                "Type": "Task",
                "End": true,
                "Resource": "arn:aws:states:::aws-sdk:cloudfront:createInvalidation",
                "Parameters": {
                    "DistributionId": reference(distribution::DISTRIBUTION),
                    "InvalidationBatch": {
                        "CallerReference.$": "States.UUID()",
                        "Paths": { "Quantity": 1, "Items": ["/*"] },
                    },
                },
            },
        },
    })
}

fn copy_file(mapping: ObjectLocation<'_>, content_type: Option<&'static str>) -> Value {
    cfn!({
        "Type": "Task",
        "End": true,
        "Resource": "arn:aws:states:::aws-sdk:s3:copyObject",
        "Parameters": {
            "CopySource.$": format!("States.Format('{}/{{}}', $.path)", mapping.bucket),
            "Bucket": reference(bucket::BUCKET),
            "Key.$": "$.destPath",
            "ContentType.$"?: content_type,
            "MetadataDirective": "REPLACE",
        },
    })
}

/// The partition of these ARNs is not that of the region in deployed stacks.
fn machine_role(mapping: ObjectLocation<'_>, cx: &Context<'_>) -> Resource {
    let ObjectLocation { bucket, key } = mapping;
    let artifacts = cfn!([
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource":
                [format!("arn:aws:s3:::{bucket}/{key}"), format!("arn:aws:s3:::{bucket}/local-assets/*")],
        },
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": reference("ArtifactKeyARN"),
            "Condition": { "StringEquals": {
                "kms:EncryptionContext:aws:s3:arn": format!("arn:aws:s3:::{bucket}"),
                "kms:ViaService": sub("s3.${AWS::Region}.amazonaws.com"),
            } },
        },
    ]);
    let files = cfn!([{
        "Effect": "Allow",
        "Action": ["s3:PutObject"],
        "Resource": sub("arn:aws:s3:::${Bucket}/*"),
    }]);
    role(cx, trust_in_list("states.amazonaws.com")).property(
        "Policies",
        cfn!([
            policy("ArtifactBucketAccess", artifacts),
            policy("ServiceBucketAccess", files),
            policy("CacheInvalidation", cache_invalidation()),
        ]),
    )
}

fn cache_invalidation() -> Value {
    cfn!([
        {
            "Effect": "Allow",
            "Action": [
                "acm:ListCertificates",
                "cloudfront:GetDistribution",
                "cloudfront:GetStreamingDistribution",
                "cloudfront:GetDistributionConfig",
                "cloudfront:ListDistributions",
                "cloudfront:ListCloudFrontOriginAccessIdentities",
                "cloudfront:CreateInvalidation",
                "cloudfront:GetInvalidation",
                "cloudfront:ListInvalidations",
                "elasticloadbalancing:DescribeLoadBalancers",
                "iam:ListServerCertificates",
                "sns:ListSubscriptionsByTopic",
                "sns:ListTopics",
                "waf:GetWebACL",
                "waf:ListWebACLs",
            ],
            "Resource": "*",
            "Condition": tagged_for_workload("aws"),
        },
        { "Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*" },
    ])
}
