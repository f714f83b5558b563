//! The environment controller: it tells the environment's stack which of its features a workload needs.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::{Answer, values};
use crate::core::input::Input;
use crate::services::cloudformation::engine::{Progress, Work};
use crate::services::cloudformation::model::{Resource, Stack};
use crate::services::cloudformation::update;

/// Parameters with this suffix list the workloads that need a feature.
const WORKLOADS: &str = "Workloads";
const ALIASES: &str = "Aliases";
/// Outputs of the environment that are no attributes.
const PRIVATE: [&str; 2] = ["EnabledFeatures", "LastForceDeployID"];

/// What a workload needs.
struct Wanted {
    workload: String,
    features: Vec<String>,
    aliases: Vec<String>,
}

/// Has the environment give the workload what it needs; the answer, or how far that is.
pub(super) fn put(work: &mut Work, resource: &Resource) -> Result<Answer, Progress> {
    let properties = &resource.properties;
    let name = properties.text("EnvStack").unwrap_or_default();
    let workload = properties.text("Workload").unwrap_or_default();
    let wanted = Wanted {
        workload: workload.to_owned(),
        features: properties
            .texts("Parameters")
            .into_iter()
            .filter(|name| name.ends_with(WORKLOADS))
            .collect(),
        aliases: properties.get("Aliases").map(values::items).unwrap_or_default(),
    };
    settle(work, &resource.logical_id, name, &wanted)?;
    let Some(stack) = environment(work, name) else {
        return Err(Progress::Failed(format!("Cannot find environment stack {name}")));
    };
    let mut answer = Answer::of(resource.physical_id.clone().unwrap_or_else(|| usual_id(properties)));
    for output in stack.outputs.iter().filter(|output| !PRIVATE.contains(&output.key.as_str())) {
        answer = answer.with(output.key.clone(), output.value.clone());
    }
    Ok(answer)
}

/// The physical id, in the spelling of the resources that exist.
pub(super) fn usual_id(properties: &Json) -> String {
    let text = |key: &str| properties.text(key).unwrap_or_default();
    format!("envcontoller/{}/{}", text("EnvStack"), text("Workload"))
}

/// Has the environment forget the workload.
pub(super) fn delete(work: &mut Work, logical_id: &str, physical: &str, properties: &Json) -> Progress {
    let name = properties.text("EnvStack").unwrap_or_default();
    let workload = properties.text("Workload").unwrap_or_default().to_owned();
    let wanted = Wanted { workload, features: Vec::new(), aliases: Vec::new() };
    match settle(work, logical_id, name, &wanted) {
        Ok(()) => Progress::Done(physical.to_owned()),
        Err(progress) => progress,
    }
}

fn environment<'a>(work: &'a Work, name: &str) -> Option<&'a Stack> {
    let stacks = &work.world.state.regional.get(&work.caller.scope())?.stacks;
    stacks.by_id.get(stacks.find(name)?)
}

/// Goes on until the environment has what is wanted, or does not exist.
fn settle(work: &mut Work, logical_id: &str, name: &str, wanted: &Wanted) -> Result<(), Progress> {
    let Some(stack) = environment(work, name) else { return Ok(()) };
    if stack.status == "DELETE_IN_PROGRESS" && wanted.features.is_empty() {
        return Ok(());
    }
    if stack.busy() {
        return Err(Progress::Running);
    }
    let changed = changed(stack, wanted).map_err(Progress::Failed)?;
    let asked = work.operation.asked.contains(logical_id);
    if changed.is_empty() {
        work.operation.asked.remove(logical_id);
        return Ok(());
    }
    if asked && (stack.status.contains("ROLLBACK") || stack.status.contains("FAILED")) {
        let why = stack.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let reason = format!("the update of environment stack {name} ended in {}{why}", stack.status);
        work.operation.asked.remove(logical_id);
        return Err(Progress::Failed(reason));
    }
    let given = stack
        .parameters
        .keys()
        .map(|key| match changed.get(key) {
            Some(value) => json!({"ParameterKey": key, "ParameterValue": value}),
            None => json!({"ParameterKey": key, "UsePreviousValue": true}),
        })
        .collect();
    let target = update::Target {
        body: stack.body.clone(),
        template: stack.template.clone(),
        given,
        tags: stack.tags.clone(),
        capabilities: stack.capabilities.clone(),
        change_set_id: None,
    };
    let (id, scope) = (stack.id.clone(), work.caller.scope());
    match update::begin(work.world, &scope, &id, target) {
        Err(error) if error.message.starts_with("No updates") => Ok(()),
        Err(error) => Err(Progress::Failed(error.message)),
        Ok(()) => {
            work.operation.asked.insert(logical_id.to_owned());
            Err(Progress::Running)
        }
    }
}

/// The parameters of the environment that have to change, with their new values.
fn changed(stack: &Stack, wanted: &Wanted) -> Result<IndexMap<String, String>, String> {
    let name = &stack.name;
    if let Some(missing) = wanted.features.iter().find(|feature| !stack.parameters.contains_key(*feature)) {
        return Err(format!(
            "environment stack {name} has no parameter {missing}: deploy the environment with a current version"
        ));
    }
    let mut changed = IndexMap::new();
    for (key, value) in stack.parameters.iter().filter(|(key, _)| key.ends_with(WORKLOADS)) {
        let mut names: Vec<&str> = value.given.split(',').filter(|name| !name.is_empty()).collect();
        let before = names.len();
        names.retain(|name| *name != wanted.workload);
        let had = names.len() < before;
        if had == wanted.features.contains(key) {
            continue;
        }
        if !had {
            names.push(&wanted.workload);
        }
        changed.insert(key.clone(), names.join(","));
    }
    if let Some(value) = stack.parameters.get(ALIASES) {
        let mut all = values::aliases(&value.given)?;
        let present = all.get(&wanted.workload).map(values::items).unwrap_or_default();
        if present != wanted.aliases {
            if wanted.aliases.is_empty() {
                all.shift_remove(&wanted.workload);
            } else {
                all.insert(wanted.workload.clone(), json!(wanted.aliases));
            }
            let text = if all.is_empty() { String::new() } else { Json::Object(all).to_string() };
            changed.insert(ALIASES.to_owned(), text);
        }
    }
    Ok(changed)
}
