//! Executions on their way through the stages.

use serde_json::{Value as Json, json};

use super::{Action, Execution, Pipeline, Stage, actions, find};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::AwsError;

/// Starts an execution and says its id.
pub(crate) fn start(
    world: &mut World,
    caller: &Caller,
    name: &str,
    trigger: &str,
    detail: &str,
    message: Option<&str>,
) -> Result<String, AwsError> {
    let (now, id) = (world.now(), world.state.ids.uuid());
    let pipeline = find(world, caller, name)?;
    pipeline.executions.push(Execution {
        id: id.clone(),
        status: "InProgress".into(),
        started: now,
        updated: now,
        version: pipeline.version,
        trigger: trigger.to_owned(),
        trigger_detail: detail.to_owned(),
        message: message.map(str::to_owned),
        definition: pipeline.definition.clone(),
        ..Execution::default()
    });
    Ok(id)
}

/// Moves executions on by one step; whether any moved.
pub(crate) fn tick(world: &mut World) -> bool {
    let mut busy = Vec::new();
    for (scope, here) in &world.state.regional {
        for pipeline in here.pipelines.values() {
            if pipeline.executions.iter().any(active) {
                busy.push((scope.clone(), pipeline.name.clone()));
            }
        }
    }
    let mut moved = false;
    for (scope, name) in &busy {
        let Some(mut pipeline) = world.state.at(scope).pipelines.get(name).cloned() else { continue };
        let (account, region) = State::of_scope(scope);
        let caller = Caller::service(account, region, "codepipeline");
        moved |= supersede(&mut pipeline, world.now());
        for index in 0..pipeline.executions.len() {
            if active(&pipeline.executions[index]) {
                moved |= step(world, &caller, &mut pipeline, index);
            }
        }
        world.state.at(scope).pipelines.insert(name.clone(), pipeline);
    }
    moved
}

fn active(execution: &Execution) -> bool {
    matches!(execution.status.as_str(), "InProgress" | "Stopping")
}

/// The stage that an execution is in, or the name of the one that it waits to enter.
fn place(execution: &Execution) -> (Option<String>, Option<String>) {
    if let Some((name, _)) = execution.stages.iter().find(|(_, stage)| stage.status != "Succeeded") {
        return (Some(name.clone()), None);
    }
    let next = execution.definition.list("stages").get(execution.stages.len());
    (None, next.and_then(|stage| stage.text("name")).map(str::to_owned))
}

/// Of the executions that wait for a stage only the newest stays, unless the pipeline queues them; whether one went.
fn supersede(pipeline: &mut Pipeline, now: i64) -> bool {
    if pipeline.definition.text("executionMode").is_some_and(|mode| mode != "SUPERSEDED") {
        return false;
    }
    let waiting: Vec<Option<String>> = pipeline
        .executions
        .iter()
        .map(|execution| if active(execution) { place(execution).1 } else { None })
        .collect();
    let mut moved = false;
    for index in 0..waiting.len() {
        let Some(stage) = &waiting[index] else { continue };
        if waiting[index + 1..].iter().flatten().any(|other| other == stage) {
            let execution = &mut pipeline.executions[index];
            execution.status = "Superseded".into();
            execution.updated = now;
            moved = true;
        }
    }
    moved
}

fn step(world: &mut World, caller: &Caller, pipeline: &mut Pipeline, index: usize) -> bool {
    let now = world.now();
    let (current, next) = place(&pipeline.executions[index]);
    let Some(name) = current else {
        return next.is_some_and(|name| enter(pipeline, index, &name, now));
    };
    let execution = &mut pipeline.executions[index];
    let definition = execution.definition.clone();
    let Some(declared) =
        definition.list("stages").iter().find(|stage| stage.text("name") == Some(name.as_str()))
    else {
        return false;
    };
    let before = (execution.status.clone(), execution.stages.get(&name).map(|stage| stage.status.clone()));
    let mut stage = execution.stages.get(&name).cloned().unwrap_or_default();
    let moved = work(world, caller, &pipeline.name, execution, declared, &mut stage);
    let running = stage.actions.values().any(|action| action.status == "InProgress");
    let failed =
        stage.actions.values().any(|action| matches!(action.status.as_str(), "Failed" | "Abandoned"));
    let all = declared.list("actions").len();
    let done =
        stage.actions.len() == all && stage.actions.values().all(|action| action.status == "Succeeded");
    let execution = &mut pipeline.executions[index];
    if moved {
        execution.updated = now;
    }
    if !running {
        if failed {
            stage.status = "Failed".into();
            execution.status = "Failed".into();
        } else if execution.status == "Stopping" {
            stage.status = "Stopped".into();
            execution.status = "Stopped".into();
        } else if done {
            stage.status = "Succeeded".into();
        }
    }
    let busy = declared.list("actions").iter().any(|action| {
        let run = action.text("name").and_then(|name| stage.actions.get(name));
        run.is_some_and(|run| run.status == "InProgress") && !actions::waits(action)
    });
    let after = (execution.status.clone(), Some(stage.status.clone()));
    execution.stages.insert(name, stage);
    if done && execution.stages.len() == definition.list("stages").len() && execution.status == "InProgress" {
        execution.status = "Succeeded".into();
        execution.updated = now;
    }
    moved || busy || before != after
}

/// Lets an execution into a stage, if nobody is in there and the way is open; whether that changed anything.
fn enter(pipeline: &mut Pipeline, index: usize, name: &str, now: i64) -> bool {
    if pipeline.executions[index].status == "Stopping" {
        pipeline.executions[index].status = "Stopped".into();
        return true;
    }
    if pipeline.closed.contains_key(name) {
        return false;
    }
    let occupied = pipeline.executions.iter().enumerate().any(|(other, execution)| {
        other != index
            && active(execution)
            && execution.stages.get(name).is_some_and(|stage| stage.status == "InProgress")
    });
    // An older one goes first.
    let older = pipeline.executions[..index]
        .iter()
        .any(|other| active(other) && place(other).1.as_deref() == Some(name));
    if occupied || older {
        return false;
    }
    let execution = &mut pipeline.executions[index];
    execution.stages.insert(name.to_owned(), Stage { status: "InProgress".into(), ..Stage::default() });
    execution.updated = now;
    true
}

/// Starts the actions whose turn it is and moves running ones on; whether anything happened.
fn work(
    world: &mut World,
    caller: &Caller,
    pipeline: &str,
    execution: &mut Execution,
    declared: &Json,
    stage: &mut Stage,
) -> bool {
    let mut moved = false;
    let now = world.now();
    for action in declared.list("actions") {
        let name = action.text("name").unwrap_or_default();
        let Some(mut run) = stage.actions.get(name).filter(|run| run.status == "InProgress").cloned() else {
            continue;
        };
        run.age += 1;
        let before = run.status.clone();
        actions::advance(world, caller, pipeline, execution, action, &mut run);
        if run.status != before {
            run.updated = now;
            moved = true;
        }
        stage.actions.insert(name.to_owned(), run);
    }
    let bad = stage.actions.values().any(|action| matches!(action.status.as_str(), "Failed" | "Abandoned"));
    if bad || execution.status == "Stopping" {
        return moved;
    }
    let order = |action: &Json| action.number("runOrder").unwrap_or(1);
    let unfinished = declared.list("actions").iter().filter(|action| {
        let run = action.text("name").and_then(|name| stage.actions.get(name));
        run.is_none_or(|run| run.status != "Succeeded")
    });
    let Some(turn) = unfinished.map(order).min() else { return moved };
    for action in declared.list("actions").iter().filter(|action| order(action) == turn) {
        let name = action.text("name").unwrap_or_default();
        if stage.actions.contains_key(name) {
            continue;
        }
        let mut run = Action {
            id: world.state.ids.uuid(),
            status: "InProgress".into(),
            started: now,
            updated: now,
            ..Action::default()
        };
        actions::begin(world, caller, pipeline, execution, action, &mut run);
        stage.actions.insert(name.to_owned(), run);
        moved = true;
    }
    moved
}

/// What an execution was started by, in the shape in which it is described.
pub(super) fn trigger(execution: &Execution) -> Json {
    json!({"triggerType": execution.trigger, "triggerDetail": execution.trigger_detail})
}
