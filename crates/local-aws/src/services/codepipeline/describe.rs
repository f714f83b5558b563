//! Describing pipelines, their state and their executions.

use serde_json::{Value as Json, json};

use super::run::trigger;
use super::{Action, Execution, Pipeline, find};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "ListPipelines" => {
            let all: Vec<Json> = world
                .state
                .at(&caller.scope())
                .pipelines
                .values()
                .map(|pipeline| {
                    json!({
                        "name": pipeline.name, "version": pipeline.version, "created": timestamp(pipeline.created),
                        "updated": timestamp(pipeline.updated), "pipelineType": pipeline.definition.get("pipelineType"),
                        "executionMode": pipeline.definition.get("executionMode"),
                    })
                })
                .collect();
            let (page, next) = page(&all, input.text("nextToken"), page_size(input, "maxResults", 1000));
            Ok(json!({"pipelines": page, "nextToken": next}))
        }
        "GetPipeline" => {
            let pipeline = find(world, caller, input.need("name")?)?;
            if let Some(version) = input.number("version").filter(|version| *version != pipeline.version) {
                let message = format!("Pipeline {} has no version {version}", pipeline.name);
                return Err(AwsError::new("PipelineVersionNotFoundException", message));
            }
            Ok(json!({
                "pipeline": pipeline.definition,
                "metadata": {
                    "pipelineArn": pipeline.arn, "created": timestamp(pipeline.created),
                    "updated": timestamp(pipeline.updated),
                },
            }))
        }
        "GetPipelineState" => Ok(state(find(world, caller, input.need("name")?)?)),
        "GetPipelineExecution" => {
            let pipeline = find(world, caller, input.need("pipelineName")?)?;
            let id = input.need("pipelineExecutionId")?;
            let execution =
                pipeline.executions.iter().find(|execution| execution.id == id).ok_or_else(|| {
                    AwsError::new(
                        "PipelineExecutionNotFoundException",
                        format!("Pipeline execution with id '{id}' could not be found"),
                    )
                })?;
            let revisions: Vec<Json> = execution
                .revisions
                .iter()
                .map(|revision| {
                    json!({
                        "name": revision.artifact, "revisionId": revision.id, "revisionSummary": revision.summary,
                        "revisionUrl": revision.url, "created": timestamp(execution.started),
                    })
                })
                .collect();
            Ok(json!({"pipelineExecution": {
                "pipelineName": pipeline.name, "pipelineVersion": execution.version,
                "pipelineExecutionId": execution.id, "status": execution.status,
                "statusSummary": execution.summary, "artifactRevisions": revisions,
                "trigger": trigger(execution), "executionMode": execution.definition.get("executionMode"),
                "executionType": "STANDARD",
            }}))
        }
        "ListPipelineExecutions" => {
            let pipeline = find(world, caller, input.need("pipelineName")?)?;
            let all: Vec<Json> = pipeline.executions.iter().rev().map(summary).collect();
            let (page, next) = page(&all, input.text("nextToken"), page_size(input, "maxResults", 100));
            Ok(json!({"pipelineExecutionSummaries": page, "nextToken": next}))
        }
        "ListActionExecutions" => {
            let pipeline = find(world, caller, input.need("pipelineName")?)?;
            let wanted = input.get("filter").and_then(|filter| filter.text("pipelineExecutionId"));
            let all: Vec<Json> = pipeline
                .executions
                .iter()
                .rev()
                .filter(|execution| wanted.is_none_or(|id| id == execution.id))
                .flat_map(details)
                .collect();
            let (page, next) = page(&all, input.text("nextToken"), page_size(input, "maxResults", 100));
            Ok(json!({"actionExecutionDetails": page, "nextToken": next}))
        }
        _ => Err(AwsError::unknown_operation("codepipeline", operation)),
    }
}

fn summary(execution: &Execution) -> Json {
    let revisions: Vec<Json> = execution
        .revisions
        .iter()
        .map(|revision| {
            json!({
                "actionName": revision.action, "revisionId": revision.id, "revisionSummary": revision.summary,
                "revisionUrl": revision.url,
            })
        })
        .collect();
    json!({
        "pipelineExecutionId": execution.id, "status": execution.status, "statusSummary": execution.summary,
        "startTime": timestamp(execution.started), "lastUpdateTime": timestamp(execution.updated),
        "sourceRevisions": revisions, "trigger": trigger(execution),
        "stopTrigger": execution.stop_reason.as_ref().map(|reason| json!({"reason": reason})),
        "executionMode": execution.definition.get("executionMode"), "executionType": "STANDARD",
    })
}

/// The runs of all actions of an execution, the latest first.
fn details(execution: &Execution) -> Vec<Json> {
    let mut all = Vec::new();
    for (stage_name, stage) in execution.stages.iter().rev() {
        let declared = execution
            .definition
            .list("stages")
            .iter()
            .find(|declared| declared.text("name") == Some(stage_name));
        let earlier = stage.earlier.iter().map(|(name, run)| (name, run));
        let runs: Vec<(&String, &Action)> = earlier.chain(&stage.actions).collect();
        for (name, run) in runs.into_iter().rev() {
            let action = declared.and_then(|declared| {
                declared.list("actions").iter().find(|action| action.text("name") == Some(name))
            });
            let part = |key: &str| action.and_then(|action| action.get(key)).cloned();
            all.push(json!({
                "pipelineExecutionId": execution.id, "actionExecutionId": run.id,
                "pipelineVersion": execution.version, "stageName": stage_name, "actionName": name,
                "startTime": timestamp(run.started), "lastUpdateTime": timestamp(run.updated),
                "updatedBy": run.updated_by, "status": run.status,
                "input": {
                    "actionTypeId": part("actionTypeId"), "configuration": part("configuration"),
                    "resolvedConfiguration": part("configuration"), "roleArn": part("roleArn"),
                    "region": part("region"), "inputArtifacts": part("inputArtifacts"),
                },
                "output": {
                    "outputArtifacts": part("outputArtifacts"),
                    "executionResult": {
                        "externalExecutionId": run.external, "externalExecutionSummary": run.summary,
                        "externalExecutionUrl": run.url, "errorDetails": error(run),
                    },
                    "outputVariables": {},
                },
            }));
        }
    }
    all
}

fn error(run: &Action) -> Option<Json> {
    run.error.as_ref().map(|(code, message)| json!({"code": code, "message": message}))
}

fn state(pipeline: &Pipeline) -> Json {
    let stages: Vec<Json> = pipeline
        .definition
        .list("stages")
        .iter()
        .enumerate()
        .map(|(index, stage)| stage_state(pipeline, index, stage))
        .collect();
    json!({
        "pipelineName": pipeline.name, "pipelineVersion": pipeline.version, "stageStates": stages,
        "created": timestamp(pipeline.created), "updated": timestamp(pipeline.updated),
    })
}

fn stage_state(pipeline: &Pipeline, index: usize, declared: &Json) -> Json {
    let name = declared.text("name").unwrap_or_default();
    let latest = pipeline.executions.iter().rev().find(|execution| execution.stages.contains_key(name));
    // Who waits to come in: all stages before are done, this one is not entered.
    let inbound = pipeline.executions.iter().rev().find(|execution| {
        execution.status == "InProgress"
            && index > 0
            && execution.stages.len() == index
            && execution.stages.values().all(|stage| stage.status == "Succeeded")
    });
    let actions: Vec<Json> = declared
        .list("actions")
        .iter()
        .map(|action| {
            let action_name = action.text("name").unwrap_or_default();
            let run = pipeline.executions.iter().rev().find_map(|execution| {
                Some((execution, execution.stages.get(name)?.actions.get(action_name)?))
            });
            action_state(action_name, run)
        })
        .collect();
    let mut state = json!({"stageName": name, "actionStates": actions});
    if index > 0 {
        state["inboundTransitionState"] = match pipeline.closed.get(name) {
            Some(closed) => json!({
                "enabled": false, "disabledReason": closed.reason, "lastChangedBy": closed.by,
                "lastChangedAt": timestamp(closed.at),
            }),
            None => json!({"enabled": true}),
        };
    }
    if let Some(execution) = latest {
        let status = &execution.stages[name].status;
        state["latestExecution"] = json!({"pipelineExecutionId": execution.id, "status": status});
    }
    if let Some(execution) = inbound {
        state["inboundExecution"] = json!({"pipelineExecutionId": execution.id, "status": "InProgress"});
    }
    state
}

fn action_state(name: &str, run: Option<(&Execution, &Action)>) -> Json {
    let mut state = json!({"actionName": name});
    let Some((execution, run)) = run else { return state };
    state["latestExecution"] = json!({
        "actionExecutionId": run.id, "status": run.status, "summary": run.summary,
        "lastStatusChange": timestamp(run.updated), "token": run.token.as_ref().filter(|_| run.status == "InProgress"),
        "lastUpdatedBy": run.updated_by, "externalExecutionId": run.external, "externalExecutionUrl": run.url,
        "errorDetails": error(run),
    });
    if let Some(revision) = execution.revisions.iter().find(|revision| revision.action == name) {
        state["currentRevision"] = json!({
            "revisionId": revision.id, "revisionChangeId": revision.id, "created": timestamp(execution.started),
        });
        state["revisionUrl"] = json!(revision.url);
    }
    if let Some(url) = &run.url {
        state["entityUrl"] = json!(url);
    }
    state
}
