//! Task definitions of stacks.

use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::deployed::{Deployed, deployed, described};

/// The name without revision in an ARN or `family:revision`.
pub(super) fn family(definition: &str) -> &str {
    let name = super::last(definition);
    name.split_once(':').map_or(name, |(family, _)| family)
}

/// The task definition with this ARN, or of this family.
pub(super) fn find<'a>(world: &'a World, caller: &Caller, definition: &str) -> Option<Deployed<'a>> {
    deployed(world, caller, "AWS::ECS::TaskDefinition").find(|found| {
        let known = found.physical();
        known == definition || super::last(known) == definition || family(known) == definition
    })
}

pub(super) fn describe(world: &World, caller: &Caller, input: &Json) -> Answer {
    let found = find(world, caller, input.need("taskDefinition")?);
    let found =
        found.ok_or_else(|| AwsError::new("ClientException", "Unable to describe task definition."))?;
    let arn = found.physical();
    let mut shape = described(&found.resource.properties);
    if let Some(members) = shape.as_object_mut() {
        members.remove("tags");
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
        let revision = arn.rsplit(':').next().and_then(|text| text.parse::<i64>().ok());
        members.extend([
            ("taskDefinitionArn".into(), json!(arn)),
            ("family".into(), json!(family(arn))),
            ("revision".into(), json!(revision.unwrap_or(1))),
            ("status".into(), json!("ACTIVE")),
            ("registeredAt".into(), timestamp(found.resource.changed)),
        ]);
    }
    let tags: Vec<Json> =
        found.tags().iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let tags = input.texts("include").iter().any(|part| part == "TAGS").then_some(tags);
    Ok(json!({"taskDefinition": shape, "tags": tags}))
}
