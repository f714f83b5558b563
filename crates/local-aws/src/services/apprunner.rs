//! App Runner: the services of stacks, which are paused, resumed and deployed anew. None of them runs.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use super::logs;
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::state::Regional;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

const SERVICE: &str = "AWS::AppRunner::Service";
/// Steps that an operation takes.
const STEPS: u32 = 3;

/// What was done to a service, the oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Runner {
    paused: bool,
    operations: Vec<Operation>,
}

/// An operation on a service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Operation {
    id: String,
    kind: String,
    started: i64,
    ended: Option<i64>,
    steps: u32,
}

impl Runner {
    fn busy(&self) -> bool {
        self.operations.last().is_some_and(|operation| operation.ended.is_none())
    }

    fn status(&self) -> &'static str {
        match self.paused {
            _ if self.busy() => "OPERATION_IN_PROGRESS",
            true => "PAUSED",
            false => "RUNNING",
        }
    }
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let arn = input.text("ServiceArn").unwrap_or_default();
    match operation {
        "DescribeService" => Ok(json!({"Service": shape(world, caller, &find(world, caller, arn)?)})),
        "ListServices" => {
            let list: Json =
                deployed(world, caller, SERVICE).map(|found| summary(world, caller, &found)).collect();
            Ok(json!({"ServiceSummaryList": list}))
        }
        "ListOperations" => {
            find(world, caller, arn)?;
            let known = world.state.at(&caller.scope()).runners.get(arn);
            let list: Vec<Json> = known
                .into_iter()
                .flat_map(|known| known.operations.iter().rev())
                .map(|one| operation_shape(arn, one))
                .collect();
            let (list, next) = page(&list, input.text("NextToken"), page_size(input, "MaxResults", 20));
            Ok(json!({"OperationSummaryList": list, "NextToken": next}))
        }
        "PauseService" => begin(world, caller, arn, "PAUSE_SERVICE", "RUNNING"),
        "ResumeService" => begin(world, caller, arn, "RESUME_SERVICE", "PAUSED"),
        "StartDeployment" => begin(world, caller, arn, "START_DEPLOYMENT", "RUNNING"),
        _ => Err(AwsError::unknown_operation("apprunner", operation)),
    }
}

fn find<'a>(world: &'a World, caller: &Caller, arn: &str) -> Result<Deployed<'a>, AwsError> {
    deployed(world, caller, SERVICE).find(|service| service.physical() == arn).ok_or_else(|| {
        AwsError::new("ResourceNotFoundException", format!("Service not found for arn: {arn}"))
    })
}

fn operation_shape(arn: &str, operation: &Operation) -> Json {
    let status = if operation.ended.is_some() { "SUCCEEDED" } else { "IN_PROGRESS" };
    json!({
        "Id": operation.id, "Type": operation.kind, "Status": status, "TargetArn": arn,
        "StartedAt": timestamp(operation.started), "EndedAt": operation.ended.map(timestamp),
        "UpdatedAt": timestamp(operation.ended.unwrap_or(operation.started)),
    })
}

/// Begins an operation on a service that has to have this status.
fn begin(world: &mut World, caller: &Caller, arn: &str, kind: &str, wanted: &str) -> Answer {
    find(world, caller, arn)?;
    let status = world.state.at(&caller.scope()).runners.entry(arn.to_owned()).or_default().status();
    if status != wanted {
        return Err(AwsError::new(
            "InvalidStateException",
            format!("Service cannot be updated in the current state: {status}."),
        ));
    }
    let id = record(world, caller, arn, kind);
    let line = match kind {
        "PAUSE_SERVICE" => "Pausing the service.",
        "RESUME_SERVICE" => "Resuming the service.",
        _ => "Deployment started.",
    };
    log(world, &caller.scope(), arn, line);
    let service = find(world, caller, arn)?;
    Ok(json!({"Service": shape(world, caller, &service), "OperationId": id}))
}

/// Notes an operation; its id.
fn record(world: &mut World, caller: &Caller, arn: &str, kind: &str) -> String {
    let started = world.now();
    let runner = world.state.at(&caller.scope()).runners.entry(arn.to_owned()).or_default();
    let id = sha256_hex(format!("{arn} {} {kind}", runner.operations.len()).as_bytes());
    let id = id[..32].to_owned();
    let kind = kind.to_owned();
    runner.operations.push(Operation { id: id.clone(), kind, started, ..Operation::default() });
    id
}

/// A service is made or changed by its stack, which is at once.
pub(crate) fn deployed_now(world: &mut World, caller: &Caller, arn: &str, kind: &str) {
    let now = world.now();
    record(world, caller, arn, kind);
    let runner = world.state.at(&caller.scope()).runners.entry(arn.to_owned()).or_default();
    if let Some(operation) = runner.operations.last_mut() {
        operation.ended = Some(now);
    }
    log(world, &caller.scope(), arn, "Service is running.");
    if let Some((_, name)) = arn.split_once(":service/") {
        let group = format!("/aws/apprunner/{name}/application");
        let stream = format!("instance/{}", &sha256_hex(arn.as_bytes())[..32]);
        let line =
            "[copilot-local-aws] This service is not run: the local AWS runs no services of App Runner.";
        logs::append(world, &caller.scope(), &group, &stream, line);
    }
}

/// A line in the log of what App Runner does.
fn log(world: &mut World, scope: &str, arn: &str, line: &str) {
    if let Some((_, name)) = arn.split_once(":service/") {
        let group = format!("/aws/apprunner/{name}/service");
        logs::append(world, scope, &group, "events", &format!("[AppRunner] {line}"));
    }
}

/// Moves operations on by one step; whether there were any.
pub(crate) fn tick(world: &mut World) -> bool {
    let busy = |here: &Regional| here.runners.values().any(Runner::busy);
    if !world.state.regional.values().any(busy) {
        return false;
    }
    let now = world.now();
    let mut over = Vec::new();
    for (scope, here) in &mut world.state.regional {
        for (arn, runner) in here.runners.iter_mut().filter(|(_, runner)| runner.busy()) {
            let Some(operation) = runner.operations.last_mut() else { continue };
            operation.steps += 1;
            if operation.steps < STEPS {
                continue;
            }
            operation.ended = Some(now);
            let line = match operation.kind.as_str() {
                "PAUSE_SERVICE" => "Service is paused.",
                "RESUME_SERVICE" => "Service is running.",
                _ => "Deployment completed.",
            };
            runner.paused = operation.kind == "PAUSE_SERVICE";
            over.push((scope.clone(), arn.clone(), line));
        }
    }
    for (scope, arn, line) in over {
        log(world, &scope, &arn, line);
    }
    true
}

/// The host name of a service.
pub(crate) fn url(region: &str, arn: &str) -> String {
    let id = sha256_hex(arn.as_bytes());
    format!("{}.{region}.awsapprunner.com", &id[..10])
}

fn summary(world: &World, caller: &Caller, service: &Deployed) -> Json {
    let arn = service.physical();
    let mut parts = arn.rsplit('/');
    let runner = world.state.regional.get(&caller.scope()).and_then(|here| here.runners.get(arn));
    let last = runner.and_then(|runner| runner.operations.last());
    let updated = last.map_or(service.resource.changed, |one| one.ended.unwrap_or(one.started));
    json!({
        "ServiceArn": arn, "ServiceId": parts.next(), "ServiceName": parts.next(),
        "ServiceUrl": url(&caller.region, arn), "Status": runner.map_or("RUNNING", Runner::status),
        "CreatedAt": timestamp(service.stack.created),
        "UpdatedAt": timestamp(updated.max(service.resource.changed)),
    })
}

fn shape(world: &World, caller: &Caller, service: &Deployed) -> Json {
    let mut shape = summary(world, caller, service);
    for key in
        ["SourceConfiguration", "InstanceConfiguration", "HealthCheckConfiguration", "NetworkConfiguration"]
    {
        shape[key] = service.resource.properties.get(key).map(typed).unwrap_or_default();
    }
    let observed = &service.resource.properties["ObservabilityConfiguration"];
    shape["ObservabilityConfiguration"] = json!({
        "ObservabilityEnabled": observed.flag("ObservabilityEnabled"),
        "ObservabilityConfigurationArn": observed.text("ObservabilityConfigurationArn"),
    });
    shape
}

/// Properties with numbers and flags as such, which a template may have as text. Lists of variables are maps in the API.
fn typed(properties: &Json) -> Json {
    const NUMBERS: [&str; 4] = ["HealthyThreshold", "Interval", "Timeout", "UnhealthyThreshold"];
    const FLAGS: [&str; 2] = ["AutoDeploymentsEnabled", "IsPubliclyAccessible"];
    const PAIRS: [&str; 2] = ["RuntimeEnvironmentVariables", "RuntimeEnvironmentSecrets"];
    let Some(members) = properties.as_object() else { return properties.clone() };
    let member = |(key, value): (&String, &Json)| {
        let value = match key.as_str() {
            name if NUMBERS.contains(&name) => json!(properties.number(name)),
            name if FLAGS.contains(&name) => json!(properties.flag(name)),
            name if PAIRS.contains(&name) && value.is_array() => properties
                .list(name)
                .iter()
                .map(|pair| (pair.text("Name").unwrap_or_default().to_owned(), pair["Value"].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            _ => typed(value),
        };
        (key.clone(), value)
    };
    Json::Object(members.iter().map(member).collect())
}
