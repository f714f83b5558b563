//! CloudWatch Logs: what builds wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A log group: streams by name, events in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) created: i64,
    pub(crate) streams: BTreeMap<String, Vec<Event>>,
}

/// A line and when it was written (milliseconds since 1970).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) time: i64,
    pub(crate) message: String,
}

/// Writes a line; group and stream come into being as needed.
pub(crate) fn append(world: &mut World, scope: &str, group: &str, stream: &str, message: &str) {
    let time = world.now();
    let group = world
        .state
        .at(scope)
        .logs
        .entry(group.to_owned())
        .or_insert_with(|| Group { created: time, ..Group::default() });
    let event = Event { time, message: message.to_owned() };
    group.streams.entry(stream.to_owned()).or_default().push(event);
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetLogEvents" => get(world, caller, input),
        "FilterLogEvents" => filter(world, caller, input),
        "DescribeLogStreams" => {
            let group = group(world, caller, input)?;
            let prefix = input.text("logStreamNamePrefix").unwrap_or_default();
            let list: Json = group
                .streams
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, events)| {
                    json!({
                        "logStreamName": name, "creationTime": events.first().map(|event| event.time),
                        "firstEventTimestamp": events.first().map(|event| event.time),
                        "lastEventTimestamp": events.last().map(|event| event.time),
                    })
                })
                .collect();
            Ok(json!({"logStreams": list}))
        }
        "DescribeLogGroups" => {
            let prefix = input.text("logGroupNamePrefix").unwrap_or_default();
            let groups = &world.state.at(&caller.scope()).logs;
            let list: Json = groups
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, group)| {
                    json!({
                        "logGroupName": name, "creationTime": group.created,
                        "arn": caller.arn("logs", &format!("log-group:{name}:*")),
                    })
                })
                .collect();
            Ok(json!({"logGroups": list}))
        }
        _ => Err(AwsError::unknown_operation("logs", operation)),
    }
}

fn group<'a>(world: &'a mut World, caller: &Caller, input: &Json) -> Result<&'a Group, AwsError> {
    let name = match input.text("logGroupIdentifier") {
        Some(arn) => arn.split(":log-group:").last().unwrap_or(arn).trim_end_matches(":*"),
        None => input.need("logGroupName")?,
    };
    let missing = || AwsError::new("ResourceNotFoundException", "The specified log group does not exist.");
    world.state.at(&caller.scope()).logs.get(name).ok_or_else(missing)
}

/// Pages forward and backward with tokens `f/INDEX` and `b/INDEX`; at either end the token stays the same.
fn get(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let stream = input.need("logStreamName")?;
    let events = group(world, caller, input)?.streams.get(stream).ok_or_else(|| {
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

fn filter(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let streams = input.texts("logStreamNames");
    let pattern = input.text("filterPattern").unwrap_or_default().trim_matches('"').to_owned();
    let group = group(world, caller, input)?;
    let list: Json = group
        .streams
        .iter()
        .filter(|(name, _)| streams.is_empty() || streams.contains(name))
        .flat_map(|(name, events)| events.iter().map(move |event| (name, event)))
        .filter(|(_, event)| event.message.contains(&pattern))
        .map(|(name, event)| {
            let mut shape = shape(event);
            shape["logStreamName"] = json!(name);
            shape
        })
        .collect();
    Ok(json!({"events": list}))
}
