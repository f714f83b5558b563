//! Stacks that are resources of other stacks.

use serde_json::{Value as Json, json};

use super::engine::{Operation, Phase, Progress};
use super::model::Stack;
use super::template::scalar;
use super::{stacks, update};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::tags::Tags;

/// The given parameters in the form of a request.
pub(super) fn parameters(properties: &Json) -> Vec<Json> {
    let given = properties.get("Parameters").and_then(Json::as_object);
    given
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let text = match value {
                Json::Array(items) => items.iter().filter_map(scalar).collect::<Vec<_>>().join(","),
                other => scalar(other).unwrap_or_default(),
            };
            json!({"ParameterKey": key, "ParameterValue": text})
        })
        .collect()
}

pub(super) fn tags(parent: &Stack, properties: &Json) -> Tags {
    let mut tags = parent.tags.clone();
    tags.extend(crate::services::tags::read(properties.list("Tags")));
    tags
}

/// Starts the creation of a nested stack and says its ARN.
pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    parent: &Stack,
    logical_id: &str,
    properties: &Json,
) -> Result<String, String> {
    let make = |world: &mut World| {
        let (body, template) = stacks::from_url(world, properties.need("TemplateURL")?)?;
        let given = parameters(properties);
        let stack = stacks::NewStack {
            name: format!("{}-{logical_id}-{}", parent.name, world.state.ids.upper(12)),
            body,
            template,
            given,
            tags: tags(parent, properties),
            capabilities: parent.capabilities.clone(),
            parent: Some(parent),
            ..stacks::NewStack::default()
        };
        stacks::launch(world, &caller.scope(), stack)
    };
    make(world).map_err(|error| error.message)
}

/// Starts an update of a nested stack; one without changes is done at once.
pub(super) fn update(
    world: &mut World,
    caller: &Caller,
    parent: &Stack,
    id: &str,
    properties: &Json,
) -> Result<(), String> {
    let make = |world: &mut World| {
        let (body, template) = stacks::from_url(world, properties.need("TemplateURL")?)?;
        let target = update::Target {
            body,
            template,
            given: parameters(properties),
            tags: tags(parent, properties),
            capabilities: parent.capabilities.clone(),
            change_set_id: None,
        };
        update::begin(world, &caller.scope(), id, target)
    };
    match make(world) {
        Err(error) if error.message.starts_with("No updates") => Ok(()),
        other => other.map_err(|error| error.message),
    }
}

/// Starts the deletion of a nested stack.
pub(super) fn delete(world: &mut World, scope: &str, id: &str) {
    let time = world.now();
    if let Some(stack) =
        world.state.at(scope).stacks.by_id.get_mut(id).filter(|stack| stack.status != "DELETE_COMPLETE")
    {
        stack.turn(time, "DELETE_IN_PROGRESS", None);
        stack.operation = Some(Operation::new(Phase::Delete));
    }
}

/// How far a nested stack is on its way to a status.
pub(super) fn progress(world: &mut World, scope: &str, id: &str, wanted: &str) -> Progress {
    let Some(stack) = world.state.at(scope).stacks.by_id.get(id) else {
        return if wanted == "DELETE_COMPLETE" {
            Progress::Done(id.to_owned())
        } else {
            Progress::Failed(format!("Stack [{id}] does not exist"))
        };
    };
    let unchanged =
        wanted == "UPDATE_COMPLETE" && matches!(stack.status.as_str(), "CREATE_COMPLETE" | "IMPORT_COMPLETE");
    if stack.busy() {
        Progress::Running
    } else if stack.status == wanted || unchanged {
        Progress::Done(id.to_owned())
    } else {
        let why = stack.reason.clone().unwrap_or_else(|| stack.status.clone());
        Progress::Failed(format!("Embedded stack {id} was not successfully processed: {why}"))
    }
}
