//! Where logs go.

use crate::decode::{Blank, Map};
use crate::workload::value::{Secret, Variable};

crate::record! {
    /// Where logs go. Any key but `retention` adds a FireLens log router to the task.
    pub struct Logging {
        /// Days that CloudWatch keeps the logs; one of the numbers that CloudWatch Logs knows. Default: 30.
        retention: i64,
        /// Image of the log router. Default: `public.ecr.aws/aws-observability/aws-for-fluent-bit:stable`.
        image: String,
        /// Options of the router's output, such as `Name: cloudwatch`.
        destination: Map<String>,
        /// Whether the router adds cluster, task and task definition to each record. Default: true.
        enable_metadata as "enableMetadata": bool,
        /// Options of the router's output that are secret.
        secret_options as "secretOptions": Map<Secret>,
        /// Path of a configuration file in the router's image.
        config_file_path as "configFilePath": String,
        /// Environment variables of the router.
        variables: Map<Variable>,
        /// Secret environment variables of the router.
        secrets: Map<Secret>,
        /// Path of a file with environment variables of the router, relative to the workspace's root; its name ends in `.env`.
        env_file: String,
    }
}

impl Logging {
    /// Whether the task gets a log router: anything but `retention` is set.
    pub fn has_router(&self) -> bool {
        !(self.image.is_blank()
            && self.destination.is_blank()
            && self.enable_metadata.is_blank()
            && self.secret_options.is_blank()
            && self.config_file_path.is_blank()
            && self.variables.is_blank()
            && self.secrets.is_blank()
            && self.env_file.is_blank())
    }
}
