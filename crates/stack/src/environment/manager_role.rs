//! The role with which Copilot works in the environment, statement by statement. Overrides of workspaces point to a
//! statement by its place.

use copilot_cfn::intrinsic::{get_att, join, sub};
use copilot_cfn::{Policy, Value, cfn};

use super::settings::Settings;
use super::values::BOOTSTRAP;
use super::{access_logs, execution_role};
use crate::template::Stack;
use crate::template::iam::{self, actions};
use crate::template::{About as _, names, version};

/// Its logical ID.
pub(super) const ID: &str = "EnvironmentManagerRole";

/// Adds the role. It outlives the stack, whose deletion it asks for.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let trust = iam::document(cfn!([{
        "Effect": "Allow",
        "Principal": { "AWS": sub("${ToolsAccountPrincipalARN}") },
        "Action": "sts:AssumeRole",
    }]));
    let role = iam::role(trust, settings.boundary)
        .about("Role with which commands work in the environment")
        .depends_on(execution_role::ID)
        .deletion_policy(Policy::Retain)
        .properties(cfn!({
            "RoleName": sub("${AWS::StackName}-EnvManagerRole"),
            "Path": "/",
            "Policies": [iam::policy("root", statements(settings).into())],
        }));
    stack.resource(ID, role);
}

/// The version since which the role may write to the artifact bucket.
const WRITES_SINCE: [u64; 3] = [1, 9, 0];

/// Whether the manager role of an environment that was deployed with this version may upload what the environment's next
/// deployment needs. A bootstrap stack's may.
pub fn may_upload(version: Option<&str>) -> bool {
    version == Some(BOOTSTRAP)
        || version.and_then(version::numbers).is_some_and(|found| found >= WRITES_SINCE)
}

/// A deployed template whose manager role is allowed to upload, and nothing else is changed. `None` if the role is allowed to
/// already, or is not where it was in every version.
pub fn allowing_uploads(template: &Value, bucket: &str, key_arn: &str, region: &str) -> Option<Value> {
    let [objects, key] = writing(names::partition(region), bucket, key_arn);
    let mut template = template.clone();
    let path = format!("Resources/{ID}/Properties/Policies/0/PolicyDocument/Statement");
    let statements = template.at_mut(&path)?.as_list_mut()?;
    let sid = objects.get("Sid");
    if statements.iter().any(|statement| statement.get("Sid") == sid) {
        return None;
    }
    statements.extend([objects, key]);
    Some(template)
}

fn statements(settings: &Settings<'_>) -> Vec<Value> {
    let mut statements = Vec::with_capacity(32);
    statements.extend(imported_certificates(settings));
    statements.extend(running_workloads());
    statements.extend(changing_stacks());
    statements.extend(secrets_and_sessions());
    statements.push(allow("ELBv2", actions("elasticloadbalancing", &LOAD_BALANCERS), "*"));
    statements.push(built_artifacts());
    statements.extend(emptying_log_bucket(settings));
    statements.extend(writing_artifacts(settings));
    statements.extend(looking_around());
    statements.extend(deleting());
    statements.push(allow("ListStacks", actions("cloudformation", &["ListStacks"]), "*"));
    statements.push(allow("RDS", actions("rds", &["DescribeDBInstances", "DescribeDBClusters"]), "*"));
    statements
}

fn allow(sid: &'static str, actions: Vec<String>, resource: impl Into<Value>) -> Value {
    cfn!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource.into() })
}

/// What is tagged as belonging to this environment.
fn allow_tagged(sid: &'static str, actions: Vec<String>, prefix: &str) -> Value {
    let mut statement = allow(sid, actions, "*");
    statement["Condition"] = cfn!({ "StringEquals": {
        (format!("{prefix}:ResourceTag/copilot-application")): sub("${AppName}"),
        (format!("{prefix}:ResourceTag/copilot-environment")): sub("${EnvironmentName}"),
    } });
    statement
}

fn imported_certificates(settings: &Settings<'_>) -> Option<Value> {
    let balancers = settings.public.certificates.iter().chain(&settings.internal.certificates).copied();
    let arns = balancers.chain(settings.cdn.and_then(|cdn| cdn.certificate));
    let arns: Vec<String> = arns.map(str::to_owned).collect();
    (!arns.is_empty()).then(|| allow("ImportedCertificates", actions("acm", &["DescribeCertificate"]), arns))
}

fn running_workloads() -> [Value; 5] {
    let state_machines = sub(
        "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AppName}-${EnvironmentName}-*",
    );
    let execute = vec!["ecs:ExecuteCommand".to_owned(), "ssm:StartSession".to_owned()];
    [
        allow("CloudwatchLogs", actions("logs", &LOGS), "*"),
        allow("Cloudwatch", actions("cloudwatch", &["DescribeAlarms"]), "*"),
        allow("ECS", actions("ecs", &TASKS), "*"),
        allow_tagged("ExecuteCommand", execute, "aws"),
        allow(
            "StartStateMachine",
            actions("states", &["StartExecution", "DescribeStateMachine"]),
            vec![state_machines],
        ),
    ]
}

fn changing_stacks() -> [Value; 4] {
    [
        allow("CloudFormation", actions("cloudformation", &STACKS), "*"),
        allow_tagged("GetAndPassCopilotRoles", actions("iam", &["GetRole", "PassRole"]), "iam"),
        allow("ECR", actions("ecr", &IMAGES), "*"),
        allow("ResourceGroups", actions("resource-groups", &RESOURCE_GROUPS), "*"),
    ]
}

fn secrets_and_sessions() -> [Value; 3] {
    let secrets = sub(
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/copilot/${AppName}/${EnvironmentName}/secrets/*",
    );
    let document =
        sub("arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-StartPortForwardingSessionToRemoteHost");
    [
        allow("SSM", actions("ssm", &PARAMETERS), "*"),
        allow("SSMSecret", actions("ssm", &["PutParameter", "AddTagsToResource"]), vec![secrets]),
        allow("SSMSession", actions("ssm", &["StartSession"]), vec![document]),
    ]
}

fn built_artifacts() -> Value {
    let mut actions = actions("s3", &READING_BUCKETS);
    actions.push("kms:Decrypt".to_owned());
    allow("BuiltArtifactAccess", actions, "*")
}

/// IAM knows no such action; deployed roles name it.
fn emptying_log_bucket(settings: &Settings<'_>) -> Option<Value> {
    settings.own_log_bucket()?;
    let objects = join("/", cfn!([get_att(access_logs::BUCKET, "Arn"), "*"]));
    Some(allow("EmptyELBAccessLogsBucket", actions("s3", &["EmptyBucket"]), objects))
}

fn writing_artifacts(settings: &Settings<'_>) -> [Value; 2] {
    let artifacts = &settings.artifacts;
    writing(artifacts.partition, artifacts.code.bucket, artifacts.key_arn)
}

fn writing(partition: &str, bucket: &str, key_arn: &str) -> [Value; 2] {
    let bucket = format!("arn:{partition}:s3:::{bucket}");
    let objects = format!("{bucket}/*");
    [
        allow(
            "PutObjectsToArtifactBucket",
            actions("s3", &["PutObject", "PutObjectAcl"]),
            vec![bucket, objects],
        ),
        allow("EncryptObjectsInArtifactBucket", actions("kms", &["GenerateDataKey"]), key_arn.to_owned()),
    ]
}

fn looking_around() -> [Value; 4] {
    [
        allow("EC2", actions("ec2", &NETWORK), "*"),
        allow("AppRunner", actions("apprunner", &APP_RUNNER), "*"),
        allow("Tags", actions("tag", &["GetResources"]), "*"),
        allow(
            "ApplicationAutoscaling",
            actions("application-autoscaling", &["DescribeScalingPolicies"]),
            "*",
        ),
    ]
}

/// Deleting the environment ends with the stack and its roles.
fn deleting() -> [Value; 2] {
    let roles = cfn!([
        get_att(execution_role::ID, "Arn"),
        sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-EnvManagerRole"),
    ]);
    let stack = sub(
        "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}/*",
    );
    [
        allow("DeleteRoles", actions("iam", &["DeleteRole", "ListRolePolicies", "DeleteRolePolicy"]), roles),
        allow("DeleteEnvStack", actions("cloudformation", &["DescribeStacks", "DeleteStack"]), vec![stack]),
    ]
}

const LOGS: [&str; 10] = [
    "GetLogRecord",
    "GetQueryResults",
    "StartQuery",
    "GetLogEvents",
    "DescribeLogStreams",
    "StopQuery",
    "TestMetricFilter",
    "FilterLogEvents",
    "GetLogGroupFields",
    "GetLogDelivery",
];

const TASKS: [&str; 20] = [
    "ListAttributes",
    "ListTasks",
    "DescribeServices",
    "DescribeTaskSets",
    "ListContainerInstances",
    "DescribeContainerInstances",
    "DescribeTasks",
    "DescribeClusters",
    "UpdateService",
    "PutAttributes",
    "StartTelemetrySession",
    "StartTask",
    "StopTask",
    "ListServices",
    "ListTaskDefinitionFamilies",
    "DescribeTaskDefinition",
    "ListTaskDefinitions",
    "ListClusters",
    "RunTask",
    "ListServicesByNamespace",
];

const STACKS: [&str; 13] = [
    "CancelUpdateStack",
    "CreateChangeSet",
    "CreateStack",
    "DeleteChangeSet",
    "DeleteStack",
    "Describe*",
    "DetectStackDrift",
    "DetectStackResourceDrift",
    "ExecuteChangeSet",
    "GetTemplate",
    "GetTemplateSummary",
    "UpdateStack",
    "UpdateTerminationProtection",
];

const IMAGES: [&str; 12] = [
    "BatchGetImage",
    "BatchCheckLayerAvailability",
    "CompleteLayerUpload",
    "DescribeImages",
    "DescribeRepositories",
    "GetDownloadUrlForLayer",
    "InitiateLayerUpload",
    "ListImages",
    "ListTagsForResource",
    "PutImage",
    "UploadLayerPart",
    "GetAuthorizationToken",
];

const RESOURCE_GROUPS: [&str; 6] =
    ["GetGroup", "GetGroupQuery", "GetTags", "ListGroupResources", "ListGroups", "SearchResources"];

const PARAMETERS: [&str; 5] =
    ["DeleteParameter", "DeleteParameters", "GetParameter", "GetParameters", "GetParametersByPath"];

const LOAD_BALANCERS: [&str; 9] = [
    "DescribeLoadBalancerAttributes",
    "DescribeSSLPolicies",
    "DescribeLoadBalancers",
    "DescribeTargetGroupAttributes",
    "DescribeListeners",
    "DescribeTags",
    "DescribeTargetHealth",
    "DescribeTargetGroups",
    "DescribeRules",
];

const READING_BUCKETS: [&str; 38] = [
    "ListBucketByTags",
    "GetLifecycleConfiguration",
    "GetBucketTagging",
    "GetInventoryConfiguration",
    "GetObjectVersionTagging",
    "ListBucketVersions",
    "GetBucketLogging",
    "ListBucket",
    "GetAccelerateConfiguration",
    "GetBucketPolicy",
    "GetObjectVersionTorrent",
    "GetObjectAcl",
    "GetEncryptionConfiguration",
    "GetBucketRequestPayment",
    "GetObjectVersionAcl",
    "GetObjectTagging",
    "GetMetricsConfiguration",
    "HeadBucket",
    "GetBucketPublicAccessBlock",
    "GetBucketPolicyStatus",
    "ListBucketMultipartUploads",
    "GetBucketWebsite",
    "ListJobs",
    "GetBucketVersioning",
    "GetBucketAcl",
    "GetBucketNotification",
    "GetReplicationConfiguration",
    "ListMultipartUploadParts",
    "GetObject",
    "GetObjectTorrent",
    "GetAccountPublicAccessBlock",
    "ListAllMyBuckets",
    "DescribeJob",
    "GetBucketCORS",
    "GetAnalyticsConfiguration",
    "GetObjectVersionForReplication",
    "GetBucketLocation",
    "GetObjectVersion",
];

const NETWORK: [&str; 4] =
    ["DescribeSubnets", "DescribeSecurityGroups", "DescribeNetworkInterfaces", "DescribeRouteTables"];

const APP_RUNNER: [&str; 8] = [
    "DescribeService",
    "ListOperations",
    "ListServices",
    "PauseService",
    "ResumeService",
    "StartDeployment",
    "DescribeObservabilityConfiguration",
    "DescribeVpcIngressConnection",
];
