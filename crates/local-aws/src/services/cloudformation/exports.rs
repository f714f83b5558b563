//! Outputs that other stacks import.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::model::Stack;
use crate::core::world::World;

/// The value of an export in an account and region.
pub(crate) fn value(world: &World, scope: &str, name: &str) -> Option<String> {
    let stacks = &world.state.regional.get(scope)?.stacks;
    stacks
        .live()
        .flat_map(|stack| &stack.outputs)
        .find(|output| output.export.as_deref() == Some(name))
        .map(|output| output.value.clone())
}

/// All exports, in the shape in which they are listed.
pub(crate) fn list(world: &World, scope: &str) -> Vec<Json> {
    let Some(here) = world.state.regional.get(scope) else { return Vec::new() };
    let mut all: Vec<(&str, Json)> = here
        .stacks
        .live()
        .flat_map(|stack| stack.outputs.iter().map(move |output| (stack, output)))
        .filter_map(|(stack, output)| {
            let name = output.export.as_deref()?;
            Some((name, json!({"ExportingStackId": stack.id, "Name": name, "Value": output.value})))
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(other.0));
    all.into_iter().map(|(_, shape)| shape).collect()
}

/// The literal names that a template imports, `Fn::Sub` with the stack's own values aside.
pub(crate) fn imported(
    template: &Json,
    found: &mut BTreeSet<String>,
    text: &dyn Fn(&Json) -> Option<String>,
) {
    match template {
        Json::Array(items) => items.iter().for_each(|item| imported(item, found, text)),
        Json::Object(members) => {
            if let Some(argument) = members.get("Fn::ImportValue") {
                found.extend(text(argument));
            }
            members.values().for_each(|member| imported(member, found, text));
        }
        _ => {}
    }
}

/// Names of the stacks that import an export.
pub(crate) fn importers(world: &World, scope: &str, name: &str) -> Vec<String> {
    let Some(here) = world.state.regional.get(scope) else { return Vec::new() };
    here.stacks
        .live()
        .filter(|stack| {
            stack.status != "REVIEW_IN_PROGRESS" && imports_of(world, scope, stack).contains(name)
        })
        .map(|stack| stack.name.clone())
        .collect()
}

/// The exports that a stack imports.
pub(crate) fn imports_of(world: &World, scope: &str, stack: &Stack) -> BTreeSet<String> {
    let caller = super::acting(scope);
    let evaluator = super::evaluator(world, &caller, stack, &stack.template, &stack.parameters, true);
    let mut found = BTreeSet::new();
    for (_, resource) in super::template::section(&stack.template, "Resources") {
        if evaluator.applies(resource).unwrap_or(false) {
            imported(resource, &mut found, &|argument| evaluator.text(argument, "Fn::ImportValue").ok());
        }
    }
    imported(stack.template.get("Outputs").unwrap_or(&Json::Null), &mut found, &|argument| {
        evaluator.text(argument, "Fn::ImportValue").ok()
    });
    found
}
