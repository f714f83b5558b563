//! Task definitions: those of stacks and those that are registered.

use serde_json::{Value as Json, json};

use super::last;
use super::model::Definition;
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::deployed::described;
use crate::services::tags::{self, Tags};

/// The name without revision in an ARN or `family:revision`.
pub(super) fn family(definition: &str) -> &str {
    let name = last(definition);
    name.split_once(':').map_or(name, |(family, _)| family)
}

/// The ARN of the definition with this ARN, of this `family:revision`, or the newest of this family that is active.
pub(super) fn find(world: &World, caller: &Caller, definition: &str) -> Option<String> {
    let all = &world.state.regional.get(&caller.scope())?.ecs.definitions;
    if all.contains_key(definition) {
        return Some(definition.to_owned());
    }
    let name = last(definition);
    let mut known: Vec<_> = all
        .iter()
        .filter(|(arn, found)| last(arn) == name || found.family == name && !found.inactive)
        .collect();
    known.sort_by_key(|(_, found)| found.revision);
    known.last().map(|(arn, _)| (*arn).clone())
}

/// Makes a new revision of a family and says its ARN. A family that is new begins with `first`.
pub(super) fn register(
    world: &mut World,
    caller: &Caller,
    family: &str,
    shape: Json,
    tags: Tags,
    first: i64,
) -> String {
    let registered = world.now();
    let ecs = &mut world.state.at(&caller.scope()).ecs;
    let known = ecs.definitions.values().filter(|found| found.family == family);
    let revision = known.map(|found| found.revision + 1).max().unwrap_or(first);
    let arn = caller.arn("ecs", &format!("task-definition/{family}:{revision}"));
    let definition =
        Definition { family: family.to_owned(), revision, shape, registered, tags, inactive: false };
    ecs.definitions.insert(arn.clone(), definition);
    arn
}

/// The definition of a stack's resource, as the API has it.
pub(super) fn of_properties(properties: &Json) -> Json {
    let mut shape = described(properties);
    let Some(members) = shape.as_object_mut() else { return shape };
    members.remove("tags");
    members.remove("family");
    for container in
        members.get_mut("containerDefinitions").and_then(Json::as_array_mut).into_iter().flatten()
    {
        for size in ["cpu", "memory", "memoryReservation"] {
            if let Some(number) = container.number(size) {
                container[size] = json!(number);
            }
        }
    }
    for size in ["cpu", "memory"] {
        if let Some(number) = members.get(size).and_then(Json::as_i64) {
            members.insert(size.into(), json!(number.to_string()));
        }
    }
    shape
}

fn described_as(arn: &str, definition: &Definition) -> Json {
    let mut shape = definition.shape.clone();
    if let Some(members) = shape.as_object_mut() {
        members.extend([
            ("taskDefinitionArn".into(), json!(arn)),
            ("family".into(), json!(definition.family)),
            ("revision".into(), json!(definition.revision)),
            ("status".into(), json!(if definition.inactive { "INACTIVE" } else { "ACTIVE" })),
            ("registeredAt".into(), timestamp(definition.registered)),
        ]);
    }
    shape
}

fn unknown() -> AwsError {
    AwsError::new("ClientException", "Unable to describe task definition.")
}

pub(super) fn describe(world: &World, caller: &Caller, input: &Json) -> Answer {
    let arn = find(world, caller, input.need("taskDefinition")?).ok_or_else(unknown)?;
    let here = world.state.regional.get(&caller.scope());
    let found = here.and_then(|here| here.ecs.definitions.get(&arn)).ok_or_else(unknown)?;
    let wanted = input.texts("include").iter().any(|part| part == "TAGS");
    let tags = wanted.then(|| tags::write_lower(&found.tags));
    Ok(json!({"taskDefinition": described_as(&arn, found), "tags": tags}))
}

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "RegisterTaskDefinition" => {
            let family = input.need("family")?.to_owned();
            if input.list("containerDefinitions").is_empty() {
                let message = "TaskDefinition is invalid: it has no container definitions.";
                return Err(AwsError::new("ClientException", message));
            }
            let mut shape = input.clone();
            if let Some(members) = shape.as_object_mut() {
                members.remove("family");
                members.remove("tags");
            }
            let tags = tags::read(input.list("tags"));
            let answered = tags::write_lower(&tags);
            let arn = register(world, caller, &family, shape, tags, 1);
            let made = &world.state.at(&caller.scope()).ecs.definitions[&arn];
            Ok(json!({"taskDefinition": described_as(&arn, made), "tags": answered}))
        }
        "DeregisterTaskDefinition" => {
            let arn = find(world, caller, input.need("taskDefinition")?).ok_or_else(unknown)?;
            deregister(world, caller, &arn);
            let made = &world.state.at(&caller.scope()).ecs.definitions[&arn];
            Ok(json!({"taskDefinition": described_as(&arn, made)}))
        }
        _ => Ok(list(world, caller, input)),
    }
}

/// Makes a definition inactive: what runs goes on.
pub(super) fn deregister(world: &mut World, caller: &Caller, arn: &str) {
    if let Some(found) = world.state.at(&caller.scope()).ecs.definitions.get_mut(arn) {
        found.inactive = true;
    }
}

fn list(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let all = &world.state.at(&caller.scope()).ecs.definitions;
    let inactive = input.text("status") == Some("INACTIVE");
    let prefix = input.text("familyPrefix");
    let mut found: Vec<(&String, &Definition)> = all
        .iter()
        .filter(|(_, one)| one.inactive == inactive && prefix.is_none_or(|family| one.family == family))
        .collect();
    found.sort_by(|(_, a), (_, b)| (&a.family, a.revision).cmp(&(&b.family, b.revision)));
    if input.text("sort") == Some("DESC") {
        found.reverse();
    }
    let arns: Vec<&String> = found.into_iter().map(|(arn, _)| arn).collect();
    let (arns, next) = page(&arns, input.text("nextToken"), page_size(input, "maxResults", 100));
    json!({"taskDefinitionArns": arns, "nextToken": next})
}
