//! How a new version replaces the old one.

/// How a new version replaces the old one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Deployment<'a> {
    /// Whether all old tasks are stopped before new ones start.
    pub recreate: bool,
    /// Alarms that roll a deployment back.
    pub alarms: RollbackAlarms<'a>,
}

/// Alarms that roll a deployment back.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum RollbackAlarms<'a> {
    /// None.
    #[default]
    None,
    /// Alarms that exist already, by name.
    Existing(Vec<&'a str>),
    /// Alarms that the stack makes.
    Custom(CustomAlarms),
}

/// Thresholds of alarms that the stack makes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CustomAlarms {
    /// CPU, in percent.
    pub cpu: Option<f64>,
    /// Memory, in percent.
    pub memory: Option<f64>,
    /// Delayed messages in a worker's queue.
    pub messages_delayed: Option<i64>,
}
