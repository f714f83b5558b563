//! Creating and updating: each resource as soon as those that it depends on are there.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::action::{self, Progress, differing, takes_tags};
use super::{Change, Phase, Step, Work};
use crate::core::input::Input;
use crate::services::cloudformation::model::{Output, Resource};
use crate::services::cloudformation::resources::replaced_by;
use crate::services::cloudformation::template::walk::dependencies;
use crate::services::cloudformation::template::{same, scalar, section};
use crate::services::cloudformation::{evaluator, exports, policy};

/// One step; whether the operation goes on.
pub(super) fn step(mut work: Work) -> bool {
    if !work.operation.begun {
        work.operation.begun = true;
        if let Some(reason) = missing_import(&work) {
            return fail(&mut work, Some(reason));
        }
    }
    finish_running(&mut work);
    if work.operation.cancelled {
        return fail(&mut work, Some("User Initiated".into()));
    }
    if !failed(&work) {
        start_waiting(&mut work);
    }
    if failed(&work) {
        cancel_running(&mut work);
        return fail(&mut work, None);
    }
    if work.operation.steps.values().all(|step| matches!(step, Step::Done(_))) {
        return complete(&mut work);
    }
    true
}

fn failed(work: &Work) -> bool {
    work.operation.steps.values().any(|step| matches!(step, Step::Failed(_)))
}

fn missing_import(work: &Work) -> Option<String> {
    let scope = work.caller.scope();
    exports::imports_of(work.world, &scope, work.stack)
        .into_iter()
        .find(|name| exports::value(work.world, &scope, name).is_none())
        .map(|name| format!("No export named {name} found."))
}

fn finish_running(work: &mut Work) {
    let running: Vec<(String, Change)> = work
        .operation
        .steps
        .iter()
        .filter_map(|(id, step)| match step {
            Step::Running(change) => Some((id.clone(), *change)),
            _ => None,
        })
        .collect();
    for (id, change) in running {
        let progress = match change {
            Change::Update => action::update(work, &id),
            _ => action::create(work, &id),
        };
        let time = work.world.now();
        let verb = if change == Change::Create { "CREATE" } else { "UPDATE" };
        match progress {
            Progress::Running => {}
            Progress::Done(physical) => {
                let old = work.operation.previous.as_ref().and_then(|old| old.resources.get(&id));
                // A custom resource is replaced when its function answers with another id.
                let replaced = old.filter(|old| {
                    change == Change::Replace
                        || change == Change::Update && old.physical_id.as_deref() != Some(physical.as_str())
                });
                if let Some(old) = replaced.cloned() {
                    work.operation.leftovers.push(old);
                }
                if let Some(resource) = work.stack.resources.get_mut(&id) {
                    resource.physical_id = Some(physical);
                }
                let kind = work.stack.resources[&id].kind.as_str();
                if change == Change::Create && kind != "AWS::CloudFormation::Stack" && kind != action::SERVICE
                {
                    work.stack.turn_resource(
                        time,
                        &id,
                        "CREATE_IN_PROGRESS",
                        Some("Resource creation Initiated"),
                    );
                }
                let note = work.stack.resources.get_mut(&id).and_then(|resource| resource.note.take());
                work.stack.turn_resource(time, &id, &format!("{verb}_COMPLETE"), note.as_deref());
                work.operation.steps.insert(id, Step::Done(change));
            }
            Progress::Failed(reason) => {
                work.stack.turn_resource(time, &id, &format!("{verb}_FAILED"), Some(&reason));
                work.operation.steps.insert(id, Step::Failed(change));
            }
        }
    }
}

fn cancel_running(work: &mut Work) {
    let time = work.world.now();
    for (id, step) in &mut work.operation.steps {
        if let Step::Running(change) = *step {
            let (verb, noun) =
                if change == Change::Create { ("CREATE", "creation") } else { ("UPDATE", "update") };
            work.stack.turn_resource(
                time,
                id,
                &format!("{verb}_FAILED"),
                Some(&format!("Resource {noun} cancelled")),
            );
            *step = Step::Failed(change);
        }
    }
}

/// Starts whatever can start; resources that stay as they are do not hold up others until the next tick.
fn start_waiting(work: &mut Work) {
    loop {
        let ready: Vec<String> = work
            .operation
            .steps
            .iter()
            .filter(|(_, step)| **step == Step::Waiting)
            .map(|(id, _)| id.clone())
            .filter(|id| {
                let resource = &work.stack.template["Resources"][id.as_str()];
                dependencies(resource, &work.stack.template)
                    .iter()
                    .all(|on| work.operation.steps.get(on).is_none_or(|step| matches!(step, Step::Done(_))))
            })
            .collect();
        let mut kept = false;
        for id in ready {
            let step = start(work, &id);
            kept |= step == Step::Done(Change::Keep);
            work.operation.steps.insert(id, step);
        }
        if !kept {
            return;
        }
    }
}

fn start(work: &mut Work, id: &str) -> Step {
    let declared = work.stack.template["Resources"][id].clone();
    let time = work.world.now();
    let evaluated =
        evaluator(work.world, work.caller, work.stack, &work.stack.template, &work.stack.parameters, false)
            .properties(&declared);
    let old = work.operation.previous.as_ref().and_then(|previous| previous.resources.get(id)).cloned();
    let (properties, problem) = match evaluated {
        Ok(properties) => (properties, None),
        Err(reason) => (Json::Null, Some(reason)),
    };
    let change = match (&old, &problem) {
        (None, _) => Change::Create,
        (Some(_), Some(_)) => Change::Update,
        (Some(old), None) => change_of(work, old, &declared, &properties),
    };
    let (deletion_policy, replace_policy) = action::policies(&declared);
    let kind = declared.text("Type").unwrap_or_default().to_owned();
    let resource = work.stack.resources.entry(id.to_owned()).or_insert_with(|| Resource {
        logical_id: id.to_owned(),
        kind,
        ..Resource::default()
    });
    resource.deletion_policy = deletion_policy;
    resource.replace_policy = replace_policy;
    resource.metadata = declared.get("Metadata").cloned();
    resource.depends_on = dependencies(&declared, &work.stack.template).into_iter().collect();
    if change == Change::Keep {
        return Step::Done(Change::Keep);
    }
    resource.properties = properties;
    let replace = "Requested update requires the creation of a new physical resource; hence creating one.";
    let (verb, reason) = match change {
        Change::Create => ("CREATE", None),
        Change::Replace => ("UPDATE", Some(replace)),
        _ => ("UPDATE", None),
    };
    work.stack.turn_resource(time, id, &format!("{verb}_IN_PROGRESS"), reason);
    let denied = old.as_ref().and_then(|old| forbidden(work, id, old, change));
    let begun = match problem.or(denied) {
        Some(reason) => Err(reason),
        None => action::begin(work, id, change == Change::Update),
    };
    match begun {
        Ok(physical) => {
            if let Some(physical) = physical
                && let Some(resource) = work.stack.resources.get_mut(id)
            {
                resource.physical_id = Some(physical);
                if resource.kind == action::SERVICE && change == Change::Create {
                    let reason = Some("Resource creation Initiated");
                    work.stack.turn_resource(time, id, "CREATE_IN_PROGRESS", reason);
                }
            }
            Step::Running(change)
        }
        Err(reason) => {
            work.stack.turn_resource(time, id, &format!("{verb}_FAILED"), Some(&reason));
            Step::Failed(change)
        }
    }
}

/// What an update means for a resource.
fn change_of(work: &Work, old: &Resource, declared: &Json, properties: &Json) -> Change {
    let names = differing(&old.properties, properties);
    let metadata = declared.get("Metadata").unwrap_or(&Json::Null);
    let same_metadata = same(old.metadata.as_ref().unwrap_or(&Json::Null), metadata);
    let before = work.operation.previous.as_ref().map(|previous| &previous.tags);
    let new_tags = takes_tags(&old.kind) && before.is_some_and(|before| *before != work.stack.tags);
    let nested = old.kind == "AWS::CloudFormation::Stack";
    if names.is_empty() && same_metadata && !new_tags && !nested {
        return Change::Keep;
    }
    let fixed = replaced_by(&old.kind);
    if names.iter().any(|name| fixed.contains(&name.as_str())) { Change::Replace } else { Change::Update }
}

/// Why an update may not be carried out.
fn forbidden(work: &Work, id: &str, old: &Resource, change: Change) -> Option<String> {
    let action = if change == Change::Replace { "Update:Replace" } else { "Update:Modify" };
    if let Some(text) = &work.stack.policy
        && !policy::allows(text, action, id, &old.kind)
    {
        return Some(format!(
            "Action denied by stack policy: Statement [#1] does not allow [{action}] for resource [{id}]"
        ));
    }
    // A new resource cannot have the name of the one that is still there.
    let name = replaced_by(&old.kind).first().filter(|name| name.ends_with("Name"))?;
    let new = work.stack.resources.get(id)?.properties.text(name)?;
    (change == Change::Replace && old.properties.text(name) == Some(new)).then(|| {
        format!("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {new} and update the stack again.")
    })
}

/// Outputs of the stack as its template has them.
fn outputs(work: &Work) -> Result<Vec<Output>, String> {
    let evaluator =
        evaluator(work.world, work.caller, work.stack, &work.stack.template, &work.stack.parameters, false);
    let mut outputs = Vec::new();
    for (key, declared) in section(&work.stack.template, "Outputs") {
        if !evaluator.applies(declared)? {
            continue;
        }
        let value = evaluator.value(declared.get("Value").unwrap_or(&Json::Null))?.unwrap_or_default();
        let value = match &value {
            Json::Array(items) => items.iter().filter_map(scalar).collect::<Vec<_>>().join(","),
            other => scalar(other).ok_or_else(|| format!("Template format error: Output {key} is malformed. The Value field of every Outputs member must evaluate to a String."))?,
        };
        let export = declared.get("Export").and_then(|export| export.get("Name"));
        let export = export.map(|name| evaluator.text(name, "Export name")).transpose()?;
        let description = declared.text("Description").map(str::to_owned);
        outputs.push(Output { key: key.clone(), value, description, export });
    }
    Ok(outputs)
}

/// Why the exports may not become what they would be.
fn export_conflict(work: &Work, new: &[Output]) -> Option<String> {
    let scope = work.caller.scope();
    let stacks = &work.world.state.regional.get(&scope)?.stacks;
    for output in new {
        let Some(name) = &output.export else { continue };
        let owner = stacks
            .live()
            .filter(|stack| stack.id != work.stack.id)
            .find(|stack| stack.outputs.iter().any(|other| other.export.as_ref() == Some(name)));
        if let Some(owner) = owner {
            return Some(format!("Export with name {name} is already exported by stack {}.", owner.name));
        }
    }
    let before = work.operation.previous.as_ref()?;
    for output in &before.outputs {
        let Some(name) = &output.export else { continue };
        let after = new.iter().find(|other| other.export.as_ref() == Some(name));
        if after.is_some_and(|after| after.value == output.value) {
            continue;
        }
        let users = exports::importers(work.world, &scope, name);
        if !users.is_empty() {
            let verb = if after.is_some() { "updated" } else { "deleted" };
            return Some(format!("Export {name} cannot be {verb} as it is in use by {}.", users.join(", ")));
        }
    }
    None
}

fn complete(work: &mut Work) -> bool {
    let made = outputs(work).and_then(|made| match export_conflict(work, &made) {
        Some(reason) => Err(reason),
        None => Ok(made),
    });
    match made {
        Ok(outputs) => work.stack.outputs = outputs,
        Err(reason) => return fail(work, Some(reason)),
    }
    let time = work.world.now();
    if work.operation.phase == Phase::Create {
        work.stack.turn(time, "CREATE_COMPLETE", None);
        return false;
    }
    // What the template no longer has is removed only now that all else went well.
    let gone: BTreeSet<String> =
        work.stack.resources.keys().filter(|id| !work.operation.steps.contains_key(*id)).cloned().collect();
    for id in &gone {
        if let Some(resource) = work.stack.resources.shift_remove(id) {
            work.operation.leftovers.push(resource);
        }
    }
    work.stack.turn(time, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None);
    work.operation.phase = Phase::Cleanup;
    true
}

/// Turns back, or stops where nobody wants to turn back.
fn fail(work: &mut Work, reason: Option<String>) -> bool {
    let time = work.world.now();
    let names = |change: fn(Change) -> bool| {
        let failed = work
            .operation
            .steps
            .iter()
            .filter(|(_, step)| matches!(step, Step::Failed(done) if change(*done)));
        failed.map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (created, updated) =
        (names(|change| change == Change::Create), names(|change| change != Change::Create));
    let mut why = reason.unwrap_or_default();
    if !created.is_empty() {
        why = format!("The following resource(s) failed to create: [{created}].");
    }
    if !updated.is_empty() {
        let blank = if why.is_empty() { "" } else { " " };
        why = format!("{why}{blank}The following resource(s) failed to update: [{updated}].");
    }
    work.operation.begun = false;
    if work.operation.phase == Phase::Create {
        return fail_creation(work, time, &why);
    }
    if work.stack.disable_rollback && !work.operation.cancelled {
        work.stack.turn(time, "UPDATE_FAILED", Some(&why));
        return false;
    }
    work.stack.turn(time, "UPDATE_ROLLBACK_IN_PROGRESS", Some(&why));
    work.operation.phase = Phase::RollbackUpdate;
    true
}

fn fail_creation(work: &mut Work, time: i64, why: &str) -> bool {
    let choice = work.stack.on_failure.clone();
    if work.stack.disable_rollback || choice.as_deref() == Some("DO_NOTHING") {
        work.stack.turn(time, "CREATE_FAILED", Some(why));
        return false;
    }
    if choice.as_deref() == Some("DELETE") {
        work.stack.turn(time, "DELETE_IN_PROGRESS", Some(&format!("{why} Delete requested by user.")));
        work.operation.phase = Phase::Delete;
    } else {
        let status = "ROLLBACK_IN_PROGRESS";
        work.stack.turn(time, status, Some(&format!("{why} Rollback requested by user.")));
        work.operation.phase = Phase::RollbackCreate;
    }
    work.operation.steps.clear();
    true
}
