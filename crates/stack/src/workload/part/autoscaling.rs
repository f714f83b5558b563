//! Application Auto Scaling: the target, its policies, and the backlog of a worker's queues.

use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::stack::Stack;

/// Adds what keeps the number of tasks, where the count is not fixed.
pub fn add(_stack: &mut Stack, _workload: &EcsWorkload<'_>, _cx: &Context<'_>) {}
