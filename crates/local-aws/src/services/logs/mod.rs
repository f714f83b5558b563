//! CloudWatch Logs: what builds, functions, tasks and state machines wrote.

mod read;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A log group: streams by name, events in order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) created: i64,
    pub(crate) streams: BTreeMap<String, Vec<Event>>,
    /// Days after which AWS would remove events.
    #[serde(default)]
    pub(crate) retention: Option<i64>,
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
    append_at(world, scope, group, stream, time, message);
}

/// Writes a line of another time. Lines stay in order: one from before the last counts as written then.
pub(crate) fn append_at(world: &mut World, scope: &str, group: &str, stream: &str, time: i64, message: &str) {
    let group = world
        .state
        .at(scope)
        .logs
        .entry(group.to_owned())
        .or_insert_with(|| Group { created: time, ..Group::default() });
    let events = group.streams.entry(stream.to_owned()).or_default();
    let time = events.last().map_or(time, |last| last.time.max(time));
    events.push(Event { time, message: message.to_owned() });
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetLogEvents" => read::get(group(world, caller, input)?, input),
        "FilterLogEvents" => read::filter(group(world, caller, input)?, input),
        "DescribeLogStreams" => streams(world, caller, input),
        "DescribeLogGroups" => Ok(groups(world, caller, input)),
        "CreateLogGroup" => {
            let (name, created) = (input.need("logGroupName")?.to_owned(), world.now());
            let groups = &mut world.state.at(&caller.scope()).logs;
            if groups.contains_key(&name) {
                let message = "The specified log group already exists";
                return Err(AwsError::new("ResourceAlreadyExistsException", message));
            }
            groups.insert(name, Group { created, ..Group::default() });
            Ok(json!({}))
        }
        "CreateLogStream" => write::create(world, caller, input),
        "PutLogEvents" => write::put(world, caller, input),
        "PutRetentionPolicy" => {
            let days = input.number("retentionInDays");
            let name = input.need("logGroupName")?;
            let found = world.state.at(&caller.scope()).logs.get_mut(name);
            found.ok_or_else(no_group)?.retention = days;
            Ok(json!({}))
        }
        "DeleteLogGroup" => {
            let name = input.need("logGroupName")?;
            world.state.at(&caller.scope()).logs.remove(name).ok_or_else(no_group)?;
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("logs", operation)),
    }
}

fn no_group() -> AwsError {
    AwsError::new("ResourceNotFoundException", "The specified log group does not exist.")
}

fn group<'a>(world: &'a mut World, caller: &Caller, input: &Json) -> Result<&'a mut Group, AwsError> {
    let name = match input.text("logGroupIdentifier") {
        Some(arn) => arn.split(":log-group:").last().unwrap_or(arn).trim_end_matches(":*"),
        None => input.need("logGroupName")?,
    };
    world.state.at(&caller.scope()).logs.get_mut(name).ok_or_else(no_group)
}

fn streams(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let group = group(world, caller, input)?;
    let prefix = input.text("logStreamNamePrefix").unwrap_or_default();
    let by_time = input.text("orderBy") == Some("LastEventTime");
    if by_time && !prefix.is_empty() {
        let message = "Cannot order by LastEventTime with a logStreamNamePrefix.";
        return Err(AwsError::new("InvalidParameterException", message));
    }
    let mut found: Vec<(&String, &Vec<Event>)> =
        group.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
    if by_time {
        found.sort_by_key(|(_, events)| events.last().map_or(0, |event| event.time));
    }
    if input.flag("descending") {
        found.reverse();
    }
    let list: Vec<Json> = found
        .into_iter()
        .map(|(name, events)| {
            let (first, last) =
                (events.first().map(|event| event.time), events.last().map(|event| event.time));
            json!({
                "logStreamName": name, "creationTime": first, "firstEventTimestamp": first,
                "lastEventTimestamp": last, "lastIngestionTime": last, "storedBytes": 0,
            })
        })
        .collect();
    let (list, next) = page(&list, input.text("nextToken"), page_size(input, "limit", 50));
    Ok(json!({"logStreams": list, "nextToken": next}))
}

fn groups(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let prefix = input.text("logGroupNamePrefix").unwrap_or_default();
    let pattern = input.text("logGroupNamePattern").unwrap_or_default();
    let groups = &world.state.at(&caller.scope()).logs;
    let list: Vec<Json> = groups
        .iter()
        .filter(|(name, _)| name.starts_with(prefix) && name.contains(pattern))
        .map(|(name, group)| {
            json!({
                "logGroupName": name, "creationTime": group.created, "retentionInDays": group.retention,
                "arn": caller.arn("logs", &format!("log-group:{name}:*")), "storedBytes": 0,
                "logGroupArn": caller.arn("logs", &format!("log-group:{name}")),
            })
        })
        .collect();
    let (list, next) = page(&list, input.text("nextToken"), page_size(input, "limit", 50));
    json!({"logGroups": list, "nextToken": next})
}
