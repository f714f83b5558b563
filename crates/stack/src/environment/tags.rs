//! The tag `Name` of resources, by which people find them in the console.

use copilot_cfn::intrinsic::sub;
use copilot_cfn::{Value, cfn};

/// `copilot-APP-ENV` with something behind it.
pub(super) fn name(suffix: &str) -> Value {
    cfn!([{ "Key": "Name", "Value": sub(format!("copilot-${{AppName}}-${{EnvironmentName}}{suffix}")) }])
}
