//! AWS X-Ray: a container that collects traces, and what it may do.

use copilot_cfn::{Value, cfn};

use super::log_group;
use crate::workload::iam::policy;

/// The collector.
pub(crate) fn container() -> Value {
    cfn!({
        "Name": "aws-otel-collector",
        "Image": "public.ecr.aws/aws-observability/aws-otel-collector:v0.17.0",
        "Command": ["--config=/etc/ecs/ecs-xray.yaml"],
        "LogConfiguration": log_group::log_configuration(),
    })
}

/// What the tasks may do for it.
pub(crate) fn task_policy() -> Value {
    policy(
        "AWSDistroOpenTelemetryPolicy",
        cfn!([{
            "Effect": "Allow",
            "Action": [
                "logs:PutLogEvents",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:DescribeLogGroups",
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:GetSamplingStatisticSummaries",
            ],
            "Resource": "*",
        }]),
    )
}
