//! The action that asks the environment's stack for what the workload needs of it.

use copilot_cfn::intrinsic::{reference, sub};
use copilot_cfn::{Value, cfn};

use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::iam::{function_role, policy, tagged_for_environment};
use crate::workload::model::{EcsKind, EcsWorkload, Placement, VolumeKind};
use crate::workload::stack::Stack;

const FUNCTION: Function = Function {
    id: "EnvControllerFunction",
    role: "EnvControllerRole",
    handler: "index.handler",
    timeout: 900,
};

/// Parameters of the environment's stack that a workload has a say in, in the order in which the action lists them.
pub(crate) fn parameters_of(workload: &EcsWorkload<'_>) -> Vec<&'static str> {
    let mut list = Vec::new();
    let imported = workload.http.as_ref().is_some_and(|http| http.imported.is_some());
    match workload.kind {
        EcsKind::LoadBalanced if !imported => {
            list.extend(workload.http.is_some().then_some("ALBWorkloads"));
            list.push("Aliases");
        }
        EcsKind::Backend if workload.http.is_some() && !imported => list.push("InternalALBWorkloads"),
        _ => {}
    }
    if workload.network.placement == Placement::Private {
        list.push("NATWorkloads");
    }
    if workload.volumes.iter().any(|volume| matches!(volume.kind, VolumeKind::Managed { .. })) {
        list.push("EFSWorkloads");
    }
    list
}

/// Adds the action of a workload that runs as tasks of ECS.
pub(crate) fn add_for_tasks(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    let aliases = workload
        .http
        .as_ref()
        .filter(|http| workload.kind == EcsKind::LoadBalanced && http.imported.is_none());
    let mut unique: Vec<&str> = Vec::new();
    for alias in aliases.iter().flat_map(|http| &http.rules).flat_map(|rule| &rule.aliases) {
        if !unique.contains(alias) {
            unique.push(alias);
        }
    }
    let aliases: Vec<Value> = unique.into_iter().map(|alias| alias.to_owned().into()).collect();
    add(stack, &parameters_of(workload), aliases, cx);
}

/// Adds the action with its function and role.
pub(crate) fn add(stack: &mut Stack, parameters: &[&'static str], aliases: Vec<Value>, cx: &Context<'_>) {
    let version = cx.environment.version.as_deref().unwrap_or_default();
    let action = FUNCTION.action().properties(cfn!({
        "Workload": reference("WorkloadName"),
        "Aliases"?: (!aliases.is_empty()).then_some(aliases),
        "EnvStack": sub("${AppName}-${EnvName}"),
        "Parameters": parameters,
        "EnvVersion": as_written(version),
    }));
    let action = action.about("Request to the environment for what this workload shares");
    stack.resource("EnvControllerAction", action);
    stack.resource(FUNCTION.id, FUNCTION.resource(cx));
    let role = function_role(cx, policies());
    stack.resource(FUNCTION.role, role.about("Role of the function that updates the environment's stack"));
}

fn policies() -> Value {
    cfn!([
        policy(
            "EnvControllerStackUpdate",
            cfn!([{
                "Effect": "Allow",
                "Action": ["cloudformation:DescribeStacks", "cloudformation:UpdateStack"],
                "Resource":
                    sub("arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AppName}-${EnvName}/*"),
                "Condition": tagged_for_environment("cloudformation"),
            }])
        ),
        policy(
            "EnvControllerRolePass",
            cfn!([{
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource":
                    sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AppName}-${EnvName}-CFNExecutionRole"),
                "Condition": tagged_for_environment("iam"),
            }])
        ),
    ])
}
