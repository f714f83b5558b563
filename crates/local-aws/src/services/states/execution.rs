//! Executions: each runs its task until that ends well, its retries are used up, or its time is over.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, timestamp};
use crate::core::state::State;
use crate::core::time::iso;
use crate::core::world::World;
use crate::services::{ecs, logs};

/// An execution of a state machine.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Execution {
    pub(crate) arn: String,
    pub(crate) machine: String,
    pub(crate) number: usize,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub(crate) status: String,
    pub(crate) started: i64,
    pub(crate) stopped: Option<i64>,
    pub(crate) input: String,
    pub(crate) output: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    /// The state that runs a task: its name, and how it is defined.
    pub(crate) state: String,
    pub(crate) definition: Json,
    pub(crate) limit: Option<i64>,
    /// The task that is waited for.
    pub(crate) task: Option<String>,
    pub(crate) attempts: i64,
    /// Steps before the next attempt, and steps so far.
    pub(crate) pause: i64,
    pub(crate) steps: i64,
    /// As `GetExecutionHistory` has it.
    pub(crate) history: Vec<Json>,
    /// Where its events are logged.
    pub(crate) log: Option<String>,
}

impl Execution {
    pub(super) fn running(&self) -> bool {
        self.status == "RUNNING"
    }

    fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }
}

pub(super) fn describe(execution: &Execution) -> Json {
    json!({
        "executionArn": execution.arn, "stateMachineArn": execution.machine, "name": execution.name(),
        "status": execution.status, "startDate": timestamp(execution.started),
        "stopDate": execution.stopped.map(timestamp), "input": execution.input, "output": execution.output,
        "error": execution.error, "cause": execution.cause,
    })
}

/// Begins an execution; when that is.
pub(super) fn begin(
    world: &mut World,
    caller: &Caller,
    arn: &str,
    machine: &str,
    input: &str,
    definition: &str,
    properties: &Json,
) -> i64 {
    let started = world.now();
    let definition: Json = serde_json::from_str(definition).unwrap_or_default();
    let state = definition.text("StartAt").unwrap_or_default().to_owned();
    let destination =
        properties.pointer("/LoggingConfiguration/Destinations/0/CloudWatchLogsLogGroup/LogGroupArn");
    let group = destination.and_then(Json::as_str).and_then(|arn| arn.split_once(":log-group:"));
    let mut execution = Execution {
        arn: arn.to_owned(),
        machine: machine.to_owned(),
        number: world.state.at(&caller.scope()).executions.len(),
        status: "RUNNING".into(),
        started,
        input: input.to_owned(),
        limit: definition.number("TimeoutSeconds"),
        definition: definition
            .get("States")
            .and_then(|states| states.get(&state))
            .cloned()
            .unwrap_or_default(),
        state,
        log: group.map(|(_, name)| name.trim_end_matches(":*").to_owned()),
        ..Execution::default()
    };
    let role = properties.text("RoleArn").unwrap_or_default();
    let details = json!({"input": input, "roleArn": role});
    tell(
        world,
        &caller.scope(),
        &mut execution,
        ("ExecutionStarted", "executionStartedEventDetails"),
        &details,
    );
    let details = json!({"input": input, "name": execution.state});
    tell(world, &caller.scope(), &mut execution, ("TaskStateEntered", "stateEnteredEventDetails"), &details);
    world.state.at(&caller.scope()).executions.insert(arn.to_owned(), execution);
    started
}

/// Writes an event into the history and the log.
fn tell(
    world: &mut World,
    scope: &str,
    execution: &mut Execution,
    (kind, member): (&str, &str),
    details: &Json,
) {
    let (time, id) = (world.now(), execution.history.len() + 1);
    let mut event = json!({"timestamp": timestamp(time), "type": kind, "id": id, "previousEventId": id - 1});
    event[member] = details.clone();
    execution.history.push(event);
    let Some(group) = execution.log.clone() else { return };
    let day = iso(execution.started);
    let machine = execution.machine.rsplit(':').next().unwrap_or_default();
    let hash = sha256_hex(execution.machine.as_bytes());
    let stream = format!("states/{machine}/{}-{}/{}", day[..13].replace('T', "-"), &day[14..16], &hash[..8]);
    let line = json!({
        "id": id.to_string(), "type": kind, "details": details, "previous_event_id": (id - 1).to_string(),
        "event_timestamp": time.to_string(), "execution_arn": execution.arn,
    });
    logs::append(world, scope, &group, &stream, &line.to_string());
}

/// Moves executions on by one step; whether there were any.
pub(crate) fn tick(world: &mut World) -> bool {
    let mut busy = Vec::new();
    for (scope, here) in &world.state.regional {
        let running = here.executions.values().filter(|one| one.running());
        busy.extend(running.map(|one| (scope.clone(), one.arn.clone())));
    }
    for (scope, arn) in &busy {
        let Some(mut execution) = world.state.at(scope).executions.remove(arn) else { continue };
        step(world, scope, &mut execution);
        world.state.at(scope).executions.insert(arn.clone(), execution);
    }
    !busy.is_empty()
}

fn step(world: &mut World, scope: &str, execution: &mut Execution) {
    execution.steps += 1;
    if over_time(world, scope, execution) {
        stop_task(world, scope, execution, "Execution timed out");
        end(world, scope, execution, "TIMED_OUT", Some(("States.Timeout", String::new())));
        return;
    }
    if execution.pause > 0 {
        execution.pause -= 1;
        return;
    }
    let Some(arn) = execution.task.clone() else { return attempt(world, scope, execution) };
    let Some(ended) = ecs::outcome(world, scope, &arn) else { return };
    let resource = json!({"resource": "runTask.sync", "resourceType": "ecs"});
    execution.task = None;
    match ended {
        Ok(shape) => {
            let mut details = resource;
            details["output"] = json!(shape.to_string());
            tell(world, scope, execution, ("TaskSucceeded", "taskSucceededEventDetails"), &details);
            execution.output = Some(shape.to_string());
            let details = json!({"name": execution.state, "output": shape.to_string()});
            tell(world, scope, execution, ("TaskStateExited", "stateExitedEventDetails"), &details);
            end(world, scope, execution, "SUCCEEDED", None);
        }
        Err(shape) => fail(world, scope, execution, "States.TaskFailed", shape.to_string()),
    }
}

/// Whether it has taken longer than it may. Tasks that nothing runs go by the world's own minutes.
fn over_time(world: &World, scope: &str, execution: &Execution) -> bool {
    let Some(limit) = execution.limit else { return false };
    match &execution.task {
        Some(task) if ecs::is_real(world, scope, task) => world.now() - execution.started > limit * 1000,
        _ => execution.steps > (limit * i64::from(world.options.minute) / 60).max(10),
    }
}

/// Starts the task.
fn attempt(world: &mut World, scope: &str, execution: &mut Execution) {
    let (account, region) = State::of_scope(scope);
    let caller = Caller::service(account, region, "states");
    let parameters = execution.definition.get("Parameters").cloned().unwrap_or_default();
    let details = json!({
        "resource": "runTask.sync", "resourceType": "ecs", "region": region, "parameters": parameters.to_string(),
    });
    tell(world, scope, execution, ("TaskScheduled", "taskScheduledEventDetails"), &details);
    let resource = json!({"resource": "runTask.sync", "resourceType": "ecs"});
    tell(world, scope, execution, ("TaskStarted", "taskStartedEventDetails"), &resource);
    let mut input = crate::services::deployed::described(&parameters);
    if let Some(members) = input.as_object_mut() {
        let groups = members.remove("group.$").filter(|path| path == "$$.Execution.Name");
        if groups.is_some() {
            members.insert("group".into(), json!(execution.name()));
        }
    }
    input["startedBy"] = json!("AWS Step Functions");
    match ecs::on_behalf(world, &caller, &input) {
        Ok(arn) => {
            let mut details = resource;
            details["output"] = json!(json!({"Tasks": [{"TaskArn": arn}]}).to_string());
            tell(world, scope, execution, ("TaskSubmitted", "taskSubmittedEventDetails"), &details);
            execution.task = Some(arn);
        }
        Err(error) => fail(world, scope, execution, &format!("ECS.{}", error.code), error.message),
    }
}

/// The task failed: it is tried again if there are retries left.
fn fail(world: &mut World, scope: &str, execution: &mut Execution, error: &str, cause: String) {
    let details = json!({"resource": "runTask.sync", "resourceType": "ecs", "error": error, "cause": cause});
    tell(world, scope, execution, ("TaskFailed", "taskFailedEventDetails"), &details);
    let retry = execution.definition.pointer("/Retry/0").cloned().unwrap_or_default();
    if execution.attempts < retry.number("MaxAttempts").unwrap_or(0) {
        execution.attempts += 1;
        let seconds = retry.number("IntervalSeconds").unwrap_or(1);
        execution.pause = (seconds * i64::from(world.options.minute) / 60).max(1);
        return;
    }
    end(world, scope, execution, "FAILED", Some((error, cause)));
}

fn end(world: &mut World, scope: &str, execution: &mut Execution, status: &str, why: Option<(&str, String)>) {
    status.clone_into(&mut execution.status);
    execution.stopped = Some(world.now());
    let (kind, member) = match status {
        "SUCCEEDED" => ("ExecutionSucceeded", "executionSucceededEventDetails"),
        "TIMED_OUT" => ("ExecutionTimedOut", "executionTimedOutEventDetails"),
        "ABORTED" => ("ExecutionAborted", "executionAbortedEventDetails"),
        _ => ("ExecutionFailed", "executionFailedEventDetails"),
    };
    let details = match why {
        None => json!({"output": execution.output}),
        Some((error, cause)) => {
            execution.error = Some(error.to_owned());
            execution.cause = Some(cause.clone()).filter(|cause| !cause.is_empty());
            json!({"error": error, "cause": cause})
        }
    };
    tell(world, scope, execution, (kind, member), &details);
}

fn stop_task(world: &mut World, scope: &str, execution: &mut Execution, reason: &str) {
    if let Some(task) = execution.task.take() {
        ecs::end_task(world, scope, &task, reason);
    }
}

/// Ends an execution because somebody wants that.
pub(super) fn abort(world: &mut World, caller: &Caller, arn: &str, input: &Json) {
    let scope = caller.scope();
    let Some(mut execution) = world.state.at(&scope).executions.remove(arn) else { return };
    if execution.running() {
        stop_task(world, &scope, &mut execution, "Execution aborted");
        let error = input.text("error").unwrap_or_default().to_owned();
        let cause = input.text("cause").unwrap_or_default().to_owned();
        end(world, &scope, &mut execution, "ABORTED", Some((&error, cause)));
    }
    world.state.at(&scope).executions.insert(arn.to_owned(), execution);
}
