//! Where containers get their secrets from.

use copilot_cfn::intrinsic::{import_value, sub};
use copilot_cfn::{Value, cfn};

use crate::template::as_written::as_written;
use crate::template::names::screaming_snake;
use crate::workload::model::Credential;
use crate::workload::stack::addon_output;

/// Where a secret is found.
pub(crate) fn source(secret: Credential<'_>) -> Value {
    match secret {
        Credential::Source(name) => as_written(name),
        Credential::SecretsManager(name) => sub(format!(
            "arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}"
        )),
        Credential::Export(name) => import_value(name.to_owned()),
    }
}

/// The secrets of a container, as a task definition lists them.
pub(crate) fn list(secrets: &[(&str, Credential<'_>)]) -> Vec<Value> {
    secrets.iter().map(|(name, secret)| entry(as_written(name), source(*secret))).collect()
}

/// The secret that is an output of the addons.
pub(crate) fn of_addon(output: &str) -> Value {
    entry(screaming_snake(output).into(), addon_output(output))
}

fn entry(name: Value, source: Value) -> Value {
    cfn!({ "Name": name, "ValueFrom": source })
}
