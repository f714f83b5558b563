//! How many tasks run.

/// How many tasks run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Count {
    /// This many, on Fargate.
    Fixed(i64),
    /// This many, on Fargate Spot.
    Spot(i64),
    /// As many as the load asks for.
    Auto(Box<Autoscaling>),
}

/// Targets that Application Auto Scaling keeps.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Autoscaling {
    /// Fewest tasks.
    pub min: i64,
    /// Most tasks.
    pub max: i64,
    /// Number of the first task that runs on Fargate Spot, counted from one.
    pub spot_from: Option<i64>,
    /// CPU, in percent.
    pub cpu: Option<Scaling>,
    /// Memory, in percent.
    pub memory: Option<Scaling>,
    /// Requests per task and minute.
    pub requests: Option<Scaling>,
    /// Response time of the load balancer's targets, in seconds.
    pub response_time: Option<Scaling>,
    /// How long messages may wait.
    pub queue_delay: Option<QueueDelay>,
}

/// A target value and how long scaling waits after it has acted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scaling {
    /// Value that is kept.
    pub target: f64,
    /// Waiting times.
    pub cooldown: Cooldown,
}

/// Waiting times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cooldown {
    /// After tasks were taken away.
    pub scale_in: f64,
    /// After tasks were added.
    pub scale_out: f64,
}

/// The backlog per task that a worker keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct QueueDelay {
    /// Messages per task: acceptable latency divided by processing time, rounded up.
    pub backlog_per_task: i64,
    /// Waiting times.
    pub cooldown: Cooldown,
}

impl Count {
    /// The number of tasks a stack is created with.
    pub(crate) fn initial(&self) -> i64 {
        match self {
            Self::Fixed(tasks) | Self::Spot(tasks) => *tasks,
            Self::Auto(scaling) => scaling.min,
        }
    }

    /// The scaling, where there is any.
    pub(crate) fn autoscaling(&self) -> Option<&Autoscaling> {
        match self {
            Self::Auto(scaling) => Some(scaling),
            Self::Fixed(_) | Self::Spot(_) => None,
        }
    }
}
