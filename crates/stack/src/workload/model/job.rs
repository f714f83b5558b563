//! Scheduled jobs.

/// When a job runs, and what happens when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What starts it.
    pub trigger: Trigger,
    /// Seconds after which a run is stopped.
    pub timeout: Option<i64>,
    /// How often a failed run is tried again; at least 1.
    pub retries: Option<i64>,
}

/// What starts a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// Nothing but a call by hand; the rule is there, disabled.
    Manual,
    /// An expression of EventBridge, `rate(…)` or `cron(…)`.
    Schedule(String),
}

impl Trigger {
    /// The stack's parameter.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Manual => "none",
            Self::Schedule(expression) => expression,
        }
    }
}
