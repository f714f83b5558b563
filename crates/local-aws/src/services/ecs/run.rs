//! Tasks that no service wants: they run once.

use serde_json::{Value as Json, json};

use super::launch::{self, Order};
use super::{clusters, definitions, last, tasks};
use crate::core::caller::Caller;
use crate::core::input::{Input, TIMESTAMP};
use crate::core::state::State;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags;

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

pub(super) fn run(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let arns = start(world, caller, &cluster, input)?;
    let all = &world.state.at(&caller.scope()).ecs.tasks;
    let made: Vec<_> = arns.iter().filter_map(|arn| all.get(arn)).cloned().collect();
    let shapes: Json = made.iter().map(|task| tasks::described(world, caller, task, true)).collect();
    Ok(json!({"tasks": shapes, "failures": []}))
}

/// Starts what a request to run tasks wants; their ARNs.
fn start(world: &mut World, caller: &Caller, cluster: &str, input: &Json) -> Result<Vec<String>, AwsError> {
    let wanted = input.need("taskDefinition")?;
    let missing = || AwsError::new("ClientException", "TaskDefinition not found.");
    let arn = definitions::find(world, caller, wanted).ok_or_else(missing)?;
    let definition = &world.state.at(&caller.scope()).ecs.definitions[&arn];
    if definition.inactive {
        return Err(AwsError::new("ClientException", "TaskDefinition is inactive"));
    }
    if definition.shape.text("networkMode") == Some("awsvpc") {
        let subnets = input.pointer("/networkConfiguration/awsvpcConfiguration/subnets");
        if subnets.and_then(Json::as_array).is_none_or(Vec::is_empty) {
            return Err(invalid(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            ));
        }
    }
    let names: Vec<&str> =
        definition.shape.list("containerDefinitions").iter().filter_map(|one| one.text("name")).collect();
    let overrides = input.pointer("/overrides/containerOverrides").and_then(Json::as_array);
    for one in overrides.into_iter().flatten() {
        let name = one.text("name").unwrap_or_default();
        if !names.contains(&name) {
            return Err(invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        }
    }
    let mut marks = match input.text("propagateTags") {
        Some("TASK_DEFINITION") => definition.tags.clone(),
        _ => tags::Tags::default(),
    };
    marks.retain(|key, _| !key.starts_with("aws:"));
    marks.extend(tags::read(input.list("tags")));
    let count = input.number("count").unwrap_or(1);
    if !(1..=10).contains(&count) {
        return Err(invalid("Count must be between 1 and 10."));
    }
    let make = |_| {
        let order = Order {
            cluster: cluster.to_owned(),
            definition: arn.clone(),
            group: input.text("group").map_or_else(|| launch::group(&arn), str::to_owned),
            started_by: input.text("startedBy").map(str::to_owned),
            service: None,
            shape: input.clone(),
            tags: marks.clone(),
        };
        launch::task(world, caller, order)
    };
    Ok((0..count).map(make).collect())
}

/// Runs a task as a service of AWS does that was told to; its ARN.
pub(crate) fn on_behalf(world: &mut World, caller: &Caller, input: &Json) -> Result<String, AwsError> {
    let cluster = clusters::of(world, caller, input)?;
    let arns = start(world, caller, &cluster, input)?;
    arns.into_iter().next().ok_or_else(|| invalid("no task was started"))
}

/// How a task ended: well, or not. Nothing while it runs.
pub(crate) fn outcome(world: &World, scope: &str, arn: &str) -> Option<Result<Json, Json>> {
    let (account, region) = State::of_scope(scope);
    let caller = Caller::service(account, region, "ecs");
    let Some(task) = world.state.regional.get(scope).and_then(|here| here.ecs.tasks.get(arn)) else {
        return Some(Err(json!({"TaskArn": arn, "StoppedReason": "The task is forgotten."})));
    };
    if !task.over() {
        return None;
    }
    let well = task.code.as_deref() == Some("EssentialContainerExited")
        && task.containers.iter().filter(|one| one.essential).all(|one| one.exit == Some(0));
    let shape = capital(&tasks::described(world, &caller, task, false));
    Some(if well { Ok(shape) } else { Err(shape) })
}

/// A description as Step Functions has it: names begin with a capital, times are numbers.
fn capital(shape: &Json) -> Json {
    match shape {
        Json::Object(members) if members.contains_key(TIMESTAMP) => members[TIMESTAMP].clone(),
        Json::Object(members) => {
            let member = |(key, value): (&String, &Json)| {
                let mut letters = key.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                (first.into_iter().chain(letters).collect::<String>(), capital(value))
            };
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(member)
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Json::Array(items) => items.iter().map(capital).collect(),
        other => other.clone(),
    }
}

/// Whether containers of an engine do a task's work.
pub(crate) fn is_real(world: &World, scope: &str, arn: &str) -> bool {
    world.state.regional.get(scope).and_then(|here| here.ecs.tasks.get(arn)).is_some_and(|task| task.real)
}

/// Lets a task stop.
pub(crate) fn end_task(world: &mut World, scope: &str, arn: &str, reason: &str) {
    let now = world.now();
    if let Some(task) = world.state.at(scope).ecs.tasks.get_mut(arn) {
        task.end(now, "UserInitiated", reason);
    }
}

pub(super) fn stop(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let arn = caller.arn("ecs", &format!("task/{cluster}/{}", last(input.need("task")?)));
    let now = world.now();
    let reason = input.text("reason").unwrap_or("Task stopped by user");
    let missing = || invalid("The referenced task was not found.");
    let task = world.state.at(&caller.scope()).ecs.tasks.get_mut(&arn).ok_or_else(missing)?;
    task.end(now, "UserInitiated", reason);
    let task = task.clone();
    Ok(json!({"task": tasks::described(world, caller, &task, true)}))
}
