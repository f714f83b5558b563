//! Templates as they are kept, and what can be said about one.

use serde_json::{Map, Value as Json, json};

use super::template::{self, check, parameters};
use super::{stacks, stacksets};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "GetTemplate" => get(world, caller, input),
        "ValidateTemplate" => {
            let (_, template) = stacks::source(world, input)?.ok_or_else(|| {
                AwsError::validation("Either Template URL or Template Body must be specified.")
            })?;
            check::check(&template)?;
            let mut answer = needs(&template);
            answer.insert("Description".into(), json!(template.get("Description")));
            answer.insert("Parameters".into(), parameters::declarations(&template, false));
            Ok(answer.into())
        }
        _ => summary(world, caller, input),
    }
}

fn get(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let stage = ["Original", "Processed"];
    if let Some(set) = input.text("ChangeSetName") {
        let stacks = &world.state.at(&caller.scope()).stacks;
        let found = stacks
            .by_id
            .values()
            .flat_map(|stack| stack.change_sets.values())
            .find(|found| found.id == set || found.name == set);
        let found = found.ok_or_else(|| {
            AwsError::new("ChangeSetNotFound", format!("ChangeSet [{set}] does not exist")).status(404)
        })?;
        return Ok(json!({"TemplateBody": found.body, "StagesAvailable": stage}));
    }
    let stack = stacks::stack(world, &caller.scope(), input.need("StackName")?)?;
    Ok(json!({"TemplateBody": stack.body, "StagesAvailable": stage}))
}

fn needs(template: &Json) -> Map<String, Json> {
    let mut needs = Map::new();
    if let Some((capability, reason)) = template::capability(template) {
        needs.insert("Capabilities".into(), json!([capability]));
        needs.insert("CapabilitiesReason".into(), json!(reason));
    }
    let transforms = match template.get("Transform") {
        Some(Json::String(name)) => json!([name]),
        Some(list) => list.clone(),
        None => return needs,
    };
    needs.insert("DeclaredTransforms".into(), transforms);
    needs
}

fn summary(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let template = match (input.text("StackName"), input.text("StackSetName")) {
        (Some(name), _) => stacks::stack(world, &scope, name)?.template.clone(),
        (None, Some(name)) => stacksets::template_of(world, &scope, name)?,
        (None, None) => {
            let brought = stacks::source(world, input)?;
            let (_, template) = brought.ok_or_else(|| {
                AwsError::validation(
                    "Either StackName, StackSetName, TemplateURL or TemplateBody must be specified.",
                )
            })?;
            check::check(&template)?;
            template
        }
    };
    let mut answer = needs(&template);
    answer.insert("Parameters".into(), parameters::declarations(&template, true));
    answer.insert("Description".into(), json!(template.get("Description")));
    answer.insert("ResourceTypes".into(), json!(template::types(&template)));
    answer.insert("Version".into(), json!(template.get("AWSTemplateFormatVersion")));
    // The metadata is text: JSON, whatever the template was written in.
    answer.insert("Metadata".into(), json!(template.get("Metadata").map(Json::to_string)));
    Ok(answer.into())
}
