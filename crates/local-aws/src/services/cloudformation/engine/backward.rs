//! Removing what a stack has, and changing back what an update changed.

use super::action::{self, Progress};
use super::{Change, Phase, Previous, Step, Work};
use crate::services::cloudformation::exports;
use crate::services::cloudformation::model::Resource;

fn remains(resource: &Resource) -> bool {
    !matches!(resource.status.as_str(), "DELETE_COMPLETE" | "DELETE_SKIPPED")
}

fn kept(policy: Option<&str>, rollback: bool) -> bool {
    match policy {
        Some("Retain") => true,
        Some("RetainExceptOnCreate") => !rollback,
        _ => false,
    }
}

/// Removes all resources, those first that no other one needs; whether the operation goes on.
pub(super) fn remove_all(mut work: Work) -> bool {
    let rollback = work.operation.phase == Phase::RollbackCreate;
    if !work.operation.begun {
        work.operation.begun = true;
        work.operation.steps.clear();
        if let Some(reason) = in_use(&work) {
            let time = work.world.now();
            work.stack.turn(time, "DELETE_FAILED", Some(&reason));
            return false;
        }
    }
    finish_deletions(&mut work);
    let failed: Vec<String> = ids(&work, |step| matches!(step, Step::Failed(_)));
    if failed.is_empty() {
        start_deletions(&mut work, rollback);
    }
    let running = work.operation.steps.values().any(|step| matches!(step, Step::Running(_)));
    let left = work.stack.resources.values().any(remains);
    if running || (left && failed.is_empty()) {
        return true;
    }
    let time = work.world.now();
    if !failed.is_empty() {
        let reason = format!("The following resource(s) failed to delete: [{}]. ", failed.join(", "));
        work.stack.turn(time, if rollback { "ROLLBACK_FAILED" } else { "DELETE_FAILED" }, Some(&reason));
    } else if rollback {
        work.stack.outputs.clear();
        work.stack.turn(time, "ROLLBACK_COMPLETE", None);
    } else {
        work.stack.outputs.clear();
        work.stack.deleted = Some(time);
        work.stack.turn(time, "DELETE_COMPLETE", None);
    }
    false
}

fn ids(work: &Work, which: fn(&Step) -> bool) -> Vec<String> {
    work.operation.steps.iter().filter(|(_, step)| which(step)).map(|(id, _)| id.clone()).collect()
}

fn in_use(work: &Work) -> Option<String> {
    let scope = work.caller.scope();
    work.stack.outputs.iter().filter_map(|output| output.export.as_ref()).find_map(|name| {
        let users = exports::importers(work.world, &scope, name);
        let users: Vec<String> = users.into_iter().filter(|user| *user != work.stack.name).collect();
        (!users.is_empty())
            .then(|| format!("Export {name} cannot be deleted as it is in use by {}", users.join(", ")))
    })
}

fn finish_deletions(work: &mut Work) {
    for id in ids(work, |step| matches!(step, Step::Running(_))) {
        let Some(resource) = work.stack.resources.get(&id).cloned() else { continue };
        let physical = resource.physical_id.clone().unwrap_or_default();
        let progress = action::delete(work, &id, &resource.kind, &physical, &resource.properties);
        let time = work.world.now();
        let step = match progress {
            Progress::Running => continue,
            Progress::Done(_) => {
                work.stack.turn_resource(time, &id, "DELETE_COMPLETE", None);
                Step::Done(Change::Keep)
            }
            Progress::Failed(reason) => {
                work.stack.turn_resource(time, &id, "DELETE_FAILED", Some(&reason));
                Step::Failed(Change::Keep)
            }
        };
        work.operation.steps.insert(id, step);
    }
}

fn start_deletions(work: &mut Work, rollback: bool) {
    let free: Vec<Resource> = work
        .stack
        .resources
        .values()
        .filter(|resource| remains(resource) && !work.operation.steps.contains_key(&resource.logical_id))
        .filter(|resource| {
            !work.stack.resources.values().any(|other| {
                remains(other)
                    && other.depends_on.contains(&resource.logical_id)
                    && other.logical_id != resource.logical_id
            })
        })
        .cloned()
        .collect();
    for resource in free {
        let time = work.world.now();
        let id = resource.logical_id;
        let Some(physical) = resource.physical_id else {
            // Nothing was made; it is gone without ado.
            if let Some(resource) = work.stack.resources.get_mut(&id) {
                resource.status = "DELETE_COMPLETE".into();
            }
            continue;
        };
        if kept(resource.deletion_policy.as_deref(), rollback) || work.operation.retain.contains(&id) {
            work.stack.turn_resource(time, &id, "DELETE_SKIPPED", None);
            continue;
        }
        work.stack.turn_resource(time, &id, "DELETE_IN_PROGRESS", None);
        action::begin_delete(work, &resource.kind, &physical);
        work.operation.steps.insert(id, Step::Running(Change::Keep));
    }
}

/// Gives changed resources their previous properties and puts aside what had been made; always goes on.
pub(super) fn change_back(mut work: Work) -> bool {
    let Some(previous) = work.operation.previous.clone() else { return false };
    if !work.operation.begun {
        work.operation.begun = true;
        work.operation.leftovers.clear();
        let steps: Vec<(String, Step)> =
            work.operation.steps.iter().rev().map(|(id, step)| (id.clone(), *step)).collect();
        let (tags, own_tags) = (previous.tags.clone(), work.stack.tags.clone());
        work.stack.tags = tags;
        for (id, step) in steps {
            if let Some(reason) = turn_back(&mut work, &previous, &id, step) {
                let time = work.world.now();
                work.stack.tags = own_tags;
                work.stack.turn_resource(time, &id, "UPDATE_FAILED", Some(&reason));
                let why = format!("The following resource(s) failed to update: [{id}].");
                work.stack.turn(time, "UPDATE_ROLLBACK_FAILED", Some(&why));
                work.stack.rollback = Some(work.operation.clone());
                return false;
            }
        }
        return true;
    }
    // Nested stacks take their own time to turn back.
    let scope = work.caller.scope();
    let stacks = &work.world.state.at(&scope).stacks.by_id;
    let waits = work.stack.resources.values().any(|resource| {
        resource.kind == "AWS::CloudFormation::Stack"
            && resource.physical_id.as_ref().and_then(|id| stacks.get(id)).is_some_and(super::Stack::busy)
    });
    match services_back(&mut work) {
        Some(Ok(())) => {}
        None => return true,
        Some(Err(id)) => {
            let time = work.world.now();
            let why = format!("The following resource(s) failed to update: [{id}].");
            work.stack.turn(time, "UPDATE_ROLLBACK_FAILED", Some(&why));
            work.stack.rollback = Some(work.operation.clone());
            return false;
        }
    }
    if waits {
        return true;
    }
    let Previous { body, template, parameters, tags, capabilities, outputs, change_set_id, .. } = *previous;
    work.stack.body = body;
    work.stack.template = template;
    work.stack.parameters = parameters;
    work.stack.tags = tags;
    work.stack.capabilities = capabilities;
    work.stack.outputs = outputs;
    work.stack.change_set_id = change_set_id;
    let time = work.world.now();
    work.stack.turn(time, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None);
    work.operation.phase = Phase::RollbackCleanup;
    work.operation.begun = false;
    true
}

/// How services are coming along that are changed back; the logical id of one that can't be.
fn services_back(work: &mut Work) -> Option<Result<(), String>> {
    let back =
        |resource: &&Resource| resource.kind == action::SERVICE && resource.status == "UPDATE_IN_PROGRESS";
    let ids: Vec<String> =
        work.stack.resources.values().filter(back).map(|resource| resource.logical_id.clone()).collect();
    let mut waits = false;
    for id in ids {
        let time = match action::update(work, &id) {
            Progress::Running => {
                waits = true;
                continue;
            }
            Progress::Failed(reason) => {
                let time = work.world.now();
                work.stack.turn_resource(time, &id, "UPDATE_FAILED", Some(&reason));
                return Some(Err(id));
            }
            Progress::Done(_) => work.world.now(),
        };
        work.stack.turn_resource(time, &id, "UPDATE_COMPLETE", None);
    }
    (!waits).then_some(Ok(()))
}

/// Undoes one step of an update; the reason if that is not possible.
fn turn_back(work: &mut Work, previous: &Previous, id: &str, step: Step) -> Option<String> {
    let (Step::Done(change) | Step::Failed(change) | Step::Running(change)) = step else { return None };
    let time = work.world.now();
    let old = previous.resources.get(id).cloned();
    match (change, old) {
        (Change::Create, _) => {
            if let Some(made) =
                work.stack.resources.shift_remove(id).filter(|made| made.physical_id.is_some())
            {
                work.operation.leftovers.push(made);
            }
        }
        (Change::Replace, Some(old)) => {
            let new = work.stack.resources.insert(id.to_owned(), old.clone());
            if let Some(new) = new.filter(|new| new.physical_id != old.physical_id) {
                work.operation.leftovers.push(new);
            }
            work.stack.turn_resource(time, id, "UPDATE_COMPLETE", None);
        }
        (Change::Update, Some(old)) => {
            let former = old.physical_id.clone();
            let new = work.stack.resources.insert(id.to_owned(), old);
            if let Some(new) = new.filter(|new| new.physical_id != former) {
                work.operation.leftovers.push(new);
            }
            work.stack.turn_resource(time, id, "UPDATE_IN_PROGRESS", None);
            let kind = work.stack.resources[id].kind.as_str();
            if kind == action::SERVICE {
                return action::begin(work, id, true).err();
            }
            if kind == "AWS::CloudFormation::Stack" {
                // A nested stack that failed has turned back by itself.
                let _ = action::begin(work, id, true);
            } else if let Progress::Failed(reason) = action::update(work, id) {
                return Some(reason);
            }
            work.stack.turn_resource(time, id, "UPDATE_COMPLETE", None);
        }
        _ => {}
    }
    None
}

/// Removes what is left over; problems with that do not spoil the outcome.
pub(super) fn sweep(mut work: Work) -> bool {
    let rollback = work.operation.phase == Phase::RollbackCleanup;
    let time = work.world.now();
    if !work.operation.sweeping {
        work.operation.sweeping = true;
        let leftovers = std::mem::take(&mut work.operation.leftovers);
        for resource in leftovers.into_iter().rev() {
            let replaced = work.stack.resources.contains_key(&resource.logical_id);
            let policy =
                if replaced && !rollback { &resource.replace_policy } else { &resource.deletion_policy };
            let status =
                if kept(policy.as_deref(), rollback) { "DELETE_SKIPPED" } else { "DELETE_IN_PROGRESS" };
            tell(&mut work, &resource, time, status, None);
            if status == "DELETE_IN_PROGRESS" {
                action::begin_delete(
                    &mut work,
                    &resource.kind,
                    &resource.physical_id.clone().unwrap_or_default(),
                );
                work.operation.leftovers.push(resource);
            }
        }
        if !work.operation.leftovers.is_empty() {
            return true;
        }
    }
    let leftovers = std::mem::take(&mut work.operation.leftovers);
    for resource in leftovers {
        let physical = resource.physical_id.clone().unwrap_or_default();
        match action::delete(&mut work, &resource.logical_id, &resource.kind, &physical, &resource.properties)
        {
            Progress::Running => work.operation.leftovers.push(resource),
            Progress::Done(_) => tell(&mut work, &resource, time, "DELETE_COMPLETE", None),
            Progress::Failed(reason) => tell(&mut work, &resource, time, "DELETE_FAILED", Some(&reason)),
        }
    }
    if !work.operation.leftovers.is_empty() {
        return true;
    }
    work.stack.turn(time, if rollback { "UPDATE_ROLLBACK_COMPLETE" } else { "UPDATE_COMPLETE" }, None);
    false
}

/// An event about a resource that is no longer the stack's.
fn tell(work: &mut Work, resource: &Resource, time: i64, status: &str, reason: Option<&str>) {
    let physical = resource.physical_id.clone().unwrap_or_default();
    let properties = Some(resource.properties.to_string());
    work.stack.event(time, &resource.logical_id, &physical, &resource.kind, status, reason, properties);
}
