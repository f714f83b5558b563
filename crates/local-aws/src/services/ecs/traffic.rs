//! Deployments that shift traffic from one revision to another: blue/green, linear and canary.
//!
//! Minutes of a configuration are minutes of the world's own.

use serde_json::{Value as Json, json};

use super::hooks::{self, Hooked};
use super::model::Service;
use super::rolling::{has_tasks, numbers, start, stop};
use super::rollout::{Why, Work, give_up};
use crate::core::input::Input;

/// What such a deployment goes through.
const STAGES: [&str; 11] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];
/// Steps in which both revisions run while alarms are watched, if no bake time is given.
const BAKE: u32 = 5;

/// Takes a step; whether the deployment is done.
pub(super) fn advance(work: &mut Work) -> bool {
    let Some(deployment) = work.service.under_way().cloned() else { return true };
    let stage = deployment.stage.as_str();
    let at = STAGES.iter().position(|known| *known == stage).unwrap_or(0);
    if at >= 2 && stage != "CLEAN_UP" {
        keep_up(work);
    }
    match hooks::pass(work, stage) {
        Hooked::Passed => {}
        Hooked::Waits => return false,
        Hooked::Failed(reason) => {
            give_up(
                work,
                Why { name: "lifecycle hook", what: "a lifecycle hook failed", rolls_back: true, reason },
            );
            return false;
        }
    }
    let Some(primary) = work.service.rollouts.first().map(|one| one.id.clone()) else { return true };
    let over = match stage {
        "SCALE_UP" => numbers(work, &primary) == (work.service.desired, work.service.desired),
        "TEST_TRAFFIC_SHIFT" => {
            shift_tests(work.service);
            true
        }
        "PRODUCTION_TRAFFIC_SHIFT" => shift(work),
        "BAKE_TIME" => deployment.steps >= bake(work, &deployment.configuration, &deployment.alarms),
        "CLEAN_UP" => return clean_up(work),
        _ => true,
    };
    let now = work.world.now();
    let Some(deployment) = work.service.deployments.last_mut() else { return true };
    deployment.steps += 1;
    deployment.updated = now;
    if over && let Some(next) = STAGES.get(at + 1) {
        (*next).clone_into(&mut deployment.stage);
        deployment.steps = 0;
        deployment.substep = 0;
    }
    false
}

/// Steps of a number of minutes.
fn steps(work: &Work, minutes: Option<i64>) -> u32 {
    let minutes = u32::try_from(minutes.unwrap_or(0)).unwrap_or(0);
    minutes.saturating_mul(work.world.options.minute)
}

/// How long both revisions run after all traffic was shifted.
fn bake(work: &Work, configuration: &Json, alarms: &str) -> u32 {
    match configuration.number("bakeTimeInMinutes") {
        Some(minutes) => steps(work, Some(minutes)),
        None if alarms == "MONITORING" => BAKE,
        None => 0,
    }
}

/// Both revisions have the tasks that are wanted.
fn keep_up(work: &mut Work) {
    let desired = work.service.desired;
    let rollouts: Vec<(String, String)> =
        work.service.rollouts.iter().map(|one| (one.id.clone(), one.state.clone())).collect();
    for (at, (id, state)) in rollouts.iter().enumerate() {
        if at == 0 && work.service.pause > 0 {
            work.service.pause -= 1;
        } else if state != "FAILED" {
            let (there, _) = numbers(work, id);
            start(work, id, desired - there);
            stop(work, id, there - desired, false);
        }
    }
}

/// Tests see the new revision.
fn shift_tests(service: &mut Service) {
    let target = service.deployments.last().map(|deployment| deployment.target.clone()).unwrap_or_default();
    for revision in &mut service.revisions {
        revision.test_weight = if revision.arn == target { 100.0 } else { 0.0 };
    }
}

/// Gives the new revision more of the traffic; whether it has all of it.
fn shift(work: &mut Work) -> bool {
    let Some(deployment) = work.service.deployments.last().cloned() else { return true };
    let configuration = &deployment.configuration;
    let part = |name: &str| configuration.get(name).cloned().unwrap_or_default();
    let percent = |part: &Json, key: &str, usual: f64| part.get(key).and_then(Json::as_f64).unwrap_or(usual);
    let (linear, canary) = (part("linearConfiguration"), part("canaryConfiguration"));
    let first = deployment.sources.is_empty();
    let (by, pause) = match configuration.text("strategy") {
        Some("LINEAR") if !first => {
            (percent(&linear, "stepPercent", 10.0), linear.number("stepBakeTimeInMinutes").unwrap_or(6))
        }
        Some("CANARY") if !first && deployment.substep == 0 => {
            (percent(&canary, "canaryPercent", 5.0), canary.number("canaryBakeTimeInMinutes").unwrap_or(10))
        }
        Some("CANARY") if !first => (100.0, canary.number("canaryBakeTimeInMinutes").unwrap_or(10)),
        _ => (100.0, 0),
    };
    // The first part is shifted at once, each further one when the last has baked.
    if deployment.substep > 0 && deployment.steps < steps(work, Some(pause)) {
        return false;
    }
    let now = work.service.revision(&deployment.target).map_or(0.0, |revision| revision.weight);
    let weight = (now + by).min(100.0);
    set_weights(work, &deployment.target, weight);
    if let Some(deployment) = work.service.deployments.last_mut() {
        deployment.substep += 1;
        deployment.steps = 0;
    }
    weight >= 100.0
}

/// Gives a revision this much of the traffic, and what is left to the one that it takes the place of.
pub(super) fn set_weights(work: &mut Work, target: &str, weight: f64) {
    let deployment = work.service.deployments.last();
    let back = deployment.and_then(|deployment| deployment.back.clone()).filter(|back| back != target);
    for revision in &mut work.service.revisions {
        revision.weight = match () {
            () if revision.arn == target => weight,
            () if Some(&revision.arn) == back.as_ref() => 100.0 - weight,
            () => 0.0,
        };
    }
    forward(work, target, back.as_deref());
}

/// Has the rules of the load balancers forward what the revisions get.
fn forward(work: &mut Work, target: &str, back: Option<&str>) {
    let Some(new) = work.service.revision(target).cloned() else { return };
    let old = back.and_then(|back| work.service.revision(back)).cloned();
    for (at, balancer) in new.shape.list("loadBalancers").iter().enumerate() {
        let advanced = balancer.get("advancedConfiguration");
        let Some(rule) = advanced.and_then(|advanced| advanced.text("productionListenerRule")) else {
            continue;
        };
        let mut groups = Vec::new();
        for revision in [Some(&new), old.as_ref()].into_iter().flatten() {
            if let Some(group) = revision.groups.get(at).filter(|group| {
                groups.iter().all(|known: &Json| known.text("TargetGroupArn") != Some(group.as_str()))
            }) {
                let weight: i64 = format!("{:.0}", revision.weight).parse().unwrap_or(0);
                groups.push(json!({"TargetGroupArn": group, "Weight": weight}));
            }
        }
        let balancing = &mut work.world.state.at(&work.caller.scope()).load_balancers;
        let action = json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]);
        if let Some(rule) = balancing.rules.get_mut(rule) {
            rule["Actions"] = action;
        } else if let Some(listener) = balancing.listeners.get_mut(rule) {
            listener["DefaultActions"] = action;
        }
    }
}

/// The old revision goes; whether it is gone.
fn clean_up(work: &mut Work) -> bool {
    let now = work.world.now();
    let others: Vec<String> = work.service.rollouts.iter().skip(1).map(|one| one.id.clone()).collect();
    for rollout in work.service.rollouts.iter_mut().skip(1) {
        (rollout.desired, rollout.updated) = (0, now);
    }
    for id in &others {
        let (there, _) = numbers(work, id);
        stop(work, id, there, false);
    }
    others.iter().all(|id| !has_tasks(work, id))
}

/// The target group of each load balancer for the tasks of a new revision: with a strategy that shifts, the one that the
/// tasks of the last revision don't stand behind.
pub(super) fn groups(shape: &Json, last: Option<&[String]>, shifts: bool) -> Vec<String> {
    let balancers = shape.list("loadBalancers").iter().enumerate();
    let group = |(at, balancer): (usize, &Json)| {
        let usual = balancer.text("targetGroupArn").unwrap_or_default();
        let advanced = balancer.get("advancedConfiguration");
        let other = advanced.and_then(|advanced| advanced.text("alternateTargetGroupArn"));
        let current = last.and_then(|last| last.get(at)).map(String::as_str);
        match (other, current) {
            (Some(other), Some(current)) if (current == usual) == shifts => other.to_owned(),
            _ => usual.to_owned(),
        }
    };
    balancers.map(group).collect()
}
