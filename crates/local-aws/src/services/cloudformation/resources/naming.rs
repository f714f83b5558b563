//! Names that CloudFormation makes up.

use super::Place;
use crate::core::world::World;
use crate::services::tags::{self, Tags};
use serde_json::Value as Json;

use crate::core::input::Input;

/// `Stack-LogicalId-RANDOM`, both parts cut so that the whole has at most `most` characters.
pub(super) fn physical(world: &mut World, place: &Place, most: usize) -> String {
    let random = world.state.ids.upper(12);
    let room = most.saturating_sub(random.len() + 2);
    let (stack, logical) = (place.stack_name, place.logical_id);
    let (stack_room, logical_room) = if stack.len() + logical.len() <= room {
        (stack.len(), logical.len())
    } else {
        let half = room / 2;
        // What one does not need the other may take.
        let stack_room = stack.len().min(half.max(room.saturating_sub(logical.len())));
        (stack_room, logical.len().min(room - stack_room))
    };
    format!("{}-{}-{random}", cut(stack, stack_room), cut(logical, logical_room))
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..most).unwrap_or(text)
}

/// The same in lower case, as buckets need it.
pub(super) fn lower(world: &mut World, place: &Place) -> String {
    let random = world.state.ids.lower(12);
    let name =
        format!("{}-{}-{random}", cut(place.stack_name, 24).trim_end_matches('-'), cut(place.logical_id, 24));
    name.to_lowercase()
}

/// The tags of a resource: its own, over those of the stack, and the three that CloudFormation adds.
pub(crate) fn tags(place: &Place, properties: &Json) -> Tags {
    let mut all = place.tags.clone();
    match properties.get("Tags") {
        Some(Json::Object(map)) => {
            all.extend(map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))));
        }
        _ => all.extend(tags::read(properties.list("Tags"))),
    }
    all.insert("aws:cloudformation:stack-name".into(), place.stack_name.into());
    all.insert("aws:cloudformation:stack-id".into(), place.stack_id.into());
    all.insert("aws:cloudformation:logical-id".into(), place.logical_id.into());
    all
}

/// A property's text, or a name made up.
pub(super) fn named(world: &mut World, place: &Place, properties: &Json, key: &str, most: usize) -> String {
    match properties.text(key) {
        Some(name) => name.to_owned(),
        None => physical(world, place, most),
    }
}
