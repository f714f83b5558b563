//! Application Load Balancer.

/// How an Application Load Balancer reaches the service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Http<'a> {
    /// The rules: the main one first. Empty for `http: true`, which names none.
    pub rules: Vec<Rule<'a>>,
    /// Whether the listener speaks HTTPS: the application has a domain, or the environment has certificates.
    pub https: bool,
    /// The load balancer that is used in place of the environment's own.
    pub imported: Option<ImportedAlb<'a>>,
    /// Path of the main rule as the manifest has it, for the stack's parameter.
    pub written_path: Option<&'a str>,
}

/// A rule of the listener with its target group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule<'a> {
    /// Path prefix with its leading slash.
    pub path: String,
    /// Container the requests go to.
    pub container: &'a str,
    /// Port they go to; empty when the container exposes none.
    pub port: String,
    /// `GRPC`, `HTTP1` or `HTTP2`.
    pub version: Option<String>,
    /// How targets are checked.
    pub health_check: HttpHealthCheck<'a>,
    /// Host names; empty unless HTTPS is spoken.
    pub aliases: Vec<&'a str>,
    /// Host names by the hosted zone that gets their records, sorted by zone.
    pub zones: Vec<(&'a str, Vec<&'a str>)>,
    /// Whether a client stays with a task.
    pub stickiness: bool,
    /// Seconds a target that leaves still finishes its requests.
    pub deregistration_delay: i64,
    /// Address blocks that may ask.
    pub allowed_source_ips: Vec<&'a str>,
    /// Whether HTTP is answered with a redirect to HTTPS.
    pub redirect_to_https: bool,
}

/// How a target group checks its targets; durations in whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HttpHealthCheck<'a> {
    /// Path with its leading slash.
    pub path: String,
    /// Port, where it is not that of the traffic.
    pub port: Option<i64>,
    /// Status codes that count as healthy.
    pub success_codes: Option<&'a str>,
    /// Successes in a row.
    pub healthy_threshold: Option<i64>,
    /// Failures in a row.
    pub unhealthy_threshold: Option<i64>,
    /// Time after which a check has failed.
    pub timeout: Option<i64>,
    /// Time between checks.
    pub interval: Option<i64>,
}

/// A load balancer that exists outside of Copilot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportedAlb<'a> {
    /// The part of its ARN that CloudWatch knows it by.
    pub name: &'a str,
    /// Its DNS name.
    pub dns_name: &'a str,
    /// Hosted zone of its DNS name.
    pub hosted_zone: &'a str,
    /// Its security groups.
    pub security_groups: Vec<&'a str>,
    /// Its first listener that speaks HTTPS.
    pub https_listener: Option<ImportedListener<'a>>,
    /// Its first listener that speaks HTTP.
    pub http_listener: Option<ImportedListener<'a>>,
}

/// A listener of an [`ImportedAlb`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImportedListener<'a> {
    /// Its ARN.
    pub arn: &'a str,
}
