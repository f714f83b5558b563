//! The calls of commands that render stacks, and of those that show what would change.

use super::Verb;

/// What gathers the facts of an application.
pub(super) const FACTS_CALLER: &[&str] = &[
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackInstances",
    "ec2:DescribeManagedPrefixLists",
    "ssm:GetParameter",
    "ssm:GetParametersByPath",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "tagging:GetResources",
];

/// What looks at environments for facts.
pub(super) const FACTS_MANAGER: &[&str] = &[
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplateSummary",
    "ec2:DescribeSubnets",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "tagging:GetResources",
];

/// What renders a stack that is compared or printed.
pub(super) const RENDERING: &[&str] = &[
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackInstances",
    "ec2:DescribeManagedPrefixLists",
    "ssm:GetParameter",
    "ssm:GetParametersByPath",
    "sts:AssumeRole",
    "tagging:GetResources",
];

/// What packages a workload in its environment, its uploads included.
const PACKAGING_MANAGER: &[&str] = &[
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "ec2:DescribeSubnets",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "s3:HeadObject",
    "s3:PutObject",
    "tagging:GetResources",
];

/// Each command with what it can call. Lists are sorted.
pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "build",
        caller: &[
            "cloudformation:DescribeStacks",
            "cloudformation:ListStackInstances",
            "ec2:DescribeManagedPrefixLists",
            "ecr:BatchGetImage",
            "ecr:GetAuthorizationToken",
            "s3:HeadObject",
            "s3:PutObject",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "sts:AssumeRole",
            "sts:GetCallerIdentity",
        ],
        manager: FACTS_MANAGER,
    },
    Verb {
        name: "env package",
        caller: RENDERING,
        manager: &[
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudformation:GetTemplateSummary",
            "ec2:DescribeSubnets",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "tagging:GetResources",
        ],
    },
    Verb { name: "facts", caller: FACTS_CALLER, manager: FACTS_MANAGER },
    Verb { name: "job package", caller: RENDERING, manager: PACKAGING_MANAGER },
    Verb {
        name: "override",
        caller: &[
            "cloudformation:DescribeStacks",
            "cloudformation:ListStackInstances",
            "codestar-connections:ListConnections",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "tagging:GetResources",
        ],
        manager: &[],
    },
    Verb {
        name: "package",
        caller: &[
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudformation:ListStackInstances",
            "codestar-connections:ListConnections",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "tagging:GetResources",
        ],
        manager: &[],
    },
    Verb {
        name: "plan",
        caller: &[
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeEvents",
            "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudformation:DescribeStackResourceDrifts",
            "cloudformation:DescribeStacks",
            "cloudformation:DetectStackDrift",
            "cloudformation:GetTemplate",
            "cloudformation:ListStackInstances",
            "ec2:DescribeManagedPrefixLists",
            "s3:HeadObject",
            "s3:PutObject",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "sts:AssumeRole",
            "tagging:GetResources",
        ],
        manager: &[
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DeleteStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeEvents",
            "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudformation:DescribeStackResourceDrifts",
            "cloudformation:DescribeStacks",
            "cloudformation:DetectStackDrift",
            "cloudformation:GetTemplate",
            "cloudformation:GetTemplateSummary",
            "ec2:DescribeSubnets",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "s3:HeadObject",
            "s3:PutObject",
            "tagging:GetResources",
        ],
    },
    Verb { name: "svc package", caller: RENDERING, manager: PACKAGING_MANAGER },
];
