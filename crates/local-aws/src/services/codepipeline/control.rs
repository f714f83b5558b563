//! Stopping, retrying, approving, and closing the way between stages.

use serde_json::{Value as Json, json};

use super::{Closed, Pipeline, find};
use crate::core::caller::Caller;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let now = world.now();
    let by = caller.arn.clone();
    let pipeline = find(world, caller, input.need("pipelineName")?)?;
    match operation {
        "StopPipelineExecution" => stop(pipeline, input, now),
        "RetryStageExecution" => retry(pipeline, input, now),
        "PutApprovalResult" => decide(pipeline, input, now, &by),
        "DisableStageTransition" => {
            let stage = known_stage(pipeline, input)?;
            let reason = input.need("reason")?.to_owned();
            pipeline.closed.insert(stage, Closed { reason, by, at: now });
            Ok(json!({}))
        }
        _ => {
            let stage = known_stage(pipeline, input)?;
            pipeline.closed.remove(&stage);
            Ok(json!({}))
        }
    }
}

fn known_stage(pipeline: &Pipeline, input: &Json) -> Result<String, AwsError> {
    let name = input.need("stageName")?;
    let known = pipeline.definition.list("stages").iter().any(|stage| stage.text("name") == Some(name));
    if known { Ok(name.to_owned()) } else { Err(no_stage(name)) }
}

fn no_stage(name: &str) -> AwsError {
    AwsError::new("StageNotFoundException", format!("The stage with the name '{name}' could not be found"))
}

fn no_execution(id: &str) -> AwsError {
    AwsError::new(
        "PipelineExecutionNotFoundException",
        format!("Pipeline execution with id '{id}' could not be found"),
    )
}

fn stop(pipeline: &mut Pipeline, input: &Json, now: i64) -> Answer {
    let id = input.need("pipelineExecutionId")?;
    let execution = pipeline.executions.iter_mut().find(|execution| execution.id == id);
    let execution = execution.ok_or_else(|| no_execution(id))?;
    let abandon = input.flag("abandon");
    match execution.status.as_str() {
        "InProgress" => {}
        "Stopping" if abandon => {}
        "Stopping" => {
            let message = format!("Stop has already been requested for pipeline execution {id}");
            return Err(AwsError::new("DuplicatedStopRequestException", message));
        }
        _ => {
            let message = format!("Pipeline execution {id} is not in progress and can not be stopped");
            return Err(AwsError::new("PipelineExecutionNotStoppableException", message));
        }
    }
    execution.status = if abandon { "Stopped" } else { "Stopping" }.into();
    execution.stop_reason = input.text("reason").map(str::to_owned);
    execution.updated = now;
    for stage in execution.stages.values_mut().filter(|stage| stage.status == "InProgress") {
        stage.status = if abandon { "Stopped" } else { "Stopping" }.into();
        if abandon {
            for action in stage.actions.values_mut().filter(|action| action.status == "InProgress") {
                action.status = "Abandoned".into();
                action.updated = now;
            }
        }
    }
    Ok(json!({"pipelineExecutionId": id}))
}

fn retry(pipeline: &mut Pipeline, input: &Json, now: i64) -> Answer {
    let (id, name) = (input.need("pipelineExecutionId")?, known_stage(pipeline, input)?);
    let index = pipeline.executions.iter().position(|execution| execution.id == id);
    let index = index.ok_or_else(|| no_execution(id))?;
    let newer = pipeline.executions[index + 1..].iter().any(|execution| execution.stages.contains_key(&name));
    if newer {
        let message = format!("Pipeline execution {id} is not the latest execution of stage '{name}'");
        return Err(AwsError::new("NotLatestPipelineExecutionException", message));
    }
    let not_retryable = |why: &str| {
        Err(AwsError::new(
            "StageNotRetryableException",
            format!("The stage '{name}' cannot be retried: {why}"),
        ))
    };
    let version = pipeline.version;
    let execution = &mut pipeline.executions[index];
    if execution.version != version {
        return not_retryable("the pipeline has changed since the execution started");
    }
    let Some(stage) = execution.stages.get_mut(&name) else {
        return not_retryable("the execution has not entered it");
    };
    if !matches!(stage.status.as_str(), "Failed" | "Stopped") {
        return not_retryable("it has no failed actions");
    }
    let all = input.text("retryMode") == Some("ALL_ACTIONS");
    let again: Vec<String> = stage
        .actions
        .iter()
        .filter(|(_, action)| all || action.status != "Succeeded")
        .map(|(name, _)| name.clone())
        .collect();
    for action in again {
        if let Some(run) = stage.actions.shift_remove(&action) {
            stage.earlier.push((action, run));
        }
    }
    stage.status = "InProgress".into();
    execution.status = "InProgress".into();
    execution.updated = now;
    Ok(json!({"pipelineExecutionId": id}))
}

fn decide(pipeline: &mut Pipeline, input: &Json, now: i64, by: &str) -> Answer {
    let stage_name = known_stage(pipeline, input)?;
    let (action_name, token) = (input.need("actionName")?, input.need("token")?);
    let result = input.get("result").ok_or_else(|| AwsError::missing("result"))?;
    let declared =
        pipeline.definition.list("stages").iter().find(|stage| stage.text("name") == Some(&stage_name));
    let known = declared.is_some_and(|stage| {
        stage.list("actions").iter().any(|action| action.text("name") == Some(action_name))
    });
    if !known {
        let message = format!("The action with the name '{action_name}' could not be found");
        return Err(AwsError::new("ActionNotFoundException", message));
    }
    let runs = pipeline
        .executions
        .iter_mut()
        .rev()
        .filter_map(|execution| execution.stages.get_mut(&stage_name)?.actions.get_mut(action_name));
    let run = runs.into_iter().find(|run| run.token.as_deref() == Some(token));
    let run = run.ok_or_else(|| {
        AwsError::new("InvalidApprovalTokenException", "The approval token is invalid or has expired")
    })?;
    if run.status != "InProgress" {
        return Err(AwsError::new(
            "ApprovalAlreadyCompletedException",
            "The approval action has already been approved or rejected.",
        ));
    }
    let summary = result.text("summary").unwrap_or_default();
    match result.text("status") {
        Some("Approved") => run.status = "Succeeded".into(),
        Some("Rejected") => {
            run.status = "Failed".into();
            run.error = Some(("JobFailed".into(), summary.to_owned()));
        }
        _ => return Err(AwsError::invalid("The status of an approval is Approved or Rejected")),
    }
    run.summary = Some(summary.to_owned());
    run.updated = now;
    run.updated_by = Some(by.to_owned());
    Ok(json!({"approvedAt": timestamp(now)}))
}
