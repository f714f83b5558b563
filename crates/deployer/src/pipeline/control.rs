//! Starting, stopping, retrying, and answering approvals.

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus, StageRetryMode};

use super::refusal::{Newest, Refusal};
use super::{DeployedPipeline, Execution, RunStatus, Stage, Status, client, history, status};
use crate::error::Error;
use crate::session::Session;

/// Starts an execution on the newest revision of the source. Returns its id.
///
/// # Errors
/// When CodePipeline refuses.
pub async fn start(session: &Session, pipeline: &DeployedPipeline) -> Result<String, Error> {
    let answer = client(session).start_pipeline_execution().name(&pipeline.resource_name).send().await;
    let answer = answer.map_err(|e| Error::aws("codepipeline:StartPipelineExecution", &e))?;
    Ok(answer.pipeline_execution_id.unwrap_or_default())
}

/// Stops the execution that is under way: after its running actions, or at once if they are to be abandoned.
/// Returns the ids of the executions that were told to stop.
///
/// # Errors
/// [`Refusal::NothingRuns`].
pub async fn stop(
    session: &Session,
    pipeline: &DeployedPipeline,
    execution: Option<&str>,
    abandon: bool,
    reason: &str,
) -> Result<Vec<String>, Error> {
    let running = match execution {
        Some(id) => vec![id.to_owned()],
        None => running(session, pipeline, abandon).await?,
    };
    for id in &running {
        let request = client(session).stop_pipeline_execution().pipeline_name(&pipeline.resource_name);
        let answer = request.pipeline_execution_id(id).abandon(abandon).reason(reason).send().await;
        answer.map_err(|e| Error::aws("codepipeline:StopPipelineExecution", &e))?;
    }
    Ok(running)
}

/// How many executions to look through for those that run.
const RECENT: usize = 50;

/// Those that run; if they are to be abandoned, also those that wait for their actions to finish.
async fn running(
    session: &Session,
    pipeline: &DeployedPipeline,
    abandon: bool,
) -> Result<Vec<String>, Error> {
    let recent = history(session, pipeline, RECENT).await?;
    let running = |execution: &&Execution| match execution.status {
        RunStatus::InProgress => true,
        RunStatus::Stopping => abandon,
        _ => false,
    };
    let found: Vec<String> = recent.iter().filter(running).map(|execution| execution.id.clone()).collect();
    if found.is_empty() {
        let (pipeline, newest) = (pipeline.name.clone(), Newest::of(recent.first()));
        return Err(Refusal::NothingRuns { pipeline, newest }.into());
    }
    Ok(found)
}

/// Runs the failed actions of a stage again, or all of its actions. Without a stage, the one in which the newest execution
/// failed. Returns the stage.
///
/// # Errors
/// A [`Refusal`] when there is nothing to be run again.
pub async fn retry(
    session: &Session,
    pipeline: &DeployedPipeline,
    stage: Option<&str>,
    all_actions: bool,
) -> Result<String, Error> {
    let status = status(session, pipeline).await?;
    let (name, execution) = to_retry(&status, stage)?;
    retry_stage(session, &pipeline.resource_name, name, execution, all_actions).await?;
    Ok(name.to_owned())
}

/// The stage that is to be run again, and its execution.
fn to_retry<'a>(status: &'a Status, typed: Option<&str>) -> Result<(&'a str, &'a str), Refusal> {
    let pipeline = || status.name.clone();
    let stage = match typed {
        Some(typed) => status.stage_named(typed).ok_or_else(|| no_stage(status, typed))?,
        None => status.retryable().ok_or_else(|| Refusal::NothingToRetry {
            pipeline: pipeline(),
            newest: status.newest(),
            earlier: failed(status),
        })?,
    };
    let rejected = stage.current_actions().find_map(|action| Some((action, action.rejection()?)));
    if let Some((action, rejection)) = rejected.filter(|_| typed.is_none()) {
        return Err(Refusal::Rejected {
            stage: stage.stage_name.clone(),
            action: action.name.clone(),
            by: rejection.by.to_owned(),
            why: rejection.why.to_owned(),
        });
    }
    match stage.execution_id.as_deref().filter(|_| stage.has_failed()) {
        Some(execution) => Ok((&stage.stage_name, execution)),
        None => Err(Refusal::NotFailed {
            pipeline: pipeline(),
            stage: stage.stage_name.clone(),
            status: stage.status.clone(),
            failed: failed(status),
        }),
    }
}

/// The stages whose last execution failed in them.
fn failed(status: &Status) -> Vec<String> {
    let stages = status.stage_states.iter().filter(|stage| stage.has_failed());
    stages.map(|stage| stage.stage_name.clone()).collect()
}

fn no_stage(status: &Status, typed: &str) -> Refusal {
    let (pipeline, known) = (status.name.clone(), status.stage_names());
    Refusal::NoStage { pipeline, name: typed.to_owned(), known }
}

/// Returns whether the stage could be retried.
pub(crate) async fn retry_stage(
    session: &Session,
    resource_name: &str,
    stage: &str,
    execution: &str,
    all_actions: bool,
) -> Result<(), Error> {
    let mode = if all_actions { StageRetryMode::AllActions } else { StageRetryMode::FailedActions };
    let request = client(session).retry_stage_execution().pipeline_name(resource_name).stage_name(stage);
    let answer = request.pipeline_execution_id(execution).retry_mode(mode).send().await;
    answer.map(|_| ()).map_err(|e| Error::aws("codepipeline:RetryStageExecution", &e))
}

/// An approval that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its stage.
    pub stage: String,
    /// Its action.
    pub action: String,
    token: String,
}

/// What to say to an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Approve,
    /// End this execution here.
    Reject,
}

/// The approvals that wait for an answer, in the order of the stages.
pub fn pending_approvals(status: &Status) -> Vec<Approval> {
    let stages = status.stage_states.iter();
    stages
        .flat_map(|stage| stage.actions.iter().map(move |action| (stage, action)))
        .filter(|(_, action)| action.waits_for_approval())
        .filter_map(|(stage, action)| {
            let token = action.token.clone()?;
            Some(Approval { stage: stage.stage_name.clone(), action: action.name.clone(), token })
        })
        .collect()
}

/// The approvals that wait for an answer, or only those of a stage, which can be named as the environment that it deploys to.
/// There is at least one.
///
/// # Errors
/// When none waits.
pub fn approvals_in(status: &Status, stage: Option<&str>) -> Result<Vec<Approval>, Refusal> {
    let pipeline = status.name.clone();
    let mut found = pending_approvals(status);
    if let Some(typed) = stage {
        let stage: &Stage = status.stage_named(typed).ok_or_else(|| no_stage(status, typed))?;
        let waiting: Vec<String> = found.iter().map(|approval| approval.stage.clone()).collect();
        found.retain(|approval| approval.stage == stage.stage_name);
        if found.is_empty() && !waiting.is_empty() {
            return Err(Refusal::NotWaiting { pipeline, stage: stage.stage_name.clone(), waiting });
        }
    }
    if found.is_empty() { Err(Refusal::NoApproval { pipeline }) } else { Ok(found) }
}

/// Answers an approval.
///
/// # Errors
/// When CodePipeline refuses: somebody else answered, or a newer execution took its place.
pub async fn answer(
    session: &Session,
    pipeline: &DeployedPipeline,
    approval: &Approval,
    answer: Answer,
    summary: &str,
) -> Result<(), Error> {
    let status = match answer {
        Answer::Approve => ApprovalStatus::Approved,
        Answer::Reject => ApprovalStatus::Rejected,
    };
    let operation = "codepipeline:PutApprovalResult";
    let result = ApprovalResult::builder().summary(summary).status(status).build();
    let result = result.map_err(|e| Error::Nothing(format!("{operation}: {e}")))?;
    let request = client(session).put_approval_result().pipeline_name(&pipeline.resource_name);
    let request = request.stage_name(&approval.stage).action_name(&approval.action).token(&approval.token);
    request.result(result).send().await.map(|_| ()).map_err(|e| Error::aws(operation, &e))
}
