//! The log group of a workload's tasks.

use copilot_cfn::intrinsic::{join, reference};
use copilot_cfn::{Resource, Value, cfn};

use crate::template::About as _;
use crate::workload::stack::Stack;

/// Adds the log group.
pub(crate) fn add(stack: &mut Stack) {
    let name =
        cfn!(["/copilot/", reference("AppName"), "-", reference("EnvName"), "-", reference("WorkloadName")]);
    stack.resource(
        "LogGroup",
        Resource::new("AWS::Logs::LogGroup")
            .about("Log group of the tasks")
            .property("LogGroupName", join("", name))
            .property("RetentionInDays", reference("LogRetention")),
    );
}

/// How a container writes to it.
pub(crate) fn log_configuration() -> Value {
    cfn!({
        "LogDriver": "awslogs",
        "Options": {
            "awslogs-region": reference("AWS::Region"),
            "awslogs-group": reference("LogGroup"),
            "awslogs-stream-prefix": "copilot",
        },
    })
}
