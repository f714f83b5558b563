//! Values that templates of workloads have in common: what the environment exports, and names made of the parameters.

use copilot_cfn::intrinsic::{cond_if, get_att, import_value, join, no_value, reference, sub};
use copilot_cfn::{Value, cfn};

use crate::template::as_written::as_written;
pub(crate) use crate::template::stack::{Stack, only_if};

/// The value of an export of the environment's stack.
pub(crate) fn env_import(suffix: &str) -> Value {
    import_value(sub(format!("${{AppName}}-${{EnvName}}-{suffix}")))
}

/// The value of an export whose name was pasted behind `!ImportValue`: nothing was an empty name there.
pub(crate) fn import_as_written(name: &str) -> Value {
    import_value(match as_written(name) {
        Value::Null => Value::from(""),
        name => name,
    })
}

/// `APP-ENV-WORKLOAD` with something behind it.
pub(crate) fn full_name(suffix: Option<&'static str>) -> Value {
    let name =
        cfn!([reference("AppName"), "-", reference("EnvName"), "-", reference("WorkloadName"), ..suffix]);
    join("", name)
}

/// An attribute of the action that asks the environment's stack for what the workload needs.
pub(crate) fn from_environment(attribute: &'static str) -> Value {
    get_att("EnvControllerAction", attribute)
}

/// The value in all partitions whose ECS has the feature: all but those of the US government.
pub(crate) fn not_in_gov_cloud(value: impl Into<Value>) -> Value {
    cond_if("IsGovCloud", no_value(), value)
}

/// The output of the nested stack of addons.
pub(crate) fn addon_output(name: &str) -> Value {
    get_att("AddonsStack", format!("Outputs.{name}"))
}
