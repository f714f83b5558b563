//! App Runner: the service, its roles, its way into the environment's network and its domain name.

pub(crate) mod domain;
pub(crate) mod role;
pub(crate) mod service;
pub(crate) mod vpc_connector;

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Value, cfn};

use crate::template::as_written::as_written;
use crate::workload::model::AppRunner;

/// Tags that App Runner does not take over from the stack.
fn tags(service: &AppRunner<'_>) -> Vec<Value> {
    let common = [
        ("copilot-application", "AppName"),
        ("copilot-environment", "EnvName"),
        ("copilot-service", "WorkloadName"),
    ];
    let common = common.map(|(key, name)| cfn!({ "Key": key, "Value": reference(name) }));
    let own =
        service.tags.iter().map(|(key, value)| cfn!({ "Key": as_written(key), "Value": as_written(value) }));
    common.into_iter().chain(own).collect()
}
