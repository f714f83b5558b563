//! ECS as CloudFormation uses it.

use serde_json::{Value as Json, json};

use super::definitions;
use super::deployments::shifts;
use super::model::Service;
use super::{last, life, rollout};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::cloudformation::Progress;
use crate::services::deployed::described;
use crate::services::tags::Tags;

/// How long CloudFormation waits for a service, in minutes of the world's own.
const PATIENCE: u32 = 180;

/// Members of a service whose change begins no deployment.
const QUIET: [&str; 6] = [
    "desiredCount",
    "deploymentConfiguration",
    "deploymentController",
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "tags",
];

/// Makes a revision of a task definition; its ARN. A family that is new begins with `first`.
pub(crate) fn define(
    world: &mut World,
    caller: &Caller,
    family: &str,
    properties: &Json,
    tags: Tags,
    first: i64,
) -> String {
    definitions::register(world, caller, family, definitions::of_properties(properties), tags, first)
}

/// A stack no longer has a revision of a task definition.
pub(crate) fn deregister(world: &mut World, caller: &Caller, arn: &str) {
    definitions::deregister(world, caller, arn);
}

/// Begins to make a service, or to change it.
pub(crate) fn begin(
    world: &mut World,
    caller: &Caller,
    arn: &str,
    properties: &Json,
    tags: Tags,
) -> Result<(), String> {
    let mut shape = described(properties);
    if let Some(members) = shape.as_object_mut() {
        members.remove("tags");
    }
    tidy(&mut shape);
    let known = |definition: &str| definitions::find(world, caller, definition);
    if let Some(definition) = shape.text("taskDefinition") {
        let arn = known(definition).ok_or_else(|| refused("TaskDefinition not found.", "ClientException"))?;
        shape["taskDefinition"] = json!(arn);
    }
    let (now, scope) = (world.now(), caller.scope());
    let old = world.state.at(&scope).ecs.services.remove(arn);
    let new = old.is_none();
    let mut service = old.unwrap_or_else(|| Service {
        arn: arn.to_owned(),
        name: last(arn).to_owned(),
        cluster: shape.text("cluster").map_or("default", last).to_owned(),
        created: now,
        ..Service::default()
    });
    if let Some(why) = refusal((!new).then_some(&service.shape), &shape) {
        if !new {
            world.state.at(&scope).ecs.services.insert(arn.to_owned(), service);
        }
        return Err(refused(why, "InvalidParameterException"));
    }
    service.desired = shape.number("desiredCount").unwrap_or(if new { 1 } else { service.desired });
    let changed = new || changes(&service.shape, &shape);
    (service.shape, service.tags) = (shape, tags);
    (service.waited, service.awaited) = (0, None);
    if changed {
        service.awaited = Some(rollout::begin(world, caller, &mut service));
    } else {
        rollout::rescale(&mut service, now);
    }
    world.state.at(&scope).ecs.services.insert(arn.to_owned(), service);
    Ok(())
}

/// Whether the difference between two shapes begins a deployment.
pub(super) fn changes(old: &Json, new: &Json) -> bool {
    let keys = |shape: &Json| -> Vec<String> {
        shape.as_object().into_iter().flat_map(|members| members.keys().cloned()).collect()
    };
    let mut all = keys(old);
    all.extend(keys(new));
    all.iter().any(|key| !QUIET.contains(&key.as_str()) && old.get(key) != new.get(key))
}

/// Why a service can't be changed to this.
fn refusal(old: Option<&Json>, new: &Json) -> Option<&'static str> {
    let shifting = |shape: &Json| shape.get("deploymentConfiguration").is_some_and(shifts);
    let advanced =
        |shape: &Json| shape.list("loadBalancers").iter().all(|one| one.has("advancedConfiguration"));
    if !shifting(new) {
        return None;
    }
    if !advanced(new) {
        return Some("Each load balancer needs an advancedConfiguration with this deployment strategy.");
    }
    let first = old.is_some_and(|old| !shifting(old) && !advanced(old));
    first.then_some(
        "The deployment strategy can't be changed together with the advancedConfiguration of load balancers.",
    )
}

/// Numbers and flags that a template may have as text.
fn tidy(shape: &mut Json) {
    if let Some(count) = shape.number("desiredCount") {
        shape["desiredCount"] = json!(count);
    }
    for flag in ["enableExecuteCommand", "enableECSManagedTags"] {
        if shape.has(flag) {
            shape[flag] = json!(shape.flag(flag));
        }
    }
    if let Some(limit) =
        shape.pointer_mut("/deploymentConfiguration/deploymentCircuitBreaker/thresholdConfiguration")
        && let Some(value) = limit.number("value")
    {
        limit["value"] = json!(value);
    }
    let items = shape.pointer_mut("/capacityProviderStrategy").and_then(Json::as_array_mut);
    for item in items.into_iter().flatten() {
        for key in ["weight", "base"] {
            if let Some(number) = item.number(key) {
                item[key] = json!(number);
            }
        }
    }
}

fn refused(message: &str, code: &str) -> String {
    format!(
        "Resource handler returned message: \"Invalid request provided: CreateService error: {message} (Service: AmazonECS; Status Code: 400; Error Code: {code}; Request ID: 00000000-0000-4000-a000-000000000000; Proxy: null)\" (RequestToken: 00000000-0000-4000-a000-000000000000, HandlerErrorCode: InvalidRequest)"
    )
}

/// How far a service is with what CloudFormation wants of it.
pub(crate) fn progress(world: &mut World, caller: &Caller, arn: &str) -> Progress {
    let limit = PATIENCE.saturating_mul(world.options.minute);
    let here = world.state.at(&caller.scope());
    let well = |rollout: &str| {
        let tasks = here.ecs.tasks.values().filter(|task| task.rollout.as_deref() == Some(rollout));
        i64::try_from(tasks.filter(|task| task.well()).count()).unwrap_or(i64::MAX)
    };
    let Some(service) = here.ecs.services.get(arn) else {
        return Progress::Failed(
            "Resource handler returned message: \"Service was not found.\" (HandlerErrorCode: NotFound)"
                .into(),
        );
    };
    let awaited = service.awaited.as_ref();
    let deployment = awaited.and_then(|arn| service.deployments.iter().find(|one| one.arn == *arn));
    let token = sha256_hex(format!("{arn} {awaited:?}").as_bytes());
    let token =
        format!("{}-{}-{}-{}-{}", &token[..8], &token[8..12], &token[12..16], &token[16..20], &token[20..32]);
    match deployment.map(|deployment| deployment.status.as_str()) {
        Some("SUCCESSFUL") => return Progress::Done(arn.to_owned()),
        None if service.under_way().is_none()
            && service.rollouts.first().is_none_or(|primary| well(&primary.id) >= service.desired) =>
        {
            return Progress::Done(arn.to_owned());
        }
        Some("STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED") => {
            let what = deployment.map(rollout::failure).unwrap_or_default();
            return Progress::Failed(format!(
                "Resource handler returned message: \"Error occurred during operation '{what}'.\" (RequestToken: {token}, HandlerErrorCode: GeneralServiceException)"
            ));
        }
        _ => {}
    }
    if service.waited >= limit {
        return Progress::Failed(format!(
            "Resource handler returned message: \"Exceeded attempts to wait\" (RequestToken: {token}, HandlerErrorCode: NotStabilized)"
        ));
    }
    if let Some(service) = here.ecs.services.get_mut(arn) {
        service.waited += 1;
    }
    Progress::Running
}

/// Removes a service with its tasks.
pub(crate) fn delete(world: &mut World, caller: &Caller, arn: &str) {
    let scope = caller.scope();
    if world.state.at(&scope).ecs.services.remove(arn).is_some() {
        life::drop_all(world, &scope, arn);
    }
}
