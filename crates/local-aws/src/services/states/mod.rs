//! Step Functions: state machines of stacks, and executions that run the task of a job.
//!
//! A definition is carried out as far as Copilot's jobs need it: one state that runs a task of ECS and waits for it, with
//! retries and a time limit.

mod execution;

pub(crate) use execution::{Execution, tick};

use serde_json::{Value as Json, json};

use super::deployed::{Deployed, deployed};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

const MACHINE: &str = "AWS::StepFunctions::StateMachine";

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeStateMachine" => {
            let machine = find(world, caller, input.need("stateMachineArn")?)?;
            let arn = machine.physical();
            Ok(json!({
                "stateMachineArn": arn, "name": arn.rsplit(':').next(), "status": "ACTIVE", "type": "STANDARD",
                "roleArn": machine.text("RoleArn"), "definition": definition(&machine),
                "creationDate": timestamp(machine.stack.created),
                "loggingConfiguration": {"level": "ALL", "includeExecutionData": true},
            }))
        }
        "ListStateMachines" => {
            let list: Json = deployed(world, caller, MACHINE)
                .map(|machine| {
                    let arn = machine.physical();
                    json!({
                        "stateMachineArn": arn, "name": arn.rsplit(':').next(), "type": "STANDARD",
                        "creationDate": timestamp(machine.stack.created),
                    })
                })
                .collect();
            Ok(json!({"stateMachines": list}))
        }
        "StartExecution" => start(world, caller, input),
        "ListExecutions" => list(world, caller, input),
        "DescribeExecution" => Ok(execution::describe(of(world, caller, input)?)),
        "GetExecutionHistory" => {
            let found = of(world, caller, input)?;
            let mut events = found.history.clone();
            if input.flag("reverseOrder") {
                events.reverse();
            }
            let (events, next) = page(&events, input.text("nextToken"), page_size(input, "maxResults", 100));
            Ok(json!({"events": events, "nextToken": next}))
        }
        "StopExecution" => {
            let arn = of(world, caller, input)?.arn.clone();
            execution::abort(world, caller, &arn, input);
            Ok(json!({"stopDate": timestamp(world.now())}))
        }
        _ => Err(AwsError::unknown_operation("states", operation)),
    }
}

fn find<'a>(world: &'a World, caller: &Caller, arn: &str) -> Result<Deployed<'a>, AwsError> {
    let mut all = deployed(world, caller, MACHINE);
    all.find(|machine| machine.physical() == arn).ok_or_else(|| {
        AwsError::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
    })
}

/// The definition with what the stack puts into it.
fn definition(machine: &Deployed) -> String {
    let mut text = machine.text("DefinitionString").unwrap_or_default().to_owned();
    let substitutions = machine.resource.properties.get("DefinitionSubstitutions").and_then(Json::as_object);
    for (key, value) in substitutions.into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("${{{key}}}"), &value);
    }
    text
}

fn of<'a>(world: &'a World, caller: &Caller, input: &Json) -> Result<&'a Execution, AwsError> {
    let arn = input.need("executionArn")?;
    let here = world.state.regional.get(&caller.scope());
    here.and_then(|here| here.executions.get(arn))
        .ok_or_else(|| AwsError::new("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'")))
}

fn start(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let machine = find(world, caller, input.need("stateMachineArn")?)?;
    let arn = machine.physical().to_owned();
    let (definition, properties) = (definition(&machine), machine.resource.properties.clone());
    let name = input.text("name").map_or_else(|| world.state.ids.uuid(), str::to_owned);
    let given = input.text("input").unwrap_or("{}");
    let execution = format!("{}:{name}", arn.replacen(":stateMachine:", ":execution:", 1));
    let known = world.state.at(&caller.scope()).executions.get(&execution);
    if let Some(known) = known.filter(|known| known.input != given || !known.running()) {
        let message = format!("Execution Already Exists: '{}'", known.arn);
        return Err(AwsError::new("ExecutionAlreadyExists", message));
    }
    let started = execution::begin(world, caller, &execution, &arn, given, &definition, &properties);
    Ok(json!({"executionArn": execution, "startDate": timestamp(started)}))
}

fn list(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let arn = find(world, caller, input.need("stateMachineArn")?)?.physical().to_owned();
    let status = input.text("statusFilter");
    let all = &world.state.at(&caller.scope()).executions;
    let mut found: Vec<&Execution> = all
        .values()
        .filter(|one| one.machine == arn && status.is_none_or(|status| status == one.status))
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.started, one.number)));
    let list: Vec<Json> = found
        .into_iter()
        .map(|one| {
            let mut shape = execution::describe(one);
            for key in ["input", "output", "error", "cause"] {
                if let Some(members) = shape.as_object_mut() {
                    members.remove(key);
                }
            }
            shape
        })
        .collect();
    let (list, next) = page(&list, input.text("nextToken"), page_size(input, "maxResults", 100));
    Ok(json!({"executions": list, "nextToken": next}))
}
