//! Containers of a task.

use std::borrow::Cow;

/// A text, or the name of the export of another stack that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    /// The text itself.
    Plain(&'a str),
    /// The name of an export.
    Export(&'a str),
}

/// Where ECS finds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential<'a> {
    /// Name or ARN of a parameter, or the ARN of a secret.
    Source(&'a str),
    /// Name of a secret of Secrets Manager, with its optional key, stage and version.
    SecretsManager(&'a str),
    /// Name of an export that holds one of these.
    Export(&'a str),
}

/// What the main container and a sidecar have in common.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Container<'a> {
    /// Name, by which other containers and load balancers refer to it.
    pub name: &'a str,
    /// Words of the entry point; none: that of the image.
    pub entrypoint: Vec<Cow<'a, str>>,
    /// Words of the command; none: that of the image.
    pub command: Vec<Cow<'a, str>>,
    /// Environment variables, sorted by name.
    pub variables: Vec<(&'a str, Text<'a>)>,
    /// Secrets, sorted by name.
    pub secrets: Vec<(&'a str, Credential<'a>)>,
    /// Docker labels, sorted.
    pub labels: Vec<(&'a str, &'a str)>,
    /// Containers that have to reach a state before, sorted by name; the state in upper case.
    pub depends_on: Vec<(&'a str, String)>,
    /// How its health is checked.
    pub health_check: Option<HealthCheck<'a>>,
    /// ARN of the secret with which its image is pulled.
    pub credentials: Option<&'a str>,
    /// Volumes it sees.
    pub mounts: Vec<Mount<'a>>,
}

/// A container's health check; durations in whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HealthCheck<'a> {
    /// Words of the command, the first of which is `CMD` or `CMD-SHELL`.
    pub command: Vec<Cow<'a, str>>,
    /// Time between two checks.
    pub interval: i64,
    /// Failures in a row that make it unhealthy.
    pub retries: i64,
    /// Time in which failures do not count.
    pub start_period: i64,
    /// Time after which a check has failed.
    pub timeout: i64,
}

/// A volume in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mount<'a> {
    /// The volume's name.
    pub volume: &'a str,
    /// Its path in the container.
    pub path: &'a str,
    /// Whether the container may only read.
    pub read_only: bool,
}

/// A container beside the main one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sidecar<'a> {
    /// What it has in common with the main container.
    pub container: Container<'a>,
    /// Its image; empty when it is built and nothing was pushed yet.
    pub image: Cow<'a, str>,
    /// Whether the task stops with it. Left out: ECS says yes.
    pub essential: Option<bool>,
    /// ARN of its uploaded env file.
    pub env_file: Option<&'a str>,
}

/// The `FireLens` container that routes the logs of the main container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogRouter<'a> {
    /// Image of Fluent Bit.
    pub image: &'a str,
    /// Options of the output, sorted by name.
    pub destination: Vec<(&'a str, &'a str)>,
    /// Options of the output that are secrets, sorted by name.
    pub secret_options: Vec<(&'a str, Credential<'a>)>,
    /// Whether names of cluster, task and container are added to every record.
    pub metadata: bool,
    /// Path of an own configuration inside the image.
    pub config_file: Option<&'a str>,
    /// Environment variables of the router, sorted by name.
    pub variables: Vec<(&'a str, Text<'a>)>,
    /// Secrets of the router, sorted by name.
    pub secrets: Vec<(&'a str, Credential<'a>)>,
    /// ARN of its uploaded env file.
    pub env_file: Option<&'a str>,
}
