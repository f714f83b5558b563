//! The log of a workload: which lines are wanted, in which order, and the next ones as they come.
//!
//! CloudWatch hands lines out from the oldest on. The newest ones are found by asking for a short time first, then for longer ones
//! before it. Streams are not listed, since a service has one for each task that it ever had.

mod follow;
mod previous;
mod read;
mod windows;

use std::future::Future;

use copilot_deployer::workload::{LogEvent, LogGroup, Page, Range};
use copilot_deployer::{Error, Time};

pub use follow::{Tail, follow};
pub use previous::previous;
pub use read::read;

/// What lines are read from. [`LogGroup`] is one.
pub trait Source: Sync {
    /// A page of what streams whose names begin so have in a range of times, in the order of the times.
    fn page(
        &self,
        prefix: &str,
        range: Range,
        next: Option<String>,
    ) -> impl Future<Output = Result<Page, Error>> + Send;

    /// All that a stream has in a range of times.
    fn stream(&self, name: &str, range: Range) -> impl Future<Output = Result<Vec<LogEvent>, Error>> + Send;
}

impl Source for LogGroup {
    async fn page(&self, prefix: &str, range: Range, next: Option<String>) -> Result<Page, Error> {
        Self::page(self, prefix, range, next).await
    }

    async fn stream(&self, name: &str, range: Range) -> Result<Vec<LogEvent>, Error> {
        Self::stream(self, name, range).await
    }
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What the names of the streams begin with; any that is fitting will do.
    pub prefixes: Vec<String>,
    /// From when to when.
    pub range: Range,
    /// As many of the newest lines; all without it.
    pub lines: Option<usize>,
    /// All lines of as many of the newest streams of each prefix, in place of all streams.
    pub streams: Option<usize>,
}

/// What begins the names of the streams of tasks.
pub const TASKS: &str = "copilot/";
/// What begins the names of the streams of state machines.
pub const STATES: &str = "states/";

/// What begins the names of the streams of containers: `copilot/CONTAINER/TASK`. Without `tasks` it is of one container or of all;
/// with them it is of one, that of the workload's own name unless another is named.
pub fn prefixes(workload: &str, container: Option<&str>, tasks: &[String]) -> Vec<String> {
    if tasks.is_empty() {
        return vec![container.map_or_else(|| TASKS.to_owned(), |name| format!("{TASKS}{name}/"))];
    }
    let container = container.unwrap_or(workload);
    tasks.iter().map(|task| format!("{TASKS}{container}/{task}")).collect()
}

/// A range of times: since so many milliseconds ago or from a time on, up to another.
pub fn range(now: Time, since: Option<i64>, start: Option<Time>, end: Option<Time>) -> Range {
    let since = since.map(|span| now.millis().saturating_sub(span));
    Range { from: start.map(Time::millis).or(since), to: end.map(Time::millis) }
}

/// In the order of their times; those of one time stay as they are.
fn in_order(events: &mut [LogEvent]) {
    events.sort_by_key(|event| event.timestamp);
}

#[cfg(test)]
mod tests;
