//! Roles: one reads the image, one is that of the service's own code.

use copilot_cfn::intrinsic::sub;
use copilot_cfn::{Value, cfn};

use crate::template::About as _;
use crate::workload::context::Context;
use crate::workload::iam::{policy, role, trust_in_list};
use crate::workload::model::AppRunner;
use crate::workload::part::{execution_role, task_role};
use crate::workload::stack::Stack;

/// Adds both roles. The first one is there only when the image is in ECR.
pub(crate) fn add(stack: &mut Stack, service: &AppRunner<'_>, cx: &Context<'_>) {
    let managed =
        sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppRunnerServicePolicyForECRAccess");
    let access = role(cx, trust_in_list("build.apprunner.amazonaws.com"))
        .about("Role with which App Runner fetches the image")
        .condition("NeedsAccessRole")
        .property("ManagedPolicyArns", cfn!([managed]));
    stack.resource("AccessRole", access);
    let instance = role(cx, trust_in_list("tasks.apprunner.amazonaws.com"))
        .about("Role of the service's own code")
        .property_opt("ManagedPolicyArns", task_role::addon_policies(cx))
        .property("Policies", policies(service, cx));
    stack.resource("InstanceRole", instance);
}

fn policies(service: &AppRunner<'_>, cx: &Context<'_>) -> Vec<Value> {
    let has_secrets =
        !service.secrets.is_empty() || cx.addons.is_some_and(|addons| addons.secrets().next().is_some());
    let mut policies = vec![task_role::deny_iam()];
    if has_secrets {
        policies.push(policy("AccessCopilotTaggedSecrets", execution_role::secret_statements()));
    }
    policies.extend(task_role::publish_policy(&service.publish));
    if service.tracing {
        let statements = cfn!([{
            "Effect": "Allow",
            "Action": [
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:GetSamplingStatisticSummaries",
                "ssm:GetParameters",
            ],
            "Resource": "*",
        }]);
        policies.push(policy("EnableAWSXRayTracing", statements));
    }
    policies
}
