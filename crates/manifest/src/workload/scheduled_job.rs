//! `Scheduled Job`.

use crate::decode::Map;
use crate::workload::value::Duration;
use crate::workload::{
    CommandOverride, Logging, Network, OverrideRules, Publish, Schedule, Sidecar, Task, TaskImage,
};

crate::record! {
    /// A task that is started by a schedule.
    pub struct ScheduledJob {
        /// The image of the main container.
        image: TaskImage,
        /// When it starts.
        on: Trigger,
        /// Time after which a run is stopped and counts as failed: whole seconds, at least one, such as `1h30m`. Default: none.
        timeout: String,
        /// Number of times that a failed run is repeated. Default: 0.
        retries: i64,
        /// Where logs go.
        logging: Logging,
        /// Containers beside the main one, by name.
        sidecars: Map<Sidecar>,
        /// Subnets, security groups and Service Connect.
        network: Network,
        /// SNS topics that the workload publishes to.
        publish: Publish,
        /// Changes to the rendered task definition, in order.
        taskdef_overrides: OverrideRules,
    }
    flatten {
        /// What the main container runs in place of what its image says.
        command: CommandOverride,
        /// Size and surroundings of tasks.
        task: Task,
    }
}

crate::record! {
    /// When a job starts.
    pub struct Trigger {
        /// A preset such as `@daily`, an interval such as `@every 2h`, a cron expression with five fields such as
        /// `0 9 * * 1-5`, an expression of EventBridge such as `rate(1 hour)` or `cron(0 9 ? * 2-6 *)`, or `none`. Times are
        /// in UTC.
        schedule: String,
    }
}

impl ScheduledJob {
    /// Seconds after which a run is stopped; `None` where there is no limit. A manifest whose `timeout` is not whole seconds
    /// is not loaded.
    pub fn timeout_secs(&self) -> Option<i64> {
        whole_seconds(self.timeout.as_ref()?)
    }

    /// How often a failed run is tried again, 1 or more; `None` where it is not.
    pub fn tries_again(&self) -> Option<i64> {
        self.retries.as_ref().map(|retries| retries.value).filter(|retries| *retries > 0)
    }

    /// What starts the job. A manifest with a schedule that EventBridge could not run is not loaded.
    pub fn schedule(&self) -> Schedule {
        let text = self.on.as_ref().and_then(|on| on.schedule.as_ref());
        text.and_then(|text| Schedule::parse(text).ok()).unwrap_or(Schedule::Manual)
    }
}

/// The seconds of a timeout that Step Functions can keep: whole ones, at least one.
pub(crate) fn whole_seconds(timeout: &str) -> Option<i64> {
    Duration::parse(timeout)
        .filter(|time| time.as_secs() >= 1 && *time == Duration::from_secs(time.as_secs()))
        .map(Duration::as_secs)
}
