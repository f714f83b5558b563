//! What IAM wants for each call.

/// Operator, key and value of a condition.
pub(super) type Condition = (&'static str, &'static str, &'static str);

/// Actions on resources. `{partition}`, `{account}`, `{region}` and `{app}` stand for those of the application.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) actions: &'static [&'static str],
    pub(super) resources: &'static [&'static str],
    pub(super) condition: Option<Condition>,
}

const fn on(resources: &'static [&'static str], actions: &'static [&'static str]) -> Grant {
    Grant { actions, resources, condition: None }
}

/// What the call with this name needs; nothing for one that is not known.
pub(super) fn grants(call: &str) -> &'static [Grant] {
    CALLS.iter().find(|(name, _)| *name == call).map_or(&[], |(_, grants)| *grants)
}

/// Actions that know no resources, or whose resources nobody can foresee.
const ANY: &[&str] = &["*"];
/// Stacks of pipelines, environments, workloads and of the application itself.
const STACKS: &[&str] = &[
    "arn:{partition}:cloudformation:*:{account}:stack/StackSet-{app}-infrastructure-*",
    "arn:{partition}:cloudformation:*:{account}:stack/pipeline-{app}-*",
    "arn:{partition}:cloudformation:*:{account}:stack/{app}-*",
];
const STACK_SET: &[&str] =
    &["arn:{partition}:cloudformation:{region}:{account}:stackset/{app}-infrastructure:*"];
const PARAMETERS: &[&str] = &[
    "arn:{partition}:ssm:{region}:{account}:parameter/copilot/applications/{app}",
    "arn:{partition}:ssm:{region}:{account}:parameter/copilot/applications/{app}/*",
];
const MANAGERS: &[&str] = &["arn:{partition}:iam::*:role/{app}-*-EnvManagerRole"];
const EXECUTORS: &[&str] = &["arn:{partition}:iam::*:role/{app}-*-CFNExecutionRole"];
/// Names of pipelines are made of the application's and the pipeline's, those of old ones are not.
const PIPELINES: &[&str] = &["arn:{partition}:codepipeline:{region}:{account}:*"];
const BUILDS: &[&str] = &["arn:{partition}:codebuild:{region}:{account}:project/*"];
/// The artifact buckets, which their stack set names.
const BUCKETS: &[&str] = &["arn:{partition}:s3:::stackset-{app}-*"];
const OBJECTS: &[&str] = &["arn:{partition}:s3:::stackset-{app}-*/*"];
const KEYS: &[&str] = &["arn:{partition}:kms:*:{account}:key/*"];
const CONNECTIONS: &[&str] = &[
    "arn:{partition}:codeconnections:{region}:{account}:connection/*",
    "arn:{partition}:codestar-connections:{region}:{account}:connection/*",
];
const SECRETS: &[&str] = &["arn:{partition}:secretsmanager:{region}:{account}:secret:*"];
const LOGS: &[&str] = &["arn:{partition}:logs:{region}:{account}:log-group:*"];
const ROLES: &[&str] = &["arn:{partition}:iam::{account}:role/pipeline-{app}-*"];

/// What somebody reads with needs the key as well.
const OBJECT_READ: &[Grant] =
    &[on(OBJECTS, &["s3:GetObject"]), on(BUCKETS, &["s3:ListBucket"]), on(KEYS, &["kms:Decrypt"])];
const OBJECT_WRITE: &[Grant] =
    &[on(OBJECTS, &["s3:PutObject", "s3:PutObjectAcl"]), on(KEYS, &["kms:Decrypt", "kms:GenerateDataKey"])];

/// Each call as `service:Operation`, by which the local AWS counts it too. `stack:pipeline` is what CloudFormation does with the
/// credentials of whoever changes the stack of a pipeline, which has no role of its own.
pub(super) const CALLS: &[(&str, &[Grant])] = &[
    (
        "apprunner:DescribeObservabilityConfiguration",
        &[on(ANY, &["apprunner:DescribeObservabilityConfiguration"])],
    ),
    ("apprunner:DescribeService", &[on(ANY, &["apprunner:DescribeService"])]),
    ("apprunner:DescribeVpcIngressConnection", &[on(ANY, &["apprunner:DescribeVpcIngressConnection"])]),
    (
        "cloudformation:CreateChangeSet",
        &[on(STACKS, &["cloudformation:CreateChangeSet", "cloudformation:TagResource"]), PASS_EXECUTOR],
    ),
    ("cloudformation:CreateStackInstances", &[on(STACK_SET, &["cloudformation:CreateStackInstances"])]),
    ("cloudformation:DeleteChangeSet", &[on(STACKS, &["cloudformation:DeleteChangeSet"])]),
    ("cloudformation:DeleteStack", &[on(STACKS, &["cloudformation:DeleteStack"])]),
    ("cloudformation:DeleteStackInstances", &[on(STACK_SET, &["cloudformation:DeleteStackInstances"])]),
    ("cloudformation:DescribeChangeSet", &[on(STACKS, &["cloudformation:DescribeChangeSet"])]),
    ("cloudformation:DescribeEvents", &[on(STACKS, &["cloudformation:DescribeEvents"])]),
    (
        "cloudformation:DescribeStackDriftDetectionStatus",
        &[on(ANY, &["cloudformation:DescribeStackDriftDetectionStatus"])],
    ),
    ("cloudformation:DescribeStackEvents", &[on(STACKS, &["cloudformation:DescribeStackEvents"])]),
    (
        "cloudformation:DescribeStackResourceDrifts",
        &[on(STACKS, &["cloudformation:DescribeStackResourceDrifts"])],
    ),
    ("cloudformation:DescribeStackResources", &[on(STACKS, &["cloudformation:DescribeStackResources"])]),
    ("cloudformation:DescribeStackSet", &[on(STACK_SET, &["cloudformation:DescribeStackSet"])]),
    (
        "cloudformation:DescribeStackSetOperation",
        &[on(STACK_SET, &["cloudformation:DescribeStackSetOperation"])],
    ),
    ("cloudformation:DescribeStacks", &[on(STACKS, &["cloudformation:DescribeStacks"])]),
    (
        "cloudformation:DetectStackDrift",
        &[on(STACKS, &["cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"])],
    ),
    ("cloudformation:ExecuteChangeSet", &[on(STACKS, &["cloudformation:ExecuteChangeSet"])]),
    ("cloudformation:GetTemplate", &[on(STACKS, &["cloudformation:GetTemplate"])]),
    ("cloudformation:GetTemplateSummary", &[on(STACKS, &["cloudformation:GetTemplateSummary"])]),
    ("cloudformation:ListStackInstances", &[on(STACK_SET, &["cloudformation:ListStackInstances"])]),
    ("codebuild:BatchGetBuilds", &[on(BUILDS, &["codebuild:BatchGetBuilds"])]),
    ("codepipeline:GetPipeline", &[on(PIPELINES, &["codepipeline:GetPipeline"])]),
    ("codepipeline:GetPipelineState", &[on(PIPELINES, &["codepipeline:GetPipelineState"])]),
    ("codepipeline:ListActionExecutions", &[on(PIPELINES, &["codepipeline:ListActionExecutions"])]),
    ("codepipeline:ListPipelineExecutions", &[on(PIPELINES, &["codepipeline:ListPipelineExecutions"])]),
    ("codepipeline:PutApprovalResult", &[on(PIPELINES, &["codepipeline:PutApprovalResult"])]),
    ("codepipeline:RetryStageExecution", &[on(PIPELINES, &["codepipeline:RetryStageExecution"])]),
    ("codepipeline:StartPipelineExecution", &[on(PIPELINES, &["codepipeline:StartPipelineExecution"])]),
    ("codepipeline:StopPipelineExecution", &[on(PIPELINES, &["codepipeline:StopPipelineExecution"])]),
    (
        "codestar-connections:GetConnection",
        &[on(CONNECTIONS, &["codeconnections:GetConnection", "codestar-connections:GetConnection"])],
    ),
    (
        "codestar-connections:ListConnections",
        &[on(ANY, &["codeconnections:ListConnections", "codestar-connections:ListConnections"])],
    ),
    ("ec2:DescribeManagedPrefixLists", &[on(ANY, &["ec2:DescribeManagedPrefixLists"])]),
    ("ec2:DescribeSubnets", &[on(ANY, &["ec2:DescribeSubnets"])]),
    ("ecr:BatchGetImage", &[on(REPOSITORIES, &["ecr:BatchGetImage"])]),
    ("ecr:GetAuthorizationToken", &[on(ANY, &["ecr:GetAuthorizationToken"]), on(REPOSITORIES, PUSH)]),
    ("ecs:DescribeServices", &[on(ANY, &["ecs:DescribeServices"])]),
    ("ecs:DescribeTaskDefinition", &[on(ANY, &["ecs:DescribeTaskDefinition"])]),
    ("ecs:DescribeTasks", &[on(ANY, &["ecs:DescribeTasks"])]),
    ("ecs:ListTasks", &[on(ANY, &["ecs:ListTasks"])]),
    ("elasticloadbalancing:DescribeListeners", &[on(ANY, &["elasticloadbalancing:DescribeListeners"])]),
    (
        "elasticloadbalancing:DescribeLoadBalancers",
        &[on(ANY, &["elasticloadbalancing:DescribeLoadBalancers"])],
    ),
    ("elasticloadbalancing:DescribeRules", &[on(ANY, &["elasticloadbalancing:DescribeRules"])]),
    ("elasticloadbalancing:DescribeTargetHealth", &[on(ANY, &["elasticloadbalancing:DescribeTargetHealth"])]),
    ("iam:GetRole", &[on(ANY, &["iam:GetRole"])]),
    ("iam:SimulatePrincipalPolicy", &[on(ANY, &["iam:SimulatePrincipalPolicy"])]),
    ("logs:FilterLogEvents", &[on(LOGS, &["logs:FilterLogEvents"])]),
    ("logs:GetLogEvents", &[on(LOGS, &["logs:GetLogEvents"])]),
    ("monitoring:DescribeAlarms", &[on(ANY, &["cloudwatch:DescribeAlarms"])]),
    ("s3:HeadObject", OBJECT_READ),
    ("s3:ListObjectsV2", &[on(ANY, &["s3:ListBucket"])]),
    ("s3:PutObject", OBJECT_WRITE),
    ("secretsmanager:DeleteSecret", &[on(SECRETS, &["secretsmanager:DeleteSecret"])]),
    ("secretsmanager:DescribeSecret", &[on(SECRETS, &["secretsmanager:DescribeSecret"])]),
    ("ssm:GetParameter", &[on(PARAMETERS, &["ssm:GetParameter"])]),
    ("ssm:GetParametersByPath", &[on(PARAMETERS, &["ssm:GetParametersByPath"])]),
    ("stack:pipeline", PIPELINE_STACK),
    ("sts:AssumeRole", &[on(MANAGERS, &["sts:AssumeRole"])]),
    // Everybody may ask who they are.
    ("sts:GetCallerIdentity", &[on(ANY, &["sts:GetCallerIdentity"])]),
    ("tagging:GetResources", &[on(ANY, &["tag:GetResources"])]),
];

const REPOSITORIES: &[&str] = &["arn:{partition}:ecr:*:{account}:repository/{app}/*"];
/// What a container engine that is logged in asks of a registry.
const PUSH: &[&str] = &[
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];
const PASS_EXECUTOR: Grant = Grant {
    actions: &["iam:PassRole"],
    resources: EXECUTORS,
    condition: Some(("StringEquals", "iam:PassedToService", "cloudformation.amazonaws.com")),
};
const PIPELINE_STACK: &[Grant] = &[
    on(
        PIPELINES,
        &[
            "codepipeline:CreatePipeline",
            "codepipeline:DeletePipeline",
            "codepipeline:GetPipeline",
            "codepipeline:GetPipelineState",
            "codepipeline:TagResource",
            "codepipeline:UntagResource",
            "codepipeline:UpdatePipeline",
        ],
    ),
    on(
        BUILDS,
        &[
            "codebuild:BatchGetProjects",
            "codebuild:CreateProject",
            "codebuild:DeleteProject",
            "codebuild:UpdateProject",
        ],
    ),
    on(
        ROLES,
        &[
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
        ],
    ),
    Grant {
        actions: &["iam:PassRole"],
        resources: ROLES,
        condition: Some(("StringLike", "iam:PassedToService", "code*.amazonaws.com")),
    },
    on(
        CONNECTIONS,
        &[
            "codeconnections:CreateConnection",
            "codeconnections:DeleteConnection",
            "codeconnections:GetConnection",
            "codeconnections:PassConnection",
            "codeconnections:TagResource",
            "codestar-connections:CreateConnection",
            "codestar-connections:DeleteConnection",
            "codestar-connections:GetConnection",
            "codestar-connections:PassConnection",
            "codestar-connections:TagResource",
        ],
    ),
    on(BUCKETS, &["s3:GetBucketPolicy", "s3:GetBucketVersioning"]),
];
