//! The role with which Copilot works in the environment, statement by statement. Overrides of workspaces point to a
//! statement by its place.

use copilot_cfn::intrinsic::{get_att, join, sub};
use copilot_cfn::{Policy, Value, cfn};

use super::settings::Settings;
use super::values::BOOTSTRAP;
use super::{access_logs, execution_role};
use crate::template::Stack;
use crate::template::iam;
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
    statements.push(allow("ELBv2", &LOAD_BALANCERS, "*"));
    statements.push(built_artifacts());
    statements.extend(emptying_log_bucket(settings));
    statements.extend(writing_artifacts(settings));
    statements.extend(looking_around());
    statements.extend(deleting());
    statements.push(allow("ListStacks", &["cloudformation:ListStacks"], "*"));
    statements.push(allow("RDS", &["rds:DescribeDBInstances", "rds:DescribeDBClusters"], "*"));
    statements
}

fn allow(sid: &'static str, actions: &[&'static str], resource: impl Into<Value>) -> Value {
    cfn!({ "Sid": sid, "Effect": "Allow", "Action": actions.to_vec(), "Resource": resource.into() })
}

/// What is tagged as belonging to this environment.
fn allow_tagged(sid: &'static str, actions: &[&'static str], prefix: &str) -> Value {
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
    (!arns.is_empty()).then(|| allow("ImportedCertificates", &["acm:DescribeCertificate"], arns))
}

fn running_workloads() -> [Value; 5] {
    let state_machines = sub(
        "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AppName}-${EnvironmentName}-*",
    );
    [
        allow("CloudwatchLogs", &LOGS, "*"),
        allow("Cloudwatch", &["cloudwatch:DescribeAlarms"], "*"),
        allow("ECS", &TASKS, "*"),
        allow_tagged("ExecuteCommand", &["ecs:ExecuteCommand", "ssm:StartSession"], "aws"),
        allow(
            "StartStateMachine",
            &["states:StartExecution", "states:DescribeStateMachine"],
            vec![state_machines],
        ),
    ]
}

fn changing_stacks() -> [Value; 4] {
    [
        allow("CloudFormation", &STACKS, "*"),
        allow_tagged("GetAndPassCopilotRoles", &["iam:GetRole", "iam:PassRole"], "iam"),
        allow("ECR", &IMAGES, "*"),
        allow("ResourceGroups", &RESOURCE_GROUPS, "*"),
    ]
}

fn secrets_and_sessions() -> [Value; 3] {
    let secrets = sub(
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/copilot/${AppName}/${EnvironmentName}/secrets/*",
    );
    let document =
        sub("arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-StartPortForwardingSessionToRemoteHost");
    [
        allow("SSM", &PARAMETERS, "*"),
        allow("SSMSecret", &["ssm:PutParameter", "ssm:AddTagsToResource"], vec![secrets]),
        allow("SSMSession", &["ssm:StartSession"], vec![document]),
    ]
}

fn built_artifacts() -> Value {
    allow("BuiltArtifactAccess", &READING_BUCKETS, "*")
}

/// IAM knows no such action; deployed roles name it.
fn emptying_log_bucket(settings: &Settings<'_>) -> Option<Value> {
    settings.own_log_bucket()?;
    let objects = join("/", cfn!([get_att(access_logs::BUCKET, "Arn"), "*"]));
    Some(allow("EmptyELBAccessLogsBucket", &["s3:EmptyBucket"], objects))
}

fn writing_artifacts(settings: &Settings<'_>) -> [Value; 2] {
    let artifacts = &settings.artifacts;
    writing(artifacts.partition, artifacts.code.bucket, artifacts.key_arn)
}

fn writing(partition: &str, bucket: &str, key_arn: &str) -> [Value; 2] {
    let bucket = format!("arn:{partition}:s3:::{bucket}");
    let objects = format!("{bucket}/*");
    [
        allow("PutObjectsToArtifactBucket", &["s3:PutObject", "s3:PutObjectAcl"], vec![bucket, objects]),
        allow("EncryptObjectsInArtifactBucket", &["kms:GenerateDataKey"], key_arn.to_owned()),
    ]
}

fn looking_around() -> [Value; 4] {
    [
        allow("EC2", &NETWORK, "*"),
        allow("AppRunner", &APP_RUNNER, "*"),
        allow("Tags", &["tag:GetResources"], "*"),
        allow("ApplicationAutoscaling", &["application-autoscaling:DescribeScalingPolicies"], "*"),
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
        allow("DeleteRoles", &["iam:DeleteRole", "iam:ListRolePolicies", "iam:DeleteRolePolicy"], roles),
        allow(
            "DeleteEnvStack",
            &["cloudformation:DescribeStacks", "cloudformation:DeleteStack"],
            vec![stack],
        ),
    ]
}

const LOGS: [&str; 10] = [
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:StartQuery",
    "logs:GetLogEvents",
    "logs:DescribeLogStreams",
    "logs:StopQuery",
    "logs:TestMetricFilter",
    "logs:FilterLogEvents",
    "logs:GetLogGroupFields",
    "logs:GetLogDelivery",
];

const TASKS: [&str; 20] = [
    "ecs:ListAttributes",
    "ecs:ListTasks",
    "ecs:DescribeServices",
    "ecs:DescribeTaskSets",
    "ecs:ListContainerInstances",
    "ecs:DescribeContainerInstances",
    "ecs:DescribeTasks",
    "ecs:DescribeClusters",
    "ecs:UpdateService",
    "ecs:PutAttributes",
    "ecs:StartTelemetrySession",
    "ecs:StartTask",
    "ecs:StopTask",
    "ecs:ListServices",
    "ecs:ListTaskDefinitionFamilies",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTaskDefinitions",
    "ecs:ListClusters",
    "ecs:RunTask",
    "ecs:ListServicesByNamespace",
];

const STACKS: [&str; 13] = [
    "cloudformation:CancelUpdateStack",
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:Describe*",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
];

const IMAGES: [&str; 12] = [
    "ecr:BatchGetImage",
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:ListImages",
    "ecr:ListTagsForResource",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
    "ecr:GetAuthorizationToken",
];

const RESOURCE_GROUPS: [&str; 6] = [
    "resource-groups:GetGroup",
    "resource-groups:GetGroupQuery",
    "resource-groups:GetTags",
    "resource-groups:ListGroupResources",
    "resource-groups:ListGroups",
    "resource-groups:SearchResources",
];

const PARAMETERS: [&str; 5] = [
    "ssm:DeleteParameter",
    "ssm:DeleteParameters",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

const LOAD_BALANCERS: [&str; 9] = [
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeRules",
];

const READING_BUCKETS: [&str; 39] = [
    "s3:ListBucketByTags",
    "s3:GetLifecycleConfiguration",
    "s3:GetBucketTagging",
    "s3:GetInventoryConfiguration",
    "s3:GetObjectVersionTagging",
    "s3:ListBucketVersions",
    "s3:GetBucketLogging",
    "s3:ListBucket",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetObjectVersionTorrent",
    "s3:GetObjectAcl",
    "s3:GetEncryptionConfiguration",
    "s3:GetBucketRequestPayment",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetMetricsConfiguration",
    "s3:HeadBucket",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketPolicyStatus",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketWebsite",
    "s3:ListJobs",
    "s3:GetBucketVersioning",
    "s3:GetBucketAcl",
    "s3:GetBucketNotification",
    "s3:GetReplicationConfiguration",
    "s3:ListMultipartUploadParts",
    "s3:GetObject",
    "s3:GetObjectTorrent",
    "s3:GetAccountPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "s3:DescribeJob",
    "s3:GetBucketCORS",
    "s3:GetAnalyticsConfiguration",
    "s3:GetObjectVersionForReplication",
    "s3:GetBucketLocation",
    "s3:GetObjectVersion",
    "kms:Decrypt",
];

const NETWORK: [&str; 4] = [
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
];

const APP_RUNNER: [&str; 8] = [
    "apprunner:DescribeService",
    "apprunner:ListOperations",
    "apprunner:ListServices",
    "apprunner:PauseService",
    "apprunner:ResumeService",
    "apprunner:StartDeployment",
    "apprunner:DescribeObservabilityConfiguration",
    "apprunner:DescribeVpcIngressConnection",
];
