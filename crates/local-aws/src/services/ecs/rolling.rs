//! Which tasks a service starts and stops.

use super::launch::{self, Order};
use super::model::Task;
use super::rollout::Work;
use crate::core::input::Input;

/// Steps in which both revisions run before a rolling deployment that watches alarms is done.
const BAKE: u32 = 5;
/// The most steps between two tries of a service whose tasks keep failing.
const LONGEST: u32 = 50;

/// The tasks of the service that are not over.
fn alive<'a>(work: &'a Work) -> impl Iterator<Item = &'a Task> {
    let here = work.world.state.regional.get(&work.caller.scope());
    let tasks = here.into_iter().flat_map(|here| here.ecs.tasks.values());
    tasks.filter(|task| task.service.as_deref() == Some(work.service.arn.as_str()) && !task.over())
}

/// How many tasks of a rollout there are that are not told to stop, and how many of them are well.
pub(super) fn numbers(work: &Work, rollout: &str) -> (i64, i64) {
    let mine = || alive(work).filter(|task| task.rollout.as_deref() == Some(rollout) && !task.ending);
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    (count(mine().count()), count(mine().filter(|task| task.well()).count()))
}

/// Whether a rollout has tasks, also such that are stopping.
pub(super) fn has_tasks(work: &Work, rollout: &str) -> bool {
    alive(work).any(|task| task.rollout.as_deref() == Some(rollout))
}

/// Counts tasks that failed since the last step, and those that have become well.
pub(super) fn count(work: &mut Work) {
    let now = work.world.now();
    let configuration = work.service.deployments.last().map(|deployment| &deployment.configuration);
    let breaker = configuration.and_then(|configuration| configuration.get("deploymentCircuitBreaker"));
    let resets = breaker
        .is_none_or(|breaker| !breaker.has("resetOnHealthyTask") || breaker.flag("resetOnHealthyTask"));
    let scope = work.caller.scope();
    let name = work.service.name.clone();
    let mut told = Vec::new();
    for task in work.world.state.at(&scope).ecs.tasks.values_mut() {
        if task.counted || task.service.as_deref() != Some(work.service.arn.as_str()) {
            continue;
        }
        let rollout = work.service.rollouts.iter_mut().find(|one| Some(&one.id) == task.rollout.as_ref());
        let Some(rollout) = rollout else { continue };
        if task.failed {
            task.counted = true;
            rollout.failed += 1;
            rollout.updated = now;
            work.service.steady = false;
            let reason = task.reason.as_deref().unwrap_or_default();
            match reason {
                "Essential container in task exited" => {}
                "Task failed container health checks" => {
                    told.push(format!("(service {name}) (task {}) failed container health checks.", task.id));
                }
                _ if reason.starts_with("Task failed ELB health checks") => {
                    let group =
                        reason.split_once("target-group ").map_or("", |(_, rest)| rest).trim_end_matches(')');
                    told.push(format!(
                        "(service {name}) (task {}) (port 80) is unhealthy in (target-group {group}) due to (reason Health checks failed).",
                        task.id
                    ));
                }
                _ => told.push(format!("(service {name}) was unable to place a task. Reason: {reason}.")),
            }
            if rollout.failed == 2 {
                told.push(format!(
                    "(service {name}) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
                ));
            }
            if rollout.failed > 3 {
                work.service.pause = u32::try_from(rollout.failed).unwrap_or(LONGEST).min(LONGEST);
            }
        } else if task.well() {
            task.counted = true;
            rollout.failed = if resets { 0 } else { rollout.failed };
        }
    }
    for message in told {
        work.service.tell(now, message);
    }
    // A task that was well can fail later.
    for task in work.world.state.at(&scope).ecs.tasks.values_mut() {
        if task.counted && !task.failed && !task.well() {
            task.counted = false;
        }
    }
}

/// Takes a step with a rolling deployment; whether it is done.
pub(super) fn advance(work: &mut Work) -> bool {
    let Some(primary) = work.service.rollouts.first().map(|one| one.id.clone()) else { return true };
    schedule(work);
    let (there, well) = numbers(work, &primary);
    let others: Vec<String> = work.service.rollouts.iter().skip(1).map(|one| one.id.clone()).collect();
    let idle: Vec<&String> = others.iter().filter(|id| !has_tasks(work, id)).collect();
    for id in idle {
        let failed = work.service.rollouts.iter().any(|one| one.id == **id && one.state == "FAILED");
        let returning = work.service.under_way().is_some_and(|deployment| deployment.rollback.is_some());
        if !(failed && returning) {
            work.service.rollouts.retain(|one| one.id != *id);
        }
    }
    let gone = others.iter().all(|id| !has_tasks(work, id));
    if !enough(work, (there, well), gone) {
        return false;
    }
    let minute = work.world.options.minute;
    let Some(deployment) = work.service.deployments.last_mut() else { return true };
    let minutes = deployment.configuration.number("bakeTimeInMinutes");
    let minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
    let bake = match minutes {
        _ if deployment.rollback.is_some() => 0,
        Some(minutes) if minutes > 0 => minutes.saturating_mul(minute),
        _ if deployment.alarms == "MONITORING" => BAKE,
        _ => 0,
    };
    deployment.steps += 1;
    deployment.steps > bake
}

/// Whether enough of the new tasks are well, and the old ones gone, for a rolling deployment to be called done.
fn enough(work: &Work, (there, well): (i64, i64), gone: bool) -> bool {
    let desired = work.service.desired;
    let deployment = work.service.under_way().filter(|deployment| deployment.rollback.is_none());
    let early = deployment.and_then(|deployment| deployment.configuration.get("earlySuccessCriteria"));
    match early.filter(|early| early.flag("enable")) {
        Some(early) => {
            let percent = early.number("healthyPercent").unwrap_or(100);
            let waits = early.text("sourceServiceRevisionCleanup") != Some("DEFERRED");
            well * 100 >= desired * percent && (gone || !waits)
        }
        None => there == desired && well == desired && gone,
    }
}

/// Starts tasks of the primary rollout and stops others, as far as the service's limits allow.
fn schedule(work: &mut Work) {
    let Some(primary) = work.service.rollouts.first().cloned() else { return };
    let desired = work.service.desired;
    let limits = work.service.shape.get("deploymentConfiguration");
    let limit = |key: &str, default: i64| limits.and_then(|limits| limits.number(key)).unwrap_or(default);
    let most = (desired * limit("maximumPercent", 200) / 100).max(1);
    let least = (desired * limit("minimumHealthyPercent", 100) + 99) / 100;
    let (there, well) = numbers(work, &primary.id);
    let others: Vec<String> = work.service.rollouts.iter().skip(1).map(|one| one.id.clone()).collect();
    let (mut all, mut all_well) = (there, well);
    for id in &others {
        let (there, well) = numbers(work, id);
        (all, all_well) = (all + there, all_well + well);
    }
    if work.service.pause > 0 {
        work.service.pause -= 1;
    } else if primary.state != "FAILED" {
        start(work, &primary.id, (desired - there).min(most - all));
    }
    stop(work, &primary.id, there - desired, false);
    for id in others {
        let (there, well) = numbers(work, &id);
        stop(work, &id, there - well, true);
        let spare = (all_well - least).clamp(0, well);
        stop(work, &id, spare, false);
        all_well -= spare;
    }
}

/// Keeps a service as it is when nothing is deployed; whether anything is still on its way.
pub(super) fn keep(work: &mut Work) -> bool {
    let Some(primary) = work.service.rollouts.first().cloned() else { return false };
    let (there, well) = numbers(work, &primary.id);
    if there == work.service.desired && well == there && work.service.rollouts.len() == 1 {
        if !work.service.steady {
            work.service.steady = true;
            let (now, name) = (work.world.now(), work.service.name.clone());
            work.service.tell(now, format!("(service {name}) has reached a steady state."));
        }
        return false;
    }
    schedule(work);
    let others: Vec<String> = work.service.rollouts.iter().skip(1).map(|one| one.id.clone()).collect();
    let idle: Vec<&String> = others.iter().filter(|id| !has_tasks(work, id)).collect();
    for id in idle {
        work.service.rollouts.retain(|one| one.id != *id);
    }
    primary.state != "FAILED" || work.service.rollouts.len() > 1
}

/// Starts tasks of a rollout.
pub(super) fn start(work: &mut Work, rollout: &str, count: i64) {
    if count <= 0 {
        return;
    }
    let (now, name, arn) = (work.world.now(), work.service.name.clone(), work.service.arn.clone());
    let Some(found) = work.service.rollouts.iter().find(|one| one.id == rollout).cloned() else { return };
    let mut shape =
        work.service.revision(&found.revision).map_or(work.service.shape.clone(), |one| one.shape.clone());
    if let Some(provider) = shape.pointer("/capacityProviderStrategy/0/capacityProvider").cloned() {
        shape["capacityProviderName"] = provider;
    }
    let propagates = shape.text("propagateTags") == Some("SERVICE");
    let mut tags =
        if propagates { work.service.tags.clone() } else { crate::services::tags::Tags::default() };
    tags.retain(|key, _| !key.starts_with("aws:"));
    let mut made = Vec::new();
    for _ in 0..count {
        let order = Order {
            cluster: work.service.cluster.clone(),
            definition: found.definition.clone(),
            group: format!("service:{name}"),
            started_by: Some(found.id.clone()),
            service: Some((arn.clone(), found.id.clone())),
            shape: shape.clone(),
            tags: tags.clone(),
        };
        let task = launch::task(work.world, work.caller, order);
        made.push(format!("(task {})", super::last(&task)));
    }
    work.service.tell(now, format!("(service {name}) has started {count} tasks: {}.", made.join(" ")));
    (work.service.steady, work.service.pause) = (false, 0);
}

/// Stops tasks of a rollout, those first that are not well; only these if `ill`.
pub(super) fn stop(work: &mut Work, rollout: &str, count: i64, ill: bool) {
    let now = work.world.now();
    let (name, scope) = (work.service.name.clone(), work.caller.scope());
    let tasks = &mut work.world.state.at(&scope).ecs.tasks;
    let mine = tasks.values_mut().filter(|task| {
        task.rollout.as_deref() == Some(rollout) && !(task.over() || task.ending || ill && task.well())
    });
    let mut mine: Vec<&mut Task> = mine.collect();
    mine.sort_by_key(|task| (task.well(), task.created));
    let mut told = Vec::new();
    for task in mine.into_iter().take(usize::try_from(count).unwrap_or(0)) {
        let reason = format!("Scaling activity initiated by (deployment {rollout})");
        task.end(now, "ServiceSchedulerInitiated", &reason);
        told.push(format!("(task {})", task.id));
    }
    if !told.is_empty() {
        let message =
            format!("(service {name}) has stopped {} running tasks: {}.", told.len(), told.join(" "));
        work.service.tell(now, message);
    }
}
