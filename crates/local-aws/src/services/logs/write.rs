//! Writing to streams, as any program does.

use serde_json::{Value as Json, json};

use super::{Event, group};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("logStreamName")?;
    let group = group(world, caller, input)?;
    if group.streams.contains_key(name) {
        let message = "The specified log stream already exists";
        return Err(AwsError::new("ResourceAlreadyExistsException", message));
    }
    group.streams.insert(name.to_owned(), Vec::new());
    world.dirty = true;
    Ok(json!({}))
}

pub(super) fn put(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("logStreamName")?;
    let group = group(world, caller, input)?;
    let stream = group.streams.get_mut(name).ok_or_else(|| {
        AwsError::new("ResourceNotFoundException", "The specified log stream does not exist.")
    })?;
    for event in input.list("logEvents") {
        let time = event.number("timestamp").ok_or_else(|| AwsError::missing("timestamp"))?;
        stream.push(Event { time, message: event.need("message")?.to_owned() });
    }
    stream.sort_by_key(|event| event.time);
    world.dirty = true;
    Ok(json!({"nextSequenceToken": null}))
}
