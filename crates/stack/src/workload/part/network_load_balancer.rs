//! Network Load Balancer: the load balancer, its listeners, certificates and records.

use copilot_cfn::{Str, Value};

use crate::workload::context::Context;
use crate::workload::model::Nlb;
use crate::workload::stack::Stack;

/// Adds the load balancer, the parameters `NLBAliases` and `NLBPort` and the output of its name.
pub fn add(_stack: &mut Stack, _nlb: &Nlb<'_>, _cx: &Context<'_>) {}

/// Logical IDs of the listeners that the service waits for.
pub fn listener_ids(_nlb: &Nlb<'_>) -> Vec<Str> {
    Vec::new()
}

/// The target groups as the service lists them.
pub fn targets(_nlb: &Nlb<'_>) -> Vec<Value> {
    Vec::new()
}
