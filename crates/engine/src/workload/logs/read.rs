//! Lines that are there already.

use std::collections::BTreeMap;

use copilot_deployer::Error;
use copilot_deployer::workload::{LogEvent, Range};

use super::windows::windows;
use super::{Source, Wanted, in_order};

/// Hands over the lines that are wanted, oldest first, as they are found. `now` is in milliseconds since 1970.
///
/// # Errors
/// When there is no such log group, or CloudWatch refuses.
pub async fn read(
    source: &impl Source,
    wanted: &Wanted,
    now: i64,
    mut emit: impl FnMut(Vec<LogEvent>),
) -> Result<(), Error> {
    let mut found = match (wanted.streams, wanted.lines, &wanted.prefixes[..]) {
        (Some(number), _, prefixes) => {
            let mut found = Vec::new();
            for prefix in prefixes {
                for stream in newest_streams(source, prefix, number, wanted.range, now).await? {
                    found.extend(source.stream(&stream, wanted.range).await?);
                }
            }
            found
        }
        (None, Some(lines), prefixes) => newest(source, prefixes, lines, wanted.range, now).await?,
        (None, None, [prefix]) => return pages(source, prefix, wanted.range, emit).await,
        (None, None, prefixes) => {
            let mut found = Vec::new();
            for prefix in prefixes {
                pages(source, prefix, wanted.range, |events| found.extend(events)).await?;
            }
            found
        }
    };
    in_order(&mut found);
    if let Some(lines) = wanted.lines {
        found.drain(..found.len().saturating_sub(lines));
    }
    emit(found);
    Ok(())
}

/// Every page of a range, in order.
pub(super) async fn pages(
    source: &impl Source,
    prefix: &str,
    range: Range,
    mut emit: impl FnMut(Vec<LogEvent>),
) -> Result<(), Error> {
    let mut next = None;
    loop {
        let page = source.page(prefix, range, next).await?;
        if !page.events.is_empty() {
            emit(page.events);
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

/// At least as many of the newest lines as there are and as are wanted. Those that can't be among them are dropped meanwhile.
async fn newest(
    source: &impl Source,
    prefixes: &[String],
    lines: usize,
    range: Range,
    now: i64,
) -> Result<Vec<LogEvent>, Error> {
    let mut found: Vec<LogEvent> = Vec::new();
    for window in windows(range, now) {
        for prefix in prefixes {
            let mut here: Vec<LogEvent> = Vec::new();
            pages(source, prefix, window, |events| {
                here.extend(events);
                here.drain(..here.len().saturating_sub(lines));
            })
            .await?;
            found.append(&mut here);
        }
        if found.len() >= lines {
            break;
        }
    }
    Ok(found)
}

/// Names of the streams that were written to last, the newest first.
pub(super) async fn newest_streams(
    source: &impl Source,
    prefix: &str,
    number: usize,
    range: Range,
    now: i64,
) -> Result<Vec<String>, Error> {
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for window in windows(range, now) {
        pages(source, prefix, window, |events| {
            for event in events {
                let newest = last.entry(event.stream).or_default();
                *newest = event.timestamp.max(*newest);
            }
        })
        .await?;
        if last.len() >= number {
            break;
        }
    }
    let mut streams: Vec<(String, i64)> = last.into_iter().collect();
    streams.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    Ok(streams.into_iter().take(number).map(|(name, _)| name).collect())
}
