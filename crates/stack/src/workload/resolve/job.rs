//! When a job runs.

use copilot_manifest::workload::ScheduledJob;
use copilot_manifest::workload::value::Duration;

use super::Problems;
use crate::codes;
use crate::workload::model::{Job, Trigger};
use crate::workload::schedule::trigger;

/// When a job runs, for how long, and how often it is tried again. It depends on nothing but the manifest.
pub fn job(manifest: &ScheduledJob, problems: &mut Problems<'_>) -> Job {
    Job {
        trigger: schedule(manifest, problems),
        timeout: timeout(manifest, problems),
        retries: retries(manifest, problems),
    }
}

fn schedule(manifest: &ScheduledJob, problems: &mut Problems<'_>) -> Trigger {
    let Some(schedule) = manifest.on.as_ref().and_then(|on| on.schedule.as_ref()) else {
        return Trigger::Manual;
    };
    trigger(schedule).unwrap_or_else(|problem| {
        let help = "write five fields such as `0 9 * * MON-FRI`, a preset such as `@daily` or `@every 2h`, \
                    `rate(…)`, `cron(…)`, or `none`";
        problems.report(&codes::WORKLOAD_SCHEDULE, "on.schedule", schedule, problem.to_string(), help);
        Trigger::Manual
    })
}

fn timeout(manifest: &ScheduledJob, problems: &mut Problems<'_>) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    let text = manifest.timeout.as_ref().filter(|text| !text.is_empty())?;
    let message = match Duration::parse(text).map(Duration::as_nanos) {
        None => format!("the timeout `{}` is no duration", text.value),
        Some(time) if time < SECOND => "the timeout has to be at least 1 second".to_owned(),
        Some(time) if time % SECOND != 0 => "the timeout has to be a whole number of seconds".to_owned(),
        Some(time) => return Some(time / SECOND),
    };
    problems.report(&codes::WORKLOAD_RETRY, "timeout", text, message, "write for example `30m` or `1h30m`");
    None
}

fn retries(manifest: &ScheduledJob, problems: &mut Problems<'_>) -> Option<i64> {
    let retries = manifest.retries.as_ref().filter(|retries| retries.value != 0)?;
    if retries.value < 0 {
        let help = "write how often a failed run is tried again, or leave the key out";
        problems.report(
            &codes::WORKLOAD_RETRY,
            "retries",
            retries,
            "the number of retries can not be negative",
            help,
        );
    }
    Some(retries.value)
}
