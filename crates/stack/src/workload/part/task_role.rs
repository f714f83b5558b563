//! The role that a workload's own code has.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Value, cfn};

use super::{publish, tracing, volume};
use crate::template::About as _;
use crate::workload::context::Context;
use crate::workload::iam::{policy, role, trust};
use crate::workload::model::{EcsKind, EcsWorkload, Topic};
use crate::workload::stack::{Stack, addon_output};

/// Adds the role.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    let mut policies = vec![deny_iam()];
    if workload.exec && workload.kind != EcsKind::Job {
        policies.push(execute_command());
    }
    policies.extend(volume::task_policies(&workload.volumes));
    policies.extend(publish_policy(&workload.publish));
    policies.extend(workload.tracing.then(tracing::task_policy));
    let role = role(cx, trust("ecs-tasks.amazonaws.com"))
        .about("Role of the code in the tasks")
        .property_opt("ManagedPolicyArns", addon_policies(cx))
        .property("Policies", policies);
    stack.resource("TaskRole", role);
}

/// The policies that addons define.
pub(crate) fn addon_policies(cx: &Context<'_>) -> Option<Value> {
    let arns: Vec<Value> = cx.addons?.policies().map(addon_output).collect();
    (!arns.is_empty()).then(|| arns.into())
}

/// A workload's code may not change who may do what.
pub(crate) fn deny_iam() -> Value {
    policy("DenyIAM", cfn!([{ "Effect": "Deny", "Action": "iam:*", "Resource": "*" }]))
}

/// Publishing to the workload's topics, where it has any.
pub(crate) fn publish_policy(topics: &[Topic]) -> Option<Value> {
    let arns: Vec<Value> = topics.iter().map(|topic| reference(publish::topic_id(topic))).collect();
    let statement = |arns| cfn!([{ "Effect": "Allow", "Action": "sns:Publish", "Resource": arns }]);
    (!arns.is_empty()).then(|| policy("Publish2SNS", statement(Value::from(arns))))
}

fn execute_command() -> Value {
    policy(
        "ExecuteCommand",
        cfn!([
            {
                "Effect": "Allow",
                "Action": [
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": "*",
            },
        ]),
    )
}
