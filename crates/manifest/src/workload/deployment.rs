//! How new tasks replace old ones, and when that is undone.

use crate::workload::value::Either;

crate::record! {
    /// How new tasks replace old ones.
    pub struct Deployment {
        /// `default` starts new tasks before old ones stop; `recreate` stops the old ones first. Default: `default`.
        rolling: String,
        /// Alarms that undo a deployment: names of existing ones, or thresholds of those that Copilot makes.
        rollback_alarms: Either<Vec<String>, AlarmThresholds>,
    }
}

crate::record! {
    /// How new tasks of a worker replace old ones.
    pub struct WorkerDeployment {
        /// `default` starts new tasks before old ones stop; `recreate` stops the old ones first. Default: `default`.
        rolling: String,
        /// Alarms that undo a deployment: names of existing ones, or thresholds of those that Copilot makes.
        rollback_alarms: Either<Vec<String>, WorkerAlarmThresholds>,
    }
}

crate::record! {
    /// Thresholds of alarms that undo a deployment.
    pub struct AlarmThresholds {
        /// Use of CPU, in percent.
        cpu_utilization: f64,
        /// Use of memory, in percent.
        memory_utilization: f64,
    }
}

crate::record! {
    /// Thresholds of alarms that undo a deployment of a worker.
    pub struct WorkerAlarmThresholds {
        /// Number of messages in the queue that were delayed.
        messages_delayed: i64,
    }
    flatten {
        /// Those of all services.
        common: AlarmThresholds,
    }
}
