//! Application Load Balancer: target groups, rules and DNS records.

use copilot_cfn::{Str, Value};

use crate::workload::context::Context;
use crate::workload::model::{EcsWorkload, Http};
use crate::workload::stack::Stack;

/// Adds target groups, listener rules and records, and the parameters `HTTPSEnabled` and `RulePath`.
pub fn add(_stack: &mut Stack, _workload: &EcsWorkload<'_>, _http: &Http<'_>, _cx: &Context<'_>) {}

/// Logical IDs of the rules that the service waits for.
pub fn rule_ids(_http: &Http<'_>) -> Vec<Str> {
    Vec::new()
}

/// The target groups as the service lists them.
pub fn targets(_http: &Http<'_>) -> Vec<Value> {
    Vec::new()
}
