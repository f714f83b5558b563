//! Where logs go.

use copilot_manifest::workload::{Logging, defaults};

use super::container::{secrets, text, texts, variables};
use crate::facts::Facts;
use crate::workload::model::LogRouter;
use crate::workload::part::log_router;

const DEFAULT_IMAGE: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable";

pub(super) fn log_router<'a>(logging: Option<&'a Logging>, facts: &'a Facts) -> Option<LogRouter<'a>> {
    let logging = logging.filter(|logging| logging.has_router())?;
    Some(LogRouter {
        image: text(logging.image.as_ref()).unwrap_or(DEFAULT_IMAGE),
        destination: texts(logging.destination.as_ref()),
        secret_options: secrets(logging.secret_options.as_ref()),
        metadata: logging.enable_metadata.as_ref().is_none_or(|flag| flag.value),
        config_file: text(logging.config_file_path.as_ref()),
        variables: variables(logging.variables.as_ref()),
        secrets: secrets(logging.secrets.as_ref()),
        env_file: facts.env_files.get(log_router::NAME).map(String::as_str),
    })
}

/// Days for which logs are kept.
pub(super) fn retention(logging: Option<&Logging>) -> i64 {
    logging.and_then(|logging| logging.retention.as_ref()).map_or(defaults::LOG_RETENTION, |days| days.value)
}
