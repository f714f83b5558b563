//! Reading what is in a log group: one stream, or all of them by time.

use serde_json::{Value as Json, json};

use super::{Event, Group};
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, page, page_size};
use crate::error::{Answer, AwsError};

/// Pages forward and backward with tokens `f/INDEX` and `b/INDEX`; at either end the token stays the same.
pub(super) fn get(group: &Group, input: &Json) -> Answer {
    let stream = input.need("logStreamName")?;
    let events = group.streams.get(stream).ok_or_else(|| {
        AwsError::new("ResourceNotFoundException", "The specified log stream does not exist.")
    })?;
    let from = input.number("startTime").unwrap_or(i64::MIN);
    let to = input.number("endTime").unwrap_or(i64::MAX);
    let events: Vec<&Event> = events.iter().filter(|event| (from..to).contains(&event.time)).collect();
    let limit = page_size(input, "limit", 10_000);
    let (start, end) = match input.text("nextToken").and_then(|token| token.split_once('/')) {
        Some(("f", index)) => {
            let start = index.parse().unwrap_or(0).min(events.len());
            (start, (start + limit).min(events.len()))
        }
        Some((_, index)) => {
            let end = index.parse().unwrap_or(0).min(events.len());
            (end.saturating_sub(limit), end)
        }
        None if input.flag("startFromHead") => (0, limit.min(events.len())),
        None => (events.len().saturating_sub(limit), events.len()),
    };
    let list: Json = events[start..end].iter().map(|event| shape(event)).collect();
    Ok(json!({
        "events": list, "nextForwardToken": format!("f/{end}"), "nextBackwardToken": format!("b/{start}"),
    }))
}

fn shape(event: &Event) -> Json {
    json!({"timestamp": event.time, "ingestionTime": event.time, "message": event.message})
}

/// Events of all streams, or of those that are asked for, in the order of their times. The end of the time that is asked for
/// is part of it.
pub(super) fn filter(group: &Group, input: &Json) -> Answer {
    let names = input.texts("logStreamNames");
    let prefix = input.text("logStreamNamePrefix");
    if prefix.is_some() && !names.is_empty() {
        let message = "The parameters logStreamNames and logStreamNamePrefix exclude each other.";
        return Err(AwsError::new("InvalidParameterException", message));
    }
    let from = input.number("startTime").unwrap_or(i64::MIN);
    let to = input.number("endTime").unwrap_or(i64::MAX);
    let pattern = Pattern::new(input.text("filterPattern").unwrap_or_default());
    let mut found: Vec<(&String, usize, &Event)> = group
        .streams
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)))
        .flat_map(|(name, events)| events.iter().enumerate().map(move |(at, event)| (name, at, event)))
        .filter(|(_, _, event)| (from..=to).contains(&event.time) && pattern.fits(&event.message))
        .collect();
    found.sort_by_key(|(_, _, event)| event.time);
    let limit = page_size(input, "limit", 10_000);
    let (found, next) = page(&found, input.text("nextToken"), limit);
    let list: Json = found
        .into_iter()
        .map(|(name, at, event)| {
            let mut shape = shape(event);
            shape["logStreamName"] = json!(name);
            shape["eventId"] = json!(id(name, at, event));
            shape
        })
        .collect();
    Ok(json!({"events": list, "nextToken": next, "searchedLogStreams": []}))
}

/// 56 digits that no other event has.
fn id(stream: &str, at: usize, event: &Event) -> String {
    let hash = sha256_hex(format!("{stream} {at}").as_bytes());
    let digits: String = hash.bytes().take(36).map(|letter| char::from(b'0' + letter % 10)).collect();
    format!("{:020}{digits}", event.time)
}

/// Words that a message has to have, may have (one of them is needed) and must not have.
struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let mut pattern = Self { all: Vec::new(), any: Vec::new(), none: Vec::new() };
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (list, term) = match rest.split_at_checked(1) {
                Some(("?", term)) => (&mut pattern.any, term),
                Some(("-", term)) => (&mut pattern.none, term),
                _ => (&mut pattern.all, rest),
            };
            let (word, after) = match term.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => term.split_once(char::is_whitespace).unwrap_or((term, "")),
            };
            list.push(word.to_owned());
            rest = after.trim_start();
        }
        pattern
    }

    fn fits(&self, message: &str) -> bool {
        let has = |word: &String| message.contains(word.as_str());
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || self.any.iter().any(has))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_has_words_that_are_needed_optional_and_forbidden() {
        let fits = |pattern: &str, message: &str| Pattern::new(pattern).fits(message);
        assert!(fits("", "anything"));
        assert!(fits("ERROR \"no such\"", "ERROR: no such file"));
        assert!(!fits("ERROR \"no such\"", "ERROR: no file such"));
        assert!(fits("?ERROR ?FATAL", "FATAL"));
        assert!(!fits("?ERROR ?FATAL", "INFO"));
        assert!(!fits("ERROR -retry", "ERROR, will retry"));
    }
}
