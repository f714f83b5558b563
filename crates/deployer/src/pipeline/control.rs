//! Starting, stopping, retrying, and answering approvals.

use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus, StageRetryMode};

use super::{DeployedPipeline, Status, client, history, status};
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
/// [`Error::Nothing`] when none runs.
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
    if running.is_empty() {
        return Err(Error::Nothing(format!("no execution of {} is running", pipeline.name)));
    }
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
    let recent = history(session, pipeline, RECENT).await?.into_iter();
    let stops = |status: &str| status == "InProgress" || (abandon && status == "Stopping");
    Ok(recent.filter(|execution| stops(&execution.status)).map(|execution| execution.id).collect())
}

/// Runs the failed actions of a stage again, or all of its actions. Without a stage, the one that failed.
/// Returns the stage.
///
/// # Errors
/// [`Error::Nothing`] when no stage failed.
pub async fn retry(
    session: &Session,
    pipeline: &DeployedPipeline,
    stage: Option<&str>,
    all_actions: bool,
) -> Result<String, Error> {
    let status = status(session, pipeline).await?;
    let wanted = status.stage_states.iter().find(|state| match stage {
        Some(name) => state.stage_name == name,
        None => matches!(state.status.as_str(), "Failed" | "Stopped" | "Cancelled"),
    });
    let found = wanted.and_then(|state| Some((state.stage_name.clone(), state.execution_id.clone()?)));
    let Some((name, execution)) = found else {
        return Err(Error::Nothing(match stage {
            Some(stage) => format!("stage {stage} of {} has not run yet", pipeline.name),
            None => format!("no stage of {} has failed", pipeline.name),
        }));
    };
    retry_stage(session, &pipeline.resource_name, &name, &execution, all_actions).await?;
    Ok(name)
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
