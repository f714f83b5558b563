//! `FireLens`: a container that routes the logs of the main container.

use copilot_cfn::{Map, Value, cfn};

use super::{container::environment_files, environment_variables as env, log_group, secret};
use crate::template::as_written::as_written;
use crate::workload::model::LogRouter;

/// Name of the container that routes logs.
pub(crate) const NAME: &str = "firelens_log_router";

/// The container.
pub(crate) fn container(router: &LogRouter<'_>, common: &[Value]) -> Value {
    let mut variables = common.to_vec();
    variables.extend(env::own(&router.variables));
    let secrets = secret::list(&router.secrets);
    let mut options = Map::new();
    options.insert("enable-ecs-log-metadata", router.metadata);
    if let Some(path) = router.config_file {
        options.insert("config-file-type", "file");
        options.insert("config-file-value", as_written(path));
    }
    cfn!({
        "Name": NAME,
        "Image": as_written(router.image),
        "Environment": variables,
        "EnvironmentFiles": environment_files("HasLoggingEnvFile".into(), "LoggingEnvFileARN".into()),
        "Secrets"?: (!secrets.is_empty()).then_some(secrets),
        "FirelensConfiguration": { "Type": "fluentbit", "Options": options },
        "LogConfiguration": log_group::log_configuration(),
    })
}

/// How the main container hands its logs over.
pub(crate) fn driver(router: &LogRouter<'_>) -> Value {
    let options: Map = router
        .destination
        .iter()
        .map(|(key, value)| (as_key(key), Value::from((*value).to_owned())))
        .collect();
    let secrets = secret::list(&router.secret_options);
    cfn!({
        "LogDriver": "awsfirelens",
        "Options"?: (!options.is_empty()).then_some(options),
        "SecretOptions"?: (!secrets.is_empty()).then_some(secrets),
    })
}

/// A key that lost its quotes when it was pasted.
fn as_key(key: &str) -> String {
    as_written(key).scalar_text().map_or_else(|| key.to_owned(), std::borrow::Cow::into_owned)
}
