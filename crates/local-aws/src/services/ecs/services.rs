//! Services: describing them, and changing them by a call.

use serde_json::{Value as Json, json};

use super::model::{Rollout, Service, Task};
use super::stack::changes;
use super::{clusters, definitions, last, missing, rollout};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags;

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "UpdateService" => update(world, caller, input),
        "ListServices" => {
            let cluster = clusters::of(world, caller, input)?;
            let all = world.state.at(&caller.scope()).ecs.services.values();
            let arns: Vec<&String> =
                all.filter(|service| service.cluster == cluster).map(|service| &service.arn).collect();
            let (arns, next) = page(&arns, input.text("nextToken"), page_size(input, "maxResults", 100));
            Ok(json!({"serviceArns": arns, "nextToken": next}))
        }
        _ => describe(world, caller, input),
    }
}

/// The ARN of the service that a request names.
pub(super) fn arn(caller: &Caller, cluster: &str, name: &str) -> String {
    caller.arn("ecs", &format!("service/{cluster}/{}", last(name)))
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let wanted = input.texts("services");
    if wanted.is_empty() || wanted.len() > 10 {
        return Err(AwsError::new("InvalidParameterException", "Services cannot be empty."));
    }
    let with_tags = input.texts("include").iter().any(|part| part == "TAGS");
    let ecs = &world.state.at(&caller.scope()).ecs;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in wanted {
        let arn = arn(caller, &cluster, &name);
        match ecs.services.get(&arn) {
            Some(service) => {
                let tasks: Vec<&Task> =
                    ecs.tasks.values().filter(|task| task.service.as_deref() == Some(&arn)).collect();
                let mut shape = shape(caller, service, &tasks);
                if with_tags {
                    shape["tags"] = tags::write_lower(&service.tags);
                }
                found.push(shape);
            }
            None => failures.push(missing(&arn)),
        }
    }
    Ok(json!({"services": found, "failures": failures}))
}

/// How many of the tasks of a rollout, or of all, run and how many are on their way there.
pub(super) fn counts(tasks: &[&Task], rollout: Option<&str>) -> (usize, usize) {
    let mine = || tasks.iter().filter(|task| rollout.is_none_or(|id| task.rollout.as_deref() == Some(id)));
    let running = mine().filter(|task| task.status == "RUNNING").count();
    let pending = mine().filter(|task| matches!(task.status.as_str(), "PROVISIONING" | "PENDING")).count();
    (running, pending)
}

fn shape(caller: &Caller, service: &Service, tasks: &[&Task]) -> Json {
    let mut shape = service.shape.clone();
    let (running, pending) = counts(tasks, None);
    let rollouts = service.rollouts.iter().enumerate();
    let rollouts: Json = rollouts
        .map(|(at, one)| rollout_shape(service, one, tasks, if at == 0 { "PRIMARY" } else { "ACTIVE" }))
        .collect();
    let event = |event: &super::model::Event| json!({"id": event.id, "createdAt": timestamp(event.time), "message": event.message});
    let current: Vec<Json> = service
        .rollouts
        .iter()
        .map(|one| {
            let (running, pending) = counts(tasks, Some(&one.id));
            json!({
                "arn": one.revision, "requestedTaskCount": one.desired, "runningTaskCount": running,
                "pendingTaskCount": pending,
            })
        })
        .collect();
    let members = [
        ("serviceArn", json!(service.arn)),
        ("serviceName", json!(service.name)),
        ("clusterArn", json!(caller.arn("ecs", &format!("cluster/{}", service.cluster)))),
        ("status", json!("ACTIVE")),
        ("desiredCount", json!(service.desired)),
        ("runningCount", json!(running)),
        ("pendingCount", json!(pending)),
        ("schedulingStrategy", json!("REPLICA")),
        ("deploymentController", json!({"type": "ECS"})),
        ("createdAt", timestamp(service.created)),
        ("deployments", rollouts),
        ("events", service.events.iter().rev().map(event).collect()),
        ("currentServiceDeployment", json!(service.under_way().map(|deployment| &deployment.arn))),
        ("currentServiceRevisions", json!(current)),
    ];
    if let Some(own) = shape.as_object_mut() {
        own.remove("cluster");
        own.extend(members.map(|(key, value)| (key.to_owned(), value)));
    }
    shape
}

fn rollout_shape(service: &Service, rollout: &Rollout, tasks: &[&Task], status: &str) -> Json {
    let (running, pending) = counts(tasks, Some(&rollout.id));
    let shape = service.revision(&rollout.revision).map_or(&service.shape, |revision| &revision.shape);
    let member = |key: &str| shape.get(key).cloned();
    json!({
        "id": rollout.id, "status": status, "taskDefinition": rollout.definition,
        "desiredCount": rollout.desired, "runningCount": running, "pendingCount": pending,
        "failedTasks": rollout.failed, "createdAt": timestamp(rollout.created),
        "updatedAt": timestamp(rollout.updated), "launchType": member("launchType"),
        "capacityProviderStrategy": member("capacityProviderStrategy"),
        "platformVersion": "1.4.0", "platformFamily": "Linux",
        "networkConfiguration": member("networkConfiguration"),
        "serviceConnectConfiguration": member("serviceConnectConfiguration"),
        "rolloutState": rollout.state, "rolloutStateReason": rollout.reason,
    })
}

fn update(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let arn = arn(caller, &cluster, input.need("service")?);
    let mut shape = input.clone();
    if let Some(name) = input.text("taskDefinition") {
        let missing = || AwsError::new("ClientException", "TaskDefinition not found.");
        shape["taskDefinition"] = json!(definitions::find(world, caller, name).ok_or_else(missing)?);
    }
    let (scope, now) = (caller.scope(), world.now());
    let missing = || AwsError::new("ServiceNotFoundException", "Service not found.");
    let mut service = world.state.at(&scope).ecs.services.remove(&arn).ok_or_else(missing)?;
    let mut new = service.shape.clone();
    if let (Some(new), Some(given)) = (new.as_object_mut(), shape.as_object()) {
        let given = given
            .iter()
            .filter(|(key, _)| !["service", "cluster", "forceNewDeployment"].contains(&key.as_str()));
        new.extend(given.map(|(key, value)| (key.clone(), value.clone())));
    }
    let deploys = input.flag("forceNewDeployment") || changes(&service.shape, &new);
    service.shape = new;
    service.desired = input.number("desiredCount").unwrap_or(service.desired);
    if deploys {
        rollout::begin(world, caller, &mut service);
    } else {
        rollout::rescale(&mut service, now);
    }
    let ecs = &mut world.state.at(&scope).ecs;
    ecs.services.insert(arn.clone(), service);
    let tasks: Vec<&Task> = ecs.tasks.values().filter(|task| task.service.as_deref() == Some(&arn)).collect();
    Ok(json!({"service": self::shape(caller, &ecs.services[&arn], &tasks)}))
}
