//! When a job runs.

use copilot_manifest::workload::ScheduledJob;

use crate::workload::model::Job;

/// When a job runs, for how long, and how often it is tried again.
pub(super) fn job(manifest: &ScheduledJob) -> Job {
    Job { schedule: manifest.schedule(), timeout: manifest.timeout_secs(), retries: manifest.tries_again() }
}
