//! Deployments of services: how they begin, are watched over, and end.

use serde_json::{Value as Json, json};

use super::deployments::shifts;
use super::model::{Deployment, Revision, Rollback, Rollout, Service};
use super::{rolling, traffic};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::services::monitoring;

/// A service that is being worked on, taken out of the world for the time of a step.
pub(super) struct Work<'a> {
    pub(super) world: &'a mut World,
    pub(super) caller: &'a Caller,
    pub(super) service: &'a mut Service,
}

/// Moves services on by one step; whether one of them is on its way somewhere.
pub(super) fn tick(world: &mut World, scope: &str) -> bool {
    let (account, region) = State::of_scope(scope);
    let caller = Caller::service(account, region, "ecs");
    let arns: Vec<String> = world.state.at(scope).ecs.services.keys().cloned().collect();
    let mut moved = false;
    for arn in arns {
        let Some(mut service) = world.state.at(scope).ecs.services.remove(&arn) else { continue };
        let mut work = Work { world, caller: &caller, service: &mut service };
        moved |= step(&mut work);
        world.state.at(scope).ecs.services.insert(arn, service);
    }
    moved
}

fn step(work: &mut Work) -> bool {
    rolling::count(work);
    if work.service.under_way().is_none() {
        return rolling::keep(work);
    }
    watch(work);
    let Some(deployment) = work.service.under_way() else { return true };
    let done = if deployment.rollback.is_none() && shifts(&deployment.configuration) {
        traffic::advance(work)
    } else {
        rolling::advance(work)
    };
    if done {
        succeed(work);
    }
    true
}

/// A new deployment of what the service is to be now; its ARN.
pub(super) fn begin(world: &mut World, caller: &Caller, service: &mut Service) -> String {
    let now = world.now();
    let ecs = &mut world.state.at(&caller.scope()).ecs;
    let path = format!("{}/{}", service.cluster, service.name);
    let revision = caller.arn("ecs", &format!("service-revision/{path}/{}", ecs.number(&service.arn)));
    let arn = caller.arn("ecs", &format!("service-deployment/{path}/{}", &ecs.name(&service.arn)[..21]));
    let id = format!("ecs-svc/{}", ecs.number(&service.arn));
    let configuration = service.shape.get("deploymentConfiguration").cloned().unwrap_or_else(|| json!({}));
    let watched = watched(&configuration);
    let alarms = match () {
        () if watched.is_empty() => "DISABLED",
        // Who is alarmed before learns nothing from the alarm.
        () if monitoring::alarmed(world, caller, &watched).is_empty() => "MONITORING",
        () => "DISABLED",
    };
    let back = match service.deployments.last_mut().filter(|last| last.finished.is_none()) {
        Some(last) => {
            (last.finished, last.stopped, last.updated) = (Some(now), Some(now), now);
            last.status = "STOPPED".into();
            last.reason = Some("Service deployment stopped because a new deployment was started.".into());
            last.back.clone()
        }
        None => service.rollouts.iter().find(|one| one.state == "COMPLETED").map(|one| one.revision.clone()),
    };
    let breaker = configuration.get("deploymentCircuitBreaker").is_some_and(|breaker| breaker.flag("enable"));
    let deployment = Deployment {
        arn: arn.clone(),
        created: now,
        updated: now,
        sources: service.rollouts.iter().map(|one| one.revision.clone()).collect(),
        target: revision.clone(),
        back,
        status: "IN_PROGRESS".into(),
        stage: "RECONCILE_SERVICE".into(),
        threshold: threshold(&configuration, service.desired),
        breaker: if breaker { "MONITORING" } else { "DISABLED" }.into(),
        alarms: alarms.into(),
        configuration,
        ..Deployment::default()
    };
    let last = service.rollouts.first().and_then(|one| service.revision(&one.revision));
    let groups = traffic::groups(
        &service.shape,
        last.map(|one| one.groups.as_slice()),
        shifts(&deployment.configuration),
    );
    service.revisions.push(Revision {
        arn: revision.clone(),
        created: now,
        groups,
        shape: service.shape.clone(),
        ..Revision::default()
    });
    let definition = service.shape.text("taskDefinition").unwrap_or_default().to_owned();
    let reason = format!("ECS deployment {id} in progress.");
    let rollout = Rollout {
        id,
        revision,
        definition,
        created: now,
        updated: now,
        desired: service.desired,
        state: "IN_PROGRESS".into(),
        reason,
        failed: 0,
    };
    service.rollouts.insert(0, rollout);
    service.deployments.push(deployment);
    (service.steady, service.pause) = (false, 0);
    arn
}

/// Another number of tasks is wanted.
pub(super) fn rescale(service: &mut Service, now: i64) {
    let desired = service.desired;
    if let Some(primary) = service.rollouts.first_mut().filter(|one| one.desired != desired) {
        primary.desired = desired;
        primary.updated = now;
        service.steady = false;
    }
}

/// How many tasks may fail before the circuit breaker trips.
fn threshold(configuration: &Json, desired: i64) -> i64 {
    let limit = configuration.pointer("/deploymentCircuitBreaker/thresholdConfiguration");
    let value = limit.and_then(|limit| limit.number("value")).unwrap_or(50);
    let part = (desired * value + 99) / 100;
    match limit.and_then(|limit| limit.text("type")) {
        Some("COUNT") => value.max(1),
        Some("UNBOUNDED_PERCENT") => part.max(1),
        _ => part.clamp(3, 200),
    }
}

/// The alarms that a deployment watches.
pub(super) fn watched(configuration: &Json) -> Vec<String> {
    let alarms = configuration.get("alarms").filter(|alarms| alarms.flag("enable"));
    alarms.map(|alarms| alarms.texts("alarmNames")).unwrap_or_default()
}

/// Looks whether the deployment has to be given up.
fn watch(work: &mut Work) {
    let Some(deployment) = work.service.under_way() else { return };
    let failures = work.service.rollouts.first().map_or(0, |primary| primary.failed);
    let trips = deployment.breaker == "MONITORING" && failures >= deployment.threshold;
    let alarmed = if deployment.alarms == "MONITORING" {
        monitoring::alarmed(work.world, work.caller, &watched(&deployment.configuration))
    } else {
        Vec::new()
    };
    let back = |key: &str| deployment.configuration.get(key).is_some_and(|one| one.flag("rollback"));
    let (rolls_back, by_alarm) = (back("deploymentCircuitBreaker"), back("alarms"));
    let Some(last) = work.service.deployments.last_mut() else { return };
    last.failures = failures;
    if trips {
        last.breaker = "TRIGGERED".into();
        let reason = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
        let (name, what) = ("circuit breaker", "tasks failed to start");
        give_up(work, Why { name, what, rolls_back, reason: reason.into() });
    } else if !alarmed.is_empty() {
        last.alarms = "TRIGGERED".into();
        last.triggered.clone_from(&alarmed);
        let reason = format!(
            "Service deployment rolled back because of CloudWatch alarms in ALARM state: {}.",
            alarmed.join(", ")
        );
        let (name, what) = ("alarm", "alarm detected");
        give_up(work, Why { name, what, rolls_back: by_alarm, reason });
    }
}

/// Why a deployment is given up.
pub(super) struct Why {
    /// Who gave it up, and what that found.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) rolls_back: bool,
    pub(super) reason: String,
}

/// Gives the deployment under way up: what was there before comes back, or the service stays as it is.
pub(super) fn give_up(work: &mut Work, why: Why) {
    let now = work.world.now();
    let Some(deployment) = work.service.deployments.last_mut().filter(|one| one.finished.is_none()) else {
        return;
    };
    let returning = deployment.rollback.is_some();
    let back = deployment.back.clone().filter(|_| why.rolls_back && !returning);
    deployment.updated = now;
    let (name, what) = (why.name, why.what);
    let service = work.service.name.clone();
    let told = work.service.rollouts.first_mut().map(|primary| {
        primary.state = "FAILED".into();
        primary.updated = now;
        primary.reason = format!("ECS deployment {name}: {what}.");
        format!("(service {service}) (deployment {}) deployment failed: {what}.", primary.id)
    });
    let Some(revision) = back.filter(|revision| work.service.revision(revision).is_some()) else {
        let Some(deployment) = work.service.deployments.last_mut() else { return };
        deployment.status = if returning { "ROLLBACK_FAILED" } else { "STOPPED" }.into();
        deployment.reason = Some(why.reason.replace(" rolled back", " stopped"));
        (deployment.finished, deployment.stopped) = (Some(now), Some(now));
        if let Some(message) = told {
            work.service.tell(now, message);
        }
        return;
    };
    if let Some(deployment) = work.service.deployments.last_mut() {
        deployment.status = "ROLLBACK_IN_PROGRESS".into();
        deployment.rollback =
            Some(Rollback { reason: why.reason.clone(), started: now, revision: revision.clone() });
        deployment.reason = Some(why.reason);
        deployment.steps = 0;
        if deployment.breaker == "MONITORING" {
            deployment.breaker = "MONITORING_COMPLETE".into();
        }
        if deployment.alarms == "MONITORING" {
            deployment.alarms = "MONITORING_COMPLETE".into();
        }
    }
    if let Some(message) = told {
        work.service.tell(now, message);
    }
    let id = turn_back(work, &revision, now);
    traffic::set_weights(work, &revision, 100.0);
    let message = format!("(service {service}) rolling back to (deployment {id}).");
    work.service.tell(now, message);
    if let Some(failed) = work.service.rollouts.get_mut(1) {
        failed.desired = 0;
        failed.reason = format!("ECS deployment {name}: {what}, rolling back to deploymentId {id}.");
    }
    if let Some(primary) = work.service.rollouts.first_mut() {
        primary.reason = format!("ECS deployment {name}: rolling back to deploymentId {id}.");
    }
}

/// Makes the rollout of a revision the primary one; its id.
fn turn_back(work: &mut Work, revision: &str, now: i64) -> String {
    let service = &mut *work.service;
    let known = service.rollouts.iter().position(|one| one.revision == revision);
    let mut rollout = if let Some(at) = known {
        service.rollouts.remove(at)
    } else {
        let number = work.world.state.at(&work.caller.scope()).ecs.number(&service.arn);
        Rollout { id: format!("ecs-svc/{number}"), created: now, ..Rollout::default() }
    };
    if let Some(found) = service.revision(revision).cloned() {
        let definition = found.shape.text("taskDefinition").unwrap_or_default().to_owned();
        let desired = service.shape.get("desiredCount").cloned();
        service.shape = found.shape;
        if let Some(desired) = desired {
            service.shape["desiredCount"] = desired;
        }
        rollout.definition = definition;
    }
    revision.clone_into(&mut rollout.revision);
    rollout.state = "IN_PROGRESS".into();
    (rollout.desired, rollout.failed, rollout.updated) = (service.desired, 0, now);
    let id = rollout.id.clone();
    service.rollouts.insert(0, rollout);
    id
}

/// The deployment under way has come to a good end, or to the end of its way back.
fn succeed(work: &mut Work) {
    let now = work.world.now();
    let primary = work.service.rollouts.first().map(|one| one.revision.clone()).unwrap_or_default();
    for revision in &mut work.service.revisions {
        let all = if revision.arn == primary { 100.0 } else { 0.0 };
        (revision.weight, revision.test_weight) = (all, all);
    }
    let others: Vec<String> = work.service.rollouts.iter().skip(1).map(|one| one.id.clone()).collect();
    let gone: Vec<String> = others.into_iter().filter(|id| !rolling::has_tasks(work, id)).collect();
    let service = &mut *work.service;
    let Some(deployment) = service.deployments.last_mut() else { return };
    let returned = deployment.rollback.is_some();
    deployment.status = if returned { "ROLLBACK_SUCCESSFUL" } else { "SUCCESSFUL" }.into();
    (deployment.finished, deployment.updated) = (Some(now), now);
    for monitor in [&mut deployment.breaker, &mut deployment.alarms] {
        if monitor == "MONITORING" {
            *monitor = "MONITORING_COMPLETE".into();
        }
    }
    service.rollouts.retain(|one| !gone.contains(&one.id));
    let name = service.name.clone();
    let told = service.rollouts.first_mut().map(|primary| {
        primary.state = "COMPLETED".into();
        primary.updated = now;
        primary.reason = format!("ECS deployment {} completed.", primary.id);
        format!("(service {name}) (deployment {}) deployment completed.", primary.id)
    });
    service.steady = true;
    service.tell(now, format!("(service {name}) has reached a steady state."));
    if let Some(message) = told {
        service.tell(now, message);
    }
    let kept = service.revisions.len().saturating_sub(50);
    service.revisions.drain(..kept);
    let kept = service.deployments.len().saturating_sub(50);
    service.deployments.drain(..kept);
}

/// How CloudFormation calls what a deployment failed of.
pub(super) fn failure(deployment: &Deployment) -> String {
    match () {
        () if deployment.breaker == "TRIGGERED" => "ECS Deployment Circuit Breaker was triggered".into(),
        () if deployment.alarms == "TRIGGERED" => "ECS Deployment Alarm was triggered".into(),
        () => deployment.reason.clone().unwrap_or_default().trim_end_matches('.').to_owned(),
    }
}
