//! Scheduled jobs.

use copilot_manifest::workload::Schedule;

/// When a job runs, and what happens when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    /// What starts it.
    pub schedule: Schedule,
    /// Seconds after which a run is stopped.
    pub timeout: Option<i64>,
    /// How often a failed run is tried again; at least 1.
    pub retries: Option<i64>,
}
