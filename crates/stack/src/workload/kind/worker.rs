//! `Worker Service`.

use copilot_cfn::intrinsic::no_value;
use copilot_cfn::{Error, Template};
use copilot_manifest::workload::defaults;

use super::task_parts;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::part::{autoscaling, deployment_alarms, service, subscribe};
use crate::workload::stack::Stack;

/// Renders the stack.
pub(crate) fn render(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack = Stack::new("CloudFormation template that represents a worker service on Amazon ECS.");
    task_parts::add_parameters(&mut stack, workload);
    stack.parameter_or("LogRetention", "Number", defaults::LOG_RETENTION);
    task_parts::add_gov_cloud_condition(&mut stack);

    task_parts::add_resources(&mut stack, workload, cx);
    subscribe::add(&mut stack, workload);
    let service = service::base(workload, cx).property("ServiceRegistries", no_value());
    stack.resource_after("Service", ["EnvControllerAction"], service);
    autoscaling::add(&mut stack, workload, cx);
    deployment_alarms::add(&mut stack, &workload.deployment, cx);
    stack.finish()
}
