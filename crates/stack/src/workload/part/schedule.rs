//! What starts a job.

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Resource, cfn};
use copilot_manifest::workload::Schedule;

use crate::template::About as _;
use crate::workload::context::Context;
use crate::workload::iam::{policy, role, trust};
use crate::workload::stack::Stack;

/// Adds the rule and its role. A job that nothing starts has a rule all the same, which is disabled.
pub(crate) fn add(stack: &mut Stack, schedule: &Schedule, cx: &Context<'_>) {
    let (expression, state) = match schedule {
        Schedule::Manual => ("rate(5 minutes)".into(), "DISABLED"),
        Schedule::Expression(_) => (reference("Schedule"), "ENABLED"),
    };
    let rule = Resource::new("AWS::Events::Rule").properties(cfn!({
        "ScheduleExpression": expression,
        "State": state,
        "Targets": [{
            "Arn": reference("StateMachine"),
            "Id": "statemachine",
            "RoleArn": get_att("RuleRole", "Arn"),
        }],
    }));
    stack.resource("Rule", rule.about("Schedule of the job"));
    let statements = cfn!([{ "Effect": "Allow", "Action": "states:StartExecution", "Resource": reference("StateMachine") }]);
    let starter = role(cx, trust("events.amazonaws.com"))
        .property("Policies", cfn!([policy("EventRulePolicy", statements)]));
    stack.resource("RuleRole", starter);
}
