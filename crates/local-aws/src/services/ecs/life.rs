//! The life of a task, a step at a time.

use super::model::{Container, Task};
use super::{engine, real};
use crate::core::world::World;
use crate::services::logs;

/// The attribute of a task whose containers are not run.
pub(crate) const PRETENDED: &str = "copilot-local-aws.containers";

/// How long stopped tasks are remembered: an hour.
const REMEMBERED: i64 = 3_600_000;
/// The most stopped tasks that are remembered: a service may start new ones for ever.
const MOST: usize = 400;
/// Steps that a task runs which is not a service's, if nothing says how long.
const ERRAND: u32 = 2;

/// Moves tasks on by one step; whether one of them is on its way somewhere.
pub(super) fn tick(world: &mut World, scope: &str) -> bool {
    let now = world.now();
    let tasks = &mut world.state.at(scope).ecs.tasks;
    tasks.retain(|_, task| task.stopped.is_none_or(|stopped| now - stopped < REMEMBERED));
    let mut over: Vec<(i64, String)> =
        tasks.iter().filter_map(|(arn, task)| Some((task.stopped?, arn.clone()))).collect();
    if over.len() > MOST {
        over.sort();
        for (_, arn) in over.drain(..over.len() - MOST) {
            tasks.remove(&arn);
        }
    }
    let busy: Vec<String> =
        tasks.iter().filter(|(_, task)| !task.over()).map(|(arn, _)| arn.clone()).collect();
    let mut moved = false;
    for arn in busy {
        let Some(mut task) = world.state.at(scope).ecs.tasks.remove(&arn) else { continue };
        moved |= step(world, scope, &mut task);
        world.state.at(scope).ecs.tasks.insert(arn, task);
    }
    moved
}

fn step(world: &mut World, scope: &str, task: &mut Task) -> bool {
    let now = world.now();
    task.steps = task.steps.saturating_add(1);
    if task.real && world.containers.ready() {
        return real::step(world, scope, task);
    }
    if task.real {
        // Its engine does not answer this process: what its containers do is not known.
        if task.ending {
            stopped(task, now, None);
        }
        return task.over();
    }
    match task.status.as_str() {
        "PROVISIONING" | "PENDING" if task.ending => stopped(task, now, None),
        "PROVISIONING" => task.turn("PENDING"),
        "PENDING" => start(world, scope, task),
        "RUNNING" if task.ending => task.turn("STOPPING"),
        "RUNNING" => return run(world, scope, task),
        _ => {
            stopped(task, now, Some(0));
            note(world, scope, task, "It counts as stopped, with exit code 0.");
        }
    }
    true
}

/// Its containers start, or one of them can't.
fn start(world: &mut World, scope: &str, task: &mut Task) {
    let now = world.now();
    let script = task.script.clone().unwrap_or_default();
    if let Some(reason) = script.cannot_start {
        task.fail(now, "TaskFailedToStart", &reason);
        if let Some(container) = concerned(task) {
            container.reason = Some(reason);
        }
        stopped(task, now, None);
        return;
    }
    task.turn("RUNNING");
    task.started = Some(now);
    for container in &mut task.containers {
        container.status = "RUNNING".into();
    }
    if task.script.is_none() {
        let what =
            if task.service.is_some() { "It counts as running and well." } else { "It counts as running." };
        let why = task.unfit.clone().or_else(|| world.containers.about().err()).unwrap_or_default();
        note(world, scope, task, &format!("This container is not run: {why}. {what}"));
    }
    let log = concerned(task).and_then(|container| container.log.clone());
    if let Some((group, stream)) = log {
        for line in script.lines {
            logs::append(world, scope, &group, &stream, &line);
        }
    }
}

/// A line in the logs of a task that is pretended.
fn note(world: &mut World, scope: &str, task: &Task, line: &str) {
    if task.script.is_some() || task.real {
        return;
    }
    for container in &task.containers {
        if let Some((group, stream)) = &container.log {
            logs::append(world, scope, group, stream, &format!("[copilot-local-aws] {line}"));
        }
    }
}

/// Whether anything is still to come.
fn run(world: &mut World, scope: &str, task: &mut Task) -> bool {
    let now = world.now();
    let script = task.script.clone().unwrap_or_default();
    for container in task.containers.iter_mut().filter(|container| container.checked) {
        container.health = if script.unhealthy { "UNHEALTHY" } else { "HEALTHY" }.into();
    }
    let errand = task.service.is_none();
    let code = match script.exit_code {
        Some(code) if task.steps > script.after => Some(code),
        None if errand && task.script.is_none() && task.steps >= ERRAND => {
            note(world, scope, task, "It counts as ended, with exit code 0.");
            Some(0)
        }
        _ => None,
    };
    if let Some(code) = code {
        if let Some(container) = concerned(task) {
            container.exit = Some(code);
            container.reason.clone_from(&script.reason);
        }
        task.fail(now, "EssentialContainerExited", "Essential container in task exited");
        stopped(task, now, Some(0));
        return true;
    }
    if !errand && task.health() == "UNHEALTHY" {
        task.fail(now, "ServiceSchedulerInitiated", "Task failed container health checks");
    } else if !errand && task.turned_away() && task.steps >= 2 {
        let group = task.shape.pointer("/loadBalancers/0/targetGroupArn").and_then(serde_json::Value::as_str);
        let group = group.unwrap_or("unknown").to_owned();
        task.fail(
            now,
            "ServiceSchedulerInitiated",
            &format!("Task failed ELB health checks in (target-group {group})"),
        );
    }
    errand || task.ending || task.steps < 3 || script.exit_code.is_some()
}

/// The container that a script is about.
fn concerned(task: &mut Task) -> Option<&mut Container> {
    let name = task.script.as_ref().and_then(|script| script.container.clone());
    task.containers.iter_mut().find(|container| match &name {
        Some(name) => container.name == *name,
        None => container.essential,
    })
}

/// It is over. Containers that have not said with which code they ended get `code`.
pub(super) fn stopped(task: &mut Task, now: i64, code: Option<i64>) {
    task.turn("STOPPED");
    task.stopped = Some(now);
    for container in &mut task.containers {
        container.status = "STOPPED".into();
        container.exit = container.exit.or(code);
    }
}

/// Ends the tasks of a service at once: it is deleted.
pub(super) fn drop_all(world: &mut World, scope: &str, service: &str) {
    let now = world.now();
    let mut gone = Vec::new();
    for task in world.state.at(scope).ecs.tasks.values_mut() {
        if task.service.as_deref() == Some(service) && !task.over() {
            task.end(now, "ServiceSchedulerInitiated", "Service was deleted");
            stopped(task, now, (!task.real).then_some(0));
            gone.push(task.clone());
        }
    }
    for task in gone.iter().filter(|task| task.real) {
        engine::remove(world, task);
    }
}
