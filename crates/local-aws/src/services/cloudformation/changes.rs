//! What an update would change.

use serde_json::{Map, Value as Json, json};

use super::engine::{differing, takes_tags};
use super::model::{Resource, Stack};
use super::resources::replaced_by;
use super::template::evaluate::UNKNOWN;
use super::template::parameters::Values;
use super::template::walk::{Reference, references};
use super::template::{same, section};
use super::{acting, evaluator, stacks};
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::tags::Tags;

/// The stack as an update would have it.
pub(super) struct Wanted<'a> {
    pub(super) template: &'a Json,
    pub(super) parameters: &'a Values,
    pub(super) tags: &'a Tags,
}

/// The changes to resources, in the shape in which change sets show them, removals last.
pub(super) fn changes(
    world: &World,
    scope: &str,
    stack: &Stack,
    wanted: &Wanted,
) -> Result<Vec<Json>, String> {
    let mut replaced: Vec<String> = Vec::new();
    loop {
        let found = pass(world, scope, stack, wanted, &replaced)?;
        let now: Vec<String> = found
            .iter()
            .filter(|change| change.text("Replacement").is_some_and(|replacement| replacement != "False"))
            .filter_map(|change| change.text("LogicalResourceId").map(str::to_owned))
            .collect();
        // A resource that refers to one that is replaced changes too, and may be replaced itself.
        if now.len() <= replaced.len() {
            return Ok(found
                .into_iter()
                .map(|change| json!({"Type": "Resource", "ResourceChange": change}))
                .collect());
        }
        replaced = now;
    }
}

fn pass(
    world: &World,
    scope: &str,
    stack: &Stack,
    wanted: &Wanted,
    replaced: &[String],
) -> Result<Vec<Json>, String> {
    let caller = acting(scope);
    let mut evaluator = evaluator(world, &caller, stack, wanted.template, wanted.parameters, true);
    evaluator.replaced = replaced.to_vec();
    let mut found = Vec::new();
    let mut there: Vec<&str> = Vec::new();
    for (id, declared) in section(wanted.template, "Resources") {
        if !evaluator.applies(declared)? {
            continue;
        }
        there.push(id);
        let properties = evaluator.properties(declared)?;
        let kind = declared.text("Type").unwrap_or_default();
        match stack
            .resources
            .get(id)
            .filter(|old| old.physical_id.is_some() && old.status != "DELETE_COMPLETE")
        {
            None => found.push(json!({
                "Action": "Add", "LogicalResourceId": id, "ResourceType": kind, "Scope": [], "Details": [],
            })),
            Some(old) => found.extend(modification(world, stack, wanted, old, declared, &properties)),
        }
    }
    for (id, old) in &stack.resources {
        let left = old.physical_id.is_some() && old.status != "DELETE_COMPLETE";
        if left && !there.contains(&id.as_str()) {
            let retained = old.deletion_policy.as_deref() == Some("Retain");
            found.push(json!({
                "Action": "Remove", "LogicalResourceId": id, "PhysicalResourceId": old.physical_id,
                "ResourceType": old.kind, "Scope": [], "Details": [],
                "PolicyAction": if retained { "Retain" } else { "Delete" },
            }));
        }
    }
    Ok(found)
}

/// The change of a resource that stays, if there is one.
fn modification(
    world: &World,
    stack: &Stack,
    wanted: &Wanted,
    old: &Resource,
    declared: &Json,
    properties: &Json,
) -> Option<Json> {
    let fixed = replaced_by(&old.kind);
    let surprises = world.state.regional.values().find(|here| here.stacks.by_id.contains_key(&stack.id));
    let replaces = |name: &str| {
        let surprises = surprises.map(|here| &here.stacks.surprises);
        surprises.is_some_and(|known| known.replaces(&stack.name, &old.logical_id, name))
    };
    let names = differing(&old.properties, properties);
    let metadata = declared.get("Metadata").unwrap_or(&Json::Null);
    let other_metadata = !same(old.metadata.as_ref().unwrap_or(&Json::Null), metadata);
    let other_tags = takes_tags(&old.kind) && stack.tags != *wanted.tags;
    let other_nested = old.kind == "AWS::CloudFormation::Stack" && nested_differs(world, old, properties);
    if names.is_empty() && !other_metadata && !other_tags && !other_nested {
        return None;
    }
    let mut scope: Vec<&str> = Vec::new();
    let mut details = Vec::new();
    let mut replacement = "False";
    if !names.is_empty() || other_nested {
        scope.push("Properties");
    }
    for name in &names {
        let value = properties.get(name).unwrap_or(&Json::Null);
        let unknown = value.to_string().contains(UNKNOWN);
        let needs = match (fixed.contains(&name.as_str()) || replaces(name), unknown) {
            (true, false) => "Always",
            (true, true) => "Conditionally",
            _ => "Never",
        };
        replacement = match (replacement, needs) {
            (_, "Always") | ("True", _) => "True",
            (_, "Conditionally") | ("Conditional", _) => "Conditional",
            _ => "False",
        };
        let mut found = detail("Properties", Some(name), needs, declared, wanted.parameters);
        with_values(&mut found["Target"], name, old.properties.get(name), properties.get(name));
        details.push(found);
    }
    if other_metadata {
        scope.push("Metadata");
        details.push(detail("Metadata", None, "Never", &Json::Null, wanted.parameters));
    }
    if other_tags {
        scope.push("Tags");
        details.push(detail("Tags", None, "Never", &Json::Null, wanted.parameters));
    }
    if other_nested && names.is_empty() {
        details.push(json!({
            "ChangeSource": "Automatic", "Evaluation": "Dynamic",
            "Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
        }));
    }
    Some(json!({
        "Action": "Modify", "LogicalResourceId": old.logical_id, "PhysicalResourceId": old.physical_id,
        "ResourceType": old.kind, "Replacement": replacement, "Scope": scope, "Details": details,
        "BeforeContext": json!({"Properties": old.properties}).to_string(),
        "AfterContext": json!({"Properties": properties}).to_string(),
    }))
}

/// Adds where a property is, and what it was and will be.
fn with_values(target: &mut Json, name: &str, old: Option<&Json>, new: Option<&Json>) {
    let text = |value: &Json| super::template::scalar(value).unwrap_or_else(|| value.to_string());
    target["Path"] = json!(format!("/Properties/{name}"));
    target["BeforeValue"] = json!(old.map(text));
    target["AfterValue"] = json!(new.map(text));
    target["AttributeChangeType"] = json!(match (old, new) {
        (None, _) => "Add",
        (_, None) => "Remove",
        _ => "Modify",
    });
}

/// Where a change of a property comes from.
fn detail(
    attribute: &str,
    name: Option<&str>,
    recreation: &str,
    declared: &Json,
    parameters: &Values,
) -> Json {
    let mut found = std::collections::BTreeSet::new();
    if let Some(value) = name.and_then(|name| declared.get("Properties")?.get(name)) {
        references(value, &mut found);
    }
    let mut source = ("DirectModification", "Static", None);
    for reference in found {
        match reference {
            Reference::Ref(to) if parameters.contains_key(&to) => {
                source = ("ParameterReference", "Static", Some(to));
            }
            Reference::Ref(to) if !to.starts_with("AWS::") => {
                source = ("ResourceReference", "Dynamic", Some(to));
            }
            Reference::Attribute(to) => source = ("ResourceAttribute", "Dynamic", Some(to)),
            _ => {}
        }
    }
    let mut target = Map::new();
    target.insert("Attribute".into(), json!(attribute));
    target.insert("Name".into(), json!(name));
    target.insert("RequiresRecreation".into(), json!(recreation));
    json!({
        "Target": target, "ChangeSource": source.0, "Evaluation": source.1, "CausingEntity": source.2,
    })
}

/// Whether the template of a nested stack is another one than the stack has.
fn nested_differs(world: &World, old: &Resource, properties: &Json) -> bool {
    let new = properties.text("TemplateURL").and_then(|url| stacks::from_url(world, url).ok());
    let child = old
        .physical_id
        .as_deref()
        .and_then(|id| world.state.regional.values().find_map(|here| here.stacks.by_id.get(id)));
    match (new, child) {
        (Some((body, _)), Some(child)) => body != child.body,
        _ => false,
    }
}

/// Whether outputs would differ.
pub(super) fn outputs_differ(world: &World, scope: &str, stack: &Stack, wanted: &Wanted) -> bool {
    let caller = acting(scope);
    let evaluator = evaluator(world, &caller, stack, wanted.template, wanted.parameters, true);
    let mut there = 0;
    for (key, declared) in section(wanted.template, "Outputs") {
        if !evaluator.applies(declared).unwrap_or(true) {
            continue;
        }
        there += 1;
        let Some(old) = stack.outputs.iter().find(|output| output.key == *key) else { return true };
        let value = declared.get("Value").and_then(|value| evaluator.value(value).ok().flatten());
        let value = value.map(|value| match value {
            Json::Array(items) => {
                Json::from(items.iter().filter_map(super::template::scalar).collect::<Vec<_>>().join(","))
            }
            other => other,
        });
        if value.is_none_or(|value| !same(&value, &Json::from(old.value.clone()))) {
            return true;
        }
        let export = declared.get("Export").and_then(|export| evaluator.text(export.get("Name")?, "").ok());
        if export != old.export {
            return true;
        }
    }
    there != stack.outputs.len()
}
