//! The life of a task whose containers an engine runs.

use super::engine::{self, Stage};
use super::life::stopped;
use super::model::Task;
use crate::core::world::World;
use crate::services::logs;

/// How long a task has to run before it counts as well, in milliseconds: most of what is wrong shows before.
const SETTLED: i64 = 1500;

/// A step; whether something is still to come.
pub(super) fn step(world: &mut World, scope: &str, task: &mut Task) -> bool {
    let now = world.now();
    match task.status.as_str() {
        "PROVISIONING" if task.ending => stopped(task, now, None),
        "PROVISIONING" => {
            task.turn("PENDING");
            engine::start(world, scope, task);
        }
        "PENDING" | "RUNNING" if task.ending => leave(world, task),
        "RUNNING" => {
            look(world, scope, task);
            task.settled = task.started.is_some_and(|started| now - started >= SETTLED);
            return !task.settled || task.service.is_none() || task.status != "RUNNING";
        }
        _ => look(world, scope, task),
    }
    true
}

/// Its containers are told to stop.
fn leave(world: &mut World, task: &mut Task) {
    task.turn("STOPPING");
    engine::stop(world, task);
}

/// Takes over what its containers have done.
fn look(world: &mut World, scope: &str, task: &mut Task) {
    let now = world.now();
    let followers = engine::followers(world, task);
    let (mut running, mut over) = (true, true);
    let mut trouble = None;
    for (at, container) in task.containers.iter_mut().enumerate() {
        // With one trouble for all there is one follower for all.
        let Some(follower) = followers.get(at).or(followers.first()) else { continue };
        let seen = follower.seen();
        if let Some((group, stream)) = &container.log {
            for (time, line) in seen.lines.iter().skip(container.lines) {
                let time = if *time == 0 { now } else { *time };
                logs::append_at(world, scope, group, stream, time, line);
            }
        }
        container.lines = container.lines.max(seen.lines.len());
        container.ports.clone_from(&seen.ports);
        // Until the engine has looked for the first time, what is known stays.
        match seen.health.as_str() {
            "healthy" => container.health = "HEALTHY".into(),
            "unhealthy" => container.health = "UNHEALTHY".into(),
            _ => {}
        }
        match &seen.stage {
            Stage::Starting => (running, over) = (false, false),
            Stage::Running => {
                container.status = "RUNNING".into();
                over = false;
            }
            Stage::Ended(code, reason) => {
                container.status = "STOPPED".into();
                container.exit = Some(*code);
                container.reason.clone_from(reason);
                if container.essential && trouble.is_none() {
                    trouble =
                        Some(("EssentialContainerExited", "Essential container in task exited".to_owned()));
                }
            }
            Stage::Failed(reason) => {
                container.status = "STOPPED".into();
                container.reason = Some(reason.clone());
                trouble = Some(("TaskFailedToStart", reason.clone()));
            }
        }
    }
    if running && task.status == "PENDING" && !followers.is_empty() {
        task.turn("RUNNING");
        task.started = Some(now);
    }
    if let Some((code, reason)) = trouble {
        // Of a task that was told to stop, the end is no trouble.
        task.fail(now, code, &reason);
        if !over && task.status != "STOPPING" && code == "EssentialContainerExited" {
            return leave(world, task);
        }
        over |= code == "TaskFailedToStart";
    } else if task.health() == "UNHEALTHY" && task.service.is_some() {
        task.fail(now, "ServiceSchedulerInitiated", "Task failed container health checks");
    }
    if over {
        stopped(task, now, None);
        engine::remove(world, task);
    }
}
