//! Priorities of rules: a function looks which ones are free.
//!
//! It looks again whenever one of its properties changes, and the rules then move: nothing here may change without need.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Value, cfn};

use crate::template::About as _;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::iam::{function_role, policy};
use crate::workload::model::Http;
use crate::workload::stack::Stack;

const FUNCTION: Function = Function {
    id: "RulePriorityFunction",
    role: "RulePriorityFunctionRole",
    handler: "index.nextAvailableRulePriorityHandler",
    timeout: 600,
};

pub(super) fn add_function(stack: &mut Stack, cx: &Context<'_>) {
    let statements = cfn!([{
        "Effect": "Allow",
        "Action": ["elasticloadbalancing:DescribeRules"],
        "Resource": "*",
    }]);
    stack.resource(FUNCTION.id, FUNCTION.resource(cx));
    let role = function_role(cx, cfn!([policy("RulePriorityGeneratorAccess", statements)]));
    stack.resource(FUNCTION.role, role.about("Role of the function that looks for free priorities"));
}

/// Adds the action that looks at a listener; its result is where the rules get their priorities from.
pub(super) fn add(stack: &mut Stack, id: &'static str, http: &Http<'_>, listener: Value) -> Priorities {
    let paths: Vec<Value> = http.rules.iter().map(|rule| Value::from(rule.path.clone())).collect();
    let action = FUNCTION.action().property("RulePath", paths).property("ListenerArn", listener);
    let protocol = if id.starts_with("HTTPS") { "HTTPS" } else { "HTTP" };
    stack.resource(id, action.about(format!("Free priorities among the {protocol} rules")));
    Priorities(id)
}

/// Where rules get their priorities from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Priorities(&'static str);

impl Priorities {
    pub(super) fn of_rule(self, place: usize) -> Value {
        get_att(self.0, crate::template::names::numbered("Priority", place))
    }
}
