//! The calls of commands that look at applications, services and jobs.

use super::Verb;

/// What finds a deployed workload.
const FINDING: &[&str] = &["ssm:GetParameter", "ssm:GetParametersByPath", "sts:AssumeRole"];

/// Each command with what it can call. Lists are sorted.
pub(super) const VERBS: &[Verb] = &[
    Verb { name: "app ls", caller: &["ssm:GetParametersByPath"], manager: &[] },
    Verb {
        name: "app show",
        caller: &[
            "cloudformation:GetTemplateSummary",
            "codepipeline:GetPipeline",
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "sts:AssumeRole",
            "tagging:GetResources",
        ],
        manager: &["cloudformation:DescribeStacks"],
    },
    Verb {
        name: "job logs",
        caller: FINDING,
        manager: &[
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "tagging:GetResources",
        ],
    },
    Verb { name: "job ls", caller: &["ssm:GetParametersByPath"], manager: &[] },
    Verb {
        name: "svc logs",
        caller: FINDING,
        manager: &[
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "logs:FilterLogEvents",
            "tagging:GetResources",
        ],
    },
    Verb { name: "svc ls", caller: &["ssm:GetParametersByPath"], manager: &[] },
    Verb {
        name: "svc show",
        caller: FINDING,
        manager: &[
            "apprunner:DescribeObservabilityConfiguration",
            "apprunner:DescribeService",
            "apprunner:DescribeVpcIngressConnection",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplateSummary",
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "elasticloadbalancing:DescribeRules",
            "monitoring:DescribeAlarms",
            "s3:ListObjectsV2",
            "tagging:GetResources",
        ],
    },
    Verb {
        name: "svc status",
        caller: FINDING,
        manager: &[
            "apprunner:DescribeService",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "ecs:DescribeServices",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "elasticloadbalancing:DescribeTargetHealth",
            "logs:FilterLogEvents",
            "monitoring:DescribeAlarms",
            "s3:ListObjectsV2",
            "tagging:GetResources",
        ],
    },
];
