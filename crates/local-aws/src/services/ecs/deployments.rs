//! Service deployments and revisions: describing them, stopping one, and letting a paused one go on.

use serde_json::{Value as Json, json};

use super::model::{Deployment, Hook, Revision, Service, Task};
use super::rollout::{Why, Work, give_up, watched};
use super::services::counts;
use super::{clusters, missing, services};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "ListServiceDeployments" => list(world, caller, input),
        "DescribeServiceDeployments" => Ok(describe(world, caller, input)),
        "DescribeServiceRevisions" => Ok(revisions(world, caller, input)),
        "StopServiceDeployment" => stop(world, caller, input),
        _ => go_on(world, caller, input),
    }
}

fn list(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let arn = services::arn(caller, &cluster, input.need("service")?);
    let missing = || AwsError::new("ServiceNotFoundException", "Service not found.");
    let service = world.state.at(&caller.scope()).ecs.services.get(&arn).ok_or_else(missing)?;
    let statuses = input.texts("status");
    let found: Vec<Json> = service
        .deployments
        .iter()
        .rev()
        .filter(|one| statuses.is_empty() || statuses.contains(&one.status))
        .map(|one| {
            json!({
                "serviceDeploymentArn": one.arn, "serviceArn": service.arn,
                "clusterArn": caller.arn("ecs", &format!("cluster/{}", service.cluster)),
                "startedAt": timestamp(one.created), "createdAt": timestamp(one.created),
                "finishedAt": one.finished.map(timestamp), "targetServiceRevisionArn": one.target,
                "status": one.status, "statusReason": one.reason,
            })
        })
        .collect();
    let (found, next) = page(&found, input.text("nextToken"), page_size(input, "maxResults", 100));
    Ok(json!({"serviceDeployments": found, "nextToken": next}))
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    let ecs = &world.state.at(&caller.scope()).ecs;
    for arn in input.texts("serviceDeploymentArns") {
        let has = |service: &&Service| service.deployments.iter().any(|one| one.arn == arn);
        let service = ecs.services.values().find(has);
        let deployment = service.and_then(|service| service.deployments.iter().find(|one| one.arn == arn));
        match service.zip(deployment) {
            Some((service, deployment)) => {
                let tasks: Vec<&Task> =
                    ecs.tasks.values().filter(|task| task.service.as_ref() == Some(&service.arn)).collect();
                found.push(shape(caller, service, deployment, &tasks));
            }
            None => failures.push(missing(&arn)),
        }
    }
    json!({"serviceDeployments": found, "failures": failures})
}

fn shape(caller: &Caller, service: &Service, deployment: &Deployment, tasks: &[&Task]) -> Json {
    let shifts = shifts(&deployment.configuration);
    let summary = |arn: &String| {
        let rollout = service.rollouts.iter().find(|one| one.revision == *arn);
        let (running, pending) = rollout.map_or((0, 0), |one| counts(tasks, Some(&one.id)));
        let revision = service.revision(arn).filter(|_| shifts);
        json!({
            "arn": arn, "requestedTaskCount": rollout.map_or(0, |one| one.desired),
            "runningTaskCount": running, "pendingTaskCount": pending,
            "requestedTestTrafficWeight": revision.map(|one| one.test_weight),
            "requestedProductionTrafficWeight": revision.map(|one| one.weight),
        })
    };
    let rollback = deployment.rollback.as_ref().map(|rollback| {
        json!({
            "reason": rollback.reason, "startedAt": timestamp(rollback.started),
            "serviceRevisionArn": rollback.revision,
        })
    });
    json!({
        "serviceDeploymentArn": deployment.arn, "serviceArn": service.arn,
        "clusterArn": caller.arn("ecs", &format!("cluster/{}", service.cluster)),
        "createdAt": timestamp(deployment.created), "startedAt": timestamp(deployment.created),
        "finishedAt": deployment.finished.map(timestamp), "stoppedAt": deployment.stopped.map(timestamp),
        "updatedAt": timestamp(deployment.updated),
        "sourceServiceRevisions": deployment.sources.iter().map(summary).collect::<Json>(),
        "targetServiceRevision": summary(&deployment.target),
        "status": deployment.status, "statusReason": deployment.reason,
        "lifecycleStage": shifts.then_some(&deployment.stage),
        "lifecycleHookDetails": deployment.hooks.iter().map(hook).collect::<Json>(),
        "deploymentConfiguration": deployment.configuration, "rollback": rollback,
        "deploymentCircuitBreaker": {
            "status": deployment.breaker, "failureCount": deployment.failures, "threshold": deployment.threshold,
        },
        "alarms": {
            "status": deployment.alarms, "alarmNames": watched(&deployment.configuration),
            "triggeredAlarmNames": deployment.triggered,
        },
    })
}

/// Whether a deployment shifts traffic from one revision to another.
pub(super) fn shifts(configuration: &Json) -> bool {
    configuration.text("strategy").is_some_and(|strategy| strategy != "ROLLING")
}

fn hook(hook: &Hook) -> Json {
    json!({
        "hookId": hook.id, "targetType": hook.kind, "targetArn": hook.target, "status": hook.status,
        "expiresAt": timestamp(hook.expires), "timeoutAction": hook.timeout,
    })
}

fn revisions(world: &mut World, caller: &Caller, input: &Json) -> Json {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    let ecs = &world.state.at(&caller.scope()).ecs;
    for arn in input.texts("serviceRevisionArns") {
        let both = ecs.services.values().find_map(|service| Some((service, service.revision(&arn)?)));
        match both {
            Some((service, revision)) => {
                let definition = revision.shape.text("taskDefinition").unwrap_or_default();
                let definition = ecs.definitions.get(definition).map(|found| &found.shape);
                let mine = ecs.tasks.values().filter(|task| {
                    let rollout = service.rollouts.iter().find(|one| one.revision == arn);
                    rollout.is_some_and(|one| task.rollout.as_ref() == Some(&one.id))
                });
                found.push(revision_shape(caller, service, revision, definition, &mine.collect::<Vec<_>>()));
            }
            None => failures.push(missing(&arn)),
        }
    }
    json!({"serviceRevisions": found, "failures": failures})
}

fn revision_shape(
    caller: &Caller,
    service: &Service,
    revision: &Revision,
    definition: Option<&Json>,
    tasks: &[&Task],
) -> Json {
    let member = |key: &str| revision.shape.get(key).cloned();
    let digest = |name: &str| {
        let mut all = tasks.iter().flat_map(|task| &task.containers);
        all.find(|container| container.name == name).and_then(|container| container.digest.clone())
    };
    let containers = definition.map(|definition| definition.list("containerDefinitions")).unwrap_or_default();
    let images: Json = containers
        .iter()
        .map(|one| {
            let (name, image) = (one.text("name").unwrap_or_default(), one.text("image").unwrap_or_default());
            let named = image.split_once('@').map(|(_, digest)| digest.to_owned());
            json!({"containerName": name, "image": image, "imageDigest": named.or_else(|| digest(name))})
        })
        .collect();
    let resolved = revision.groups.iter().enumerate().map(|(at, group)| {
        let rule = revision
            .shape
            .pointer(&format!("/loadBalancers/{at}/advancedConfiguration/productionListenerRule"));
        json!({"targetGroupArn": group, "productionListenerRule": rule})
    });
    json!({
        "serviceRevisionArn": revision.arn, "serviceArn": service.arn,
        "clusterArn": caller.arn("ecs", &format!("cluster/{}", service.cluster)),
        "taskDefinition": member("taskDefinition"), "launchType": member("launchType"),
        "capacityProviderStrategy": member("capacityProviderStrategy"), "platformVersion": "1.4.0",
        "platformFamily": "Linux", "loadBalancers": member("loadBalancers"),
        "serviceRegistries": member("serviceRegistries"), "networkConfiguration": member("networkConfiguration"),
        "serviceConnectConfiguration": member("serviceConnectConfiguration"), "containerImages": images,
        "guardDutyEnabled": false, "createdAt": timestamp(revision.created),
        "resolvedConfiguration": {"loadBalancers": resolved.collect::<Json>()},
    })
}

/// The ARN of the service that a deployment belongs to.
fn service_of(world: &mut World, caller: &Caller, arn: &str) -> Result<String, AwsError> {
    let missing = || AwsError::new("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let ecs = &world.state.at(&caller.scope()).ecs;
    let found = ecs.services.values().find(|service| service.deployments.iter().any(|one| one.arn == arn));
    let service = found.ok_or_else(missing)?;
    if service.under_way().is_none_or(|deployment| deployment.arn != arn || deployment.rollback.is_some()) {
        return Err(AwsError::new(
            "ConflictException",
            "The service deployment is not in a state in which this can be done.",
        ));
    }
    Ok(service.arn.clone())
}

fn stop(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let arn = input.need("serviceDeploymentArn")?;
    let service = service_of(world, caller, arn)?;
    let kind = input.text("stopType").unwrap_or("ROLLBACK");
    if !matches!(kind, "ROLLBACK" | "ABORT") {
        return Err(AwsError::new("InvalidParameterException", "stopType must be ROLLBACK or ABORT."));
    }
    let reason = "Service deployment rolled back because StopServiceDeployment was called.";
    back(world, caller, &service, kind == "ROLLBACK", reason);
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// Gives the deployment of a service up because somebody wants that.
fn back(world: &mut World, caller: &Caller, arn: &str, rolls_back: bool, reason: &str) {
    let scope = caller.scope();
    let Some(mut service) = world.state.at(&scope).ecs.services.remove(arn) else { return };
    let mut work = Work { world, caller, service: &mut service };
    give_up(&mut work, Why { name: "stopped", what: "stopped by a user", rolls_back, reason: reason.into() });
    world.state.at(&scope).ecs.services.insert(arn.to_owned(), service);
}

fn go_on(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let arn = input.need("serviceDeploymentArn")?.to_owned();
    let id = input.need("hookId")?;
    let service = service_of(world, caller, &arn)?;
    let returns = input.text("action") == Some("ROLLBACK");
    let now = world.now();
    let found = world.state.at(&caller.scope()).ecs.services.get_mut(&service);
    let deployment = found.and_then(|service| service.deployments.last_mut());
    let hook = deployment.and_then(|deployment| {
        deployment.updated = now;
        deployment.hooks.iter_mut().find(|hook| hook.id == id && hook.status == "AWAITING_ACTION")
    });
    let missing = || AwsError::new("ConflictException", "The lifecycle hook does not await an action.");
    hook.ok_or_else(missing)?.status = if returns { "FAILED" } else { "SUCCEEDED" }.into();
    if returns {
        let reason =
            "Service deployment rolled back because ContinueServiceDeployment was called with ROLLBACK.";
        back(world, caller, &service, true, reason);
    }
    Ok(json!({"serviceDeploymentArn": arn}))
}
