//! Lines as they come.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use copilot_deployer::Error;
use copilot_deployer::workload::{LogEvent, Range};

use super::read::pages;
use super::{Source, in_order};

/// So many milliseconds are asked for again each time: lines of several tasks don't arrive in the order of their times.
const OVERLAP: i64 = 15_000;

/// The end of a log: each line is told once, also one that arrives late.
#[derive(Debug)]
pub struct Tail {
    prefixes: Vec<String>,
    start: i64,
    newest: i64,
    /// Lines of the overlap that were told, with their times.
    seen: BTreeMap<Key, i64>,
}

/// What tells a line from others.
type Key = (String, String, i64, i64);

impl Tail {
    /// Begins at a time in milliseconds since 1970.
    pub fn new(prefixes: Vec<String>, start: i64) -> Self {
        Self { prefixes, start, newest: start, seen: BTreeMap::new() }
    }

    /// What has come since the last time, in the order of the times.
    ///
    /// # Errors
    /// When there is no such log group, or CloudWatch refuses.
    pub async fn poll(&mut self, source: &impl Source) -> Result<Vec<LogEvent>, Error> {
        let range = Range { from: Some(self.floor()), to: None };
        let mut found = Vec::new();
        for prefix in &self.prefixes {
            pages(source, prefix, range, |events| found.extend(events)).await?;
        }
        found.retain(|event| self.seen.insert(key(event), event.timestamp).is_none());
        in_order(&mut found);
        self.newest = found.last().map_or(self.newest, |event| event.timestamp.max(self.newest));
        let floor = self.floor();
        self.seen.retain(|_, time| *time >= floor);
        Ok(found)
    }

    fn floor(&self) -> i64 {
        self.newest.saturating_sub(OVERLAP).max(self.start)
    }

    /// Takes note of lines that were told already.
    pub fn told(&mut self, events: &[LogEvent]) {
        self.seen.extend(events.iter().map(|event| (key(event), event.timestamp)));
    }
}

fn key(event: &LogEvent) -> Key {
    let told = if event.id.is_empty() { &event.message } else { &event.id };
    (event.stream.clone(), told.clone(), event.timestamp, event.ingestion_time)
}

/// Hands over what comes, for as long as it is let.
///
/// # Errors
/// When there is no such log group, or CloudWatch refuses.
pub async fn follow(
    source: &impl Source,
    mut tail: Tail,
    interval: Duration,
    mut emit: impl FnMut(Vec<LogEvent>),
) -> Result<Infallible, Error> {
    loop {
        let found = tail.poll(source).await?;
        if !found.is_empty() {
            emit(found);
        }
        tokio::time::sleep(interval).await;
    }
}
