//! ECS: clusters, task definitions, services that roll out, and tasks.
//!
//! What takes time goes on by a step per tick. Without an engine no container runs: tasks that a service wants are well, and
//! others end with exit code 0, unless a [`TaskScript`] says otherwise. Each such task says so in its attributes and its log.

mod clusters;
mod definitions;
mod deployments;
mod engine;
mod exec;
mod hooks;
mod launch;
mod life;
mod model;
mod real;
mod rolling;
mod rollout;
mod run;
mod script;
mod services;
mod stack;
mod tasks;
mod traffic;

pub(crate) use engine::Containers;
pub use engine::Engine;
pub(crate) use exec::session;
pub(crate) use life::PRETENDED;
pub(crate) use model::{Ecs, Service};
pub(crate) use run::{end_task, is_real, on_behalf, outcome};
pub use script::TaskScript;
pub(crate) use stack::{begin, define, delete, deregister, progress};
pub(crate) use tasks::{Target, targets};

use serde_json::Value as Json;

use crate::core::caller::Caller;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeClusters" | "ListClusters" | "CreateCluster" => {
            Ok(clusters::call(world, caller, operation, input))
        }
        "DescribeServices" | "ListServices" | "UpdateService" => {
            services::call(world, caller, operation, input)
        }
        "ListServiceDeployments"
        | "DescribeServiceDeployments"
        | "DescribeServiceRevisions"
        | "StopServiceDeployment"
        | "ContinueServiceDeployment" => deployments::call(world, caller, operation, input),
        "ListTasks" => tasks::list(world, caller, input),
        "DescribeTasks" => tasks::describe(world, caller, input),
        "RunTask" => run::run(world, caller, input),
        "StopTask" => run::stop(world, caller, input),
        "ExecuteCommand" => exec::execute(world, caller, input),
        "DescribeTaskDefinition" => definitions::describe(world, caller, input),
        "RegisterTaskDefinition" | "DeregisterTaskDefinition" | "ListTaskDefinitions" => {
            definitions::call(world, caller, operation, input)
        }
        _ => Err(AwsError::unknown_operation("ecs", operation)),
    }
}

/// Moves tasks and services on by one step; whether anything moved.
pub(crate) fn tick(world: &mut World) -> bool {
    let scopes: Vec<String> = world
        .state
        .regional
        .iter()
        .filter(|(_, here)| !here.ecs.tasks.is_empty() || !here.ecs.services.is_empty())
        .map(|(scope, _)| scope.clone())
        .collect();
    let mut moved = false;
    for scope in scopes {
        moved |= life::tick(world, &scope);
        moved |= rollout::tick(world, &scope);
    }
    moved
}

/// What stands behind the last slash of an ARN, or a name.
fn last(name_or_arn: &str) -> &str {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn)
}

/// What is not there, as it is described.
fn missing(arn: &str) -> Json {
    serde_json::json!({"arn": arn, "reason": "MISSING"})
}
