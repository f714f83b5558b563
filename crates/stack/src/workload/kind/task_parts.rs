//! What all workloads have that run as tasks of ECS.

use copilot_cfn::intrinsic::{equals, reference};

use crate::template::names::logical_id;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::part::{
    addons_stack, env_controller, execution_role, log_group, publish, task_definition, task_role,
};
use crate::workload::stack::Stack;

/// Names, image and size.
pub(super) fn add_parameters(stack: &mut Stack, workload: &EcsWorkload<'_>) {
    for name in ["AppName", "EnvName", "WorkloadName", "ContainerImage", "TaskCPU", "TaskMemory"] {
        stack.parameter(name, "String");
    }
    stack.parameter("TaskCount", "Number");
    stack.parameter("ArtifactKeyARN", "String");
    stack.optional("HasAddons", "AddonsTemplateURL");
    stack.optional("HasEnvFile", "EnvFileARN");
    if workload.log_router.is_some() {
        stack.optional("HasLoggingEnvFile", "LoggingEnvFileARN");
    }
    for sidecar in &workload.sidecars {
        let id = logical_id(sidecar.container.name);
        stack.optional(format!("HasEnvFileFor{id}"), format!("EnvFileARNFor{id}"));
    }
}

/// A condition that holds where ECS lacks some features.
pub(super) fn add_gov_cloud_condition(stack: &mut Stack) {
    stack.condition("IsGovCloud", equals(reference("AWS::Partition"), "aws-us-gov"));
}

/// Task definition, roles, log group, topics, addons and the request to the environment.
pub(super) fn add_resources(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    log_group::add(stack);
    task_definition::add(stack, workload, cx);
    execution_role::add(stack, workload, cx);
    task_role::add(stack, workload, cx);
    env_controller::add_for_tasks(stack, workload, cx);
    addons_stack::add(stack, !env_controller::parameters_of(workload).is_empty(), cx);
    publish::add(stack, &workload.publish);
}
