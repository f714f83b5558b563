//! Clusters: those of stacks and those that are made by a call.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{last, missing};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::deployed::deployed;
use crate::services::tags;

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Json {
    match operation {
        "CreateCluster" => {
            let name = input.text("clusterName").unwrap_or("default").to_owned();
            world.state.at(&caller.scope()).ecs.clusters.insert(name.clone());
            json!({"cluster": shape(world, caller, &name)})
        }
        "ListClusters" => {
            let arn = |name: &String| caller.arn("ecs", &format!("cluster/{name}"));
            json!({"clusterArns": names(world, caller).iter().map(arn).collect::<Json>()})
        }
        _ => describe(world, caller, input),
    }
}

/// Names of the clusters that exist.
fn names(world: &World, caller: &Caller) -> BTreeSet<String> {
    let own = world.state.regional.get(&caller.scope()).into_iter().flat_map(|here| &here.ecs.clusters);
    let stacks = deployed(world, caller, "AWS::ECS::Cluster").map(|cluster| cluster.physical().to_owned());
    own.cloned().chain(stacks).collect()
}

/// The name of the cluster that a request is about, which exists.
pub(super) fn of(world: &World, caller: &Caller, input: &Json) -> Result<String, AwsError> {
    let name = last(input.text("cluster").unwrap_or("default"));
    if names(world, caller).contains(name) {
        return Ok(name.to_owned());
    }
    Err(AwsError::new("ClusterNotFoundException", "Cluster not found."))
}

fn describe(world: &World, caller: &Caller, input: &Json) -> Json {
    let mut wanted = input.texts("clusters");
    if wanted.is_empty() {
        wanted.push("default".to_owned());
    }
    let known = names(world, caller);
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in wanted.iter().map(|name| last(name)) {
        if known.contains(name) {
            let mut shape = shape(world, caller, name);
            if input.texts("include").iter().any(|part| part == "TAGS") {
                let stack = deployed(world, caller, "AWS::ECS::Cluster").find(|one| one.physical() == name);
                shape["tags"] = stack.map_or_else(|| json!([]), |stack| tags::write_lower(&stack.tags()));
            }
            found.push(shape);
        } else {
            failures.push(missing(&caller.arn("ecs", &format!("cluster/{name}"))));
        }
    }
    json!({"clusters": found, "failures": failures})
}

fn shape(world: &World, caller: &Caller, name: &str) -> Json {
    let here = world.state.regional.get(&caller.scope());
    let tasks = || {
        let all = here.into_iter().flat_map(|here| here.ecs.tasks.values());
        all.filter(|task| task.cluster == name && !task.over())
    };
    let running = tasks().filter(|task| task.status == "RUNNING").count();
    let services = here.into_iter().flat_map(|here| here.ecs.services.values());
    json!({
        "clusterArn": caller.arn("ecs", &format!("cluster/{name}")), "clusterName": name, "status": "ACTIVE",
        "runningTasksCount": running, "pendingTasksCount": tasks().count() - running,
        "activeServicesCount": services.filter(|service| service.cluster == name).count(),
        "registeredContainerInstancesCount": 0,
    })
}
