//! `Scheduled Job`.

use copilot_cfn::{Error, Template};

use super::task_parts;
use crate::workload::context::Context;
use crate::workload::model::{EcsWorkload, Job};
use crate::workload::part::{schedule, state_machine};
use crate::workload::stack::Stack;

/// Renders the stack.
pub(crate) fn render(workload: &EcsWorkload<'_>, job: &Job, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack = Stack::new("CloudFormation template that represents a scheduled job on Amazon ECS.");
    task_parts::add_parameters(&mut stack, workload);
    stack.parameter("Schedule", "String");
    stack.parameter("LogRetention", "Number");

    task_parts::add_resources(&mut stack, workload, cx);
    schedule::add(&mut stack, &job.schedule, cx);
    state_machine::add(&mut stack, workload, job, cx);
    stack.finish()
}
