//! Listing and describing tasks, and those behind a load balancer.

use serde_json::{Value as Json, json};

use super::launch::{address, shape};
use super::model::{Ecs, Task};
use super::{clusters, definitions, last, missing};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn list(world: &World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let running = input.text("desiredStatus").is_none_or(|status| status == "RUNNING");
    let service = input.text("serviceName").map(last);
    let here = world.state.regional.get(&caller.scope());
    if let Some(name) = service {
        let known = here.into_iter().flat_map(|here| here.ecs.services.values());
        if !known.into_iter().any(|service| service.name == name && service.cluster == cluster) {
            return Err(AwsError::new("ServiceNotFoundException", "Service not found."));
        }
    }
    let fits = |task: &&Task| {
        task.cluster == cluster
            && running != (task.ending || task.over())
            && service.is_none_or(|name| task.service.as_deref().map(last) == Some(name))
            && input.text("family").is_none_or(|wanted| definitions::family(&task.definition) == wanted)
            && input.text("startedBy").is_none_or(|wanted| task.started_by.as_deref() == Some(wanted))
            && input
                .text("launchType")
                .is_none_or(|wanted| task.shape.text("launchType").unwrap_or("FARGATE") == wanted)
    };
    let mut found: Vec<&Task> =
        here.into_iter().flat_map(|here| here.ecs.tasks.values()).filter(fits).collect();
    found.sort_by_key(|task| task.created);
    let arns: Vec<&String> = found.into_iter().map(|task| &task.arn).collect();
    let (arns, next) = page(&arns, input.text("nextToken"), page_size(input, "maxResults", 100));
    Ok(json!({"taskArns": arns, "nextToken": next}))
}

pub(super) fn describe(world: &World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let wanted = input.texts("tasks");
    if wanted.is_empty() || wanted.len() > 100 {
        return Err(AwsError::new("InvalidParameterException", "Tasks cannot be empty."));
    }
    let tags = input.texts("include").iter().any(|part| part == "TAGS");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in wanted {
        let arn = caller.arn("ecs", &format!("task/{cluster}/{}", last(&name)));
        match world.state.regional.get(&caller.scope()).and_then(|here| here.ecs.tasks.get(&arn)) {
            Some(task) => found.push(described(world, caller, task, tags)),
            None => failures.push(missing(&arn)),
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

/// A task as it is described.
pub(super) fn described(world: &World, caller: &Caller, task: &Task, tags: bool) -> Json {
    let definitions = world.state.regional.get(&caller.scope()).map(|here| &here.ecs.definitions);
    let definition = definitions.and_then(|all| all.get(&task.definition)).map(|found| &found.shape);
    shape(caller, task, definition, tags)
}

/// What a load balancer sends to.
pub(crate) struct Target {
    pub(crate) address: String,
    pub(crate) port: i64,
    /// `initial`, `healthy`, `unhealthy` or `draining`.
    pub(crate) state: &'static str,
}

/// The tasks behind a target group.
pub(crate) fn targets(world: &World, caller: &Caller, group: &str) -> Vec<Target> {
    let Some(here) = world.state.regional.get(&caller.scope()) else { return Vec::new() };
    let mut found: Vec<(i64, Target)> = Vec::new();
    for task in here.ecs.tasks.values() {
        let Some(port) = port(&here.ecs, task, group) else { continue };
        let state = match task.status.as_str() {
            _ if task.status == "STOPPING" || task.ending && task.status == "RUNNING" => "draining",
            "RUNNING" if task.turned_away() && task.steps > 0 => "unhealthy",
            "RUNNING" if task.well() => "healthy",
            "RUNNING" => "initial",
            _ => continue,
        };
        found.push((task.created, Target { address: address(&task.id), port, state }));
    }
    found.sort_by_key(|(created, _)| *created);
    found.into_iter().map(|(_, target)| target).collect()
}

/// The port on which a target group reaches a task, if it does.
fn port(ecs: &Ecs, task: &Task, group: &str) -> Option<i64> {
    let service = ecs.services.get(task.service.as_ref()?)?;
    let rollout = service.rollouts.iter().find(|one| Some(&one.id) == task.rollout.as_ref());
    let revision = service.revision(rollout.map(|one| one.revision.as_str())?)?;
    let at = revision.groups.iter().position(|known| known == group)?;
    let behind = revision.shape.list("loadBalancers").get(at)?;
    Some(behind.number("containerPort").unwrap_or(80))
}
