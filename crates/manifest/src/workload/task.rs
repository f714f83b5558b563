//! What all ECS tasks have.

use crate::decode::{Map, Spanned};
use crate::workload::value::{AnyYaml, Secret, ShellWords, Variable};
use crate::workload::{Count, Exec, Platform, Storage};

crate::record! {
    /// What a container runs in place of what its image says.
    pub struct CommandOverride {
        /// Replaces the image's entry point: a list, or a text that is split like a shell does.
        entrypoint: ShellWords,
        /// Replaces the image's command: a list, or a text that is split like a shell does.
        command: ShellWords,
    }
}

crate::record! {
    /// Size, number and surroundings of tasks.
    pub struct Task {
        /// CPU units of the task; 1024 are one vCPU. Default: 256.
        cpu: i64,
        /// Memory of the task in MiB. Default: 512.
        memory: i64,
        /// Operating system and architecture, as in `linux/arm64`. Default: `linux/amd64`.
        platform: Platform,
        /// Number of tasks, or how it follows the load. Default: 1.
        count: Count,
        /// Whether commands can be run inside the containers. Default: false.
        exec: Exec,
        /// Environment variables of the main container: a value, or `from_cfn` with the name of another stack's export.
        variables: Map<Variable>,
        /// Path of a file with environment variables, relative to the workspace's root; its name ends in `.env`.
        env_file: String,
        /// Secret environment variables of the main container: name or ARN of an SSM parameter, ARN of a secret,
        /// `secretsmanager` with a secret's name, or `from_cfn` with the name of another stack's export.
        secrets: Map<Secret>,
        /// Disks of the task.
        storage: Storage,
    }
}

impl Task {
    /// Whether the task runs Windows.
    pub fn is_windows(&self) -> bool {
        self.platform.as_deref().is_some_and(Platform::is_windows)
    }
}

crate::record! {
    /// A change to the rendered task definition.
    pub struct OverrideRule {
        /// The property to change, as in `ContainerDefinitions[0].Ulimits[-].HardLimit`; `-` appends to a list.
        path: String,
        /// The value, CloudFormation's tags included.
        value: AnyYaml,
    }
}

/// Changes to the rendered task definition, in order.
pub type OverrideRules = Vec<Spanned<OverrideRule>>;
