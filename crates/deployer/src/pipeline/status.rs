//! Where a pipeline is. The JSON shape is Copilot's, with revisions, errors and links added.

use aws_sdk_codepipeline::types::{ActionState, StageState};
use serde::{Serialize, Serializer};

use super::{DeployedPipeline, client, history};
use crate::error::Error;
use crate::session::Session;
use crate::stack::Patience;
use crate::time::Time;

/// A pipeline's state as `status --json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The name in its manifest.
    pub name: String,
    /// Its name in CodePipeline.
    pub pipeline_name: String,
    /// Its stages in order.
    pub stage_states: Vec<Stage>,
    /// When its definition last changed.
    pub updated_at: Option<Time>,
}

/// A stage's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name.
    pub stage_name: String,
    /// Its actions by run order. As JSON, only those that have run at least once.
    #[serde(skip_serializing_if = "none_started", serialize_with = "started")]
    pub actions: Vec<Action>,
    /// `ENABLED` or `DISABLED`; empty for the first stage, into which nothing leads.
    pub transition: String,
    /// What its actions amount to: `InProgress`, `Failed`, `Succeeded`, `Stopped` ..., or empty.
    pub status: String,
    /// The execution that is in the stage or was there last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
}

/// An action's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Its name.
    pub name: String,
    /// `Succeeded`, `Failed`, `InProgress`, `Abandoned`; empty if it has not run yet.
    pub status: String,
    /// What it has to say, such as a commit message or the reason of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// AWS's error message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Commit or object version that it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Page with more, such as the build's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Identifier of what it started, such as a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_execution_id: Option<String>,
    /// When it last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_change: Option<Time>,
    /// Token with which a waiting approval is answered. Never printed.
    #[serde(skip)]
    pub token: Option<String>,
}

fn none_started(actions: &[Action]) -> bool {
    actions.iter().all(|action| action.status.is_empty())
}

fn started<S: Serializer>(actions: &[Action], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(actions.iter().filter(|action| !action.status.is_empty()))
}

impl Status {
    /// Whether an execution is under way in any stage.
    pub fn in_progress(&self) -> bool {
        self.stage_states.iter().any(|stage| stage.status == "InProgress")
    }

    /// Whether something goes on by itself in a stage: an action runs that is no approval, or is about to.
    pub fn moves(&self) -> bool {
        let running = |stage: &&Stage| matches!(stage.status.as_str(), "InProgress" | "Stopping");
        self.stage_states.iter().filter(running).any(|stage| {
            let mut waiting = stage.actions.iter().filter(|action| action.status == "InProgress").peekable();
            waiting.peek().is_none() || waiting.any(|action| !action.waits_for_approval())
        })
    }

    /// Whether any stage's last execution failed.
    pub fn failed(&self) -> bool {
        self.stage_states.iter().any(|stage| stage.status == "Failed")
    }
}

impl Action {
    /// Why it failed, as far as AWS says.
    pub fn problem(&self) -> Option<&str> {
        self.error.as_deref().or(self.summary.as_deref())
    }

    /// First line of the message of the commit that a source action fetched.
    pub fn commit_message(&self) -> Option<String> {
        self.summary.as_deref().map(super::history::commit_message)
    }

    /// Whether it is an approval that waits for an answer.
    pub fn waits_for_approval(&self) -> bool {
        self.status == "InProgress" && self.token.is_some()
    }
}

/// Reads a pipeline's state.
///
/// # Errors
/// When CodePipeline refuses.
pub async fn status(session: &Session, pipeline: &DeployedPipeline) -> Result<Status, Error> {
    let answer = client(session).get_pipeline_state().name(&pipeline.resource_name).send().await;
    let answer = answer.map_err(|e| Error::aws("codepipeline:GetPipelineState", &e))?;
    Ok(Status {
        name: pipeline.name.clone(),
        pipeline_name: pipeline.resource_name.clone(),
        stage_states: answer.stage_states.unwrap_or_default().into_iter().map(stage).collect(),
        updated_at: answer.updated.map(Time::from),
    })
}

/// Reads a pipeline's state again and again, and tells each, until nothing runs any more but approvals that wait for an
/// answer.
///
/// # Errors
/// [`Error::TimedOut`], or when CodePipeline refuses.
pub async fn watch(
    session: &Session,
    pipeline: &DeployedPipeline,
    patience: Patience,
    tell: impl Fn(Status),
) -> Result<Status, Error> {
    let deadline = patience.deadline();
    loop {
        let state = status(session, pipeline).await?;
        tell(state.clone());
        if !state.moves() && !between_stages(session, pipeline, &state).await? {
            return Ok(state);
        }
        patience.pause(deadline, &format!("the execution of pipeline {}", pipeline.name)).await?;
    }
}

/// Whether the newest execution has left a stage and not yet entered the next one, though nothing keeps it from it.
async fn between_stages(
    session: &Session,
    pipeline: &DeployedPipeline,
    state: &Status,
) -> Result<bool, Error> {
    let stages = &state.stage_states;
    let waits = stages.iter().any(|stage| stage.actions.iter().any(Action::waits_for_approval));
    if waits || stages.iter().any(|stage| stage.transition == "DISABLED") {
        return Ok(false);
    }
    let newest = history(session, pipeline, 1).await?;
    Ok(newest.first().is_some_and(|execution| matches!(execution.status.as_str(), "InProgress" | "Stopping")))
}

fn stage(state: StageState) -> Stage {
    let transition = match &state.inbound_transition_state {
        None => "",
        Some(transition) if transition.enabled => "ENABLED",
        Some(_) => "DISABLED",
    };
    let latest = state.latest_execution;
    let actions: Vec<Action> = state.action_states.unwrap_or_default().into_iter().map(action).collect();
    let own = latest.as_ref().map(|latest| latest.status.as_str()).unwrap_or_default();
    Stage {
        stage_name: state.stage_name.unwrap_or_default(),
        transition: transition.to_owned(),
        status: aggregate(&actions, own),
        execution_id: latest.map(|latest| latest.pipeline_execution_id),
        actions,
    }
}

/// Running beats failed beats succeeded; where the actions say nothing, the stage's own word counts.
fn aggregate(actions: &[Action], own: &str) -> String {
    let any = |wanted: &[&str]| actions.iter().any(|action| wanted.contains(&action.status.as_str()));
    let started = || actions.iter().filter(|action| !action.status.is_empty());
    if any(&["InProgress"]) {
        "InProgress".into()
    } else if any(&["Failed", "Abandoned"]) {
        "Failed".into()
    } else if matches!(own, "Stopped" | "Stopping" | "Cancelled" | "Skipped" | "InProgress") {
        own.into()
    } else if started().count() > 0 && started().all(|action| action.status == "Succeeded") {
        "Succeeded".into()
    } else {
        String::new()
    }
}

fn action(state: ActionState) -> Action {
    let latest = state.latest_execution;
    let revision = state.current_revision.map(|revision| revision.revision_id);
    let latest = latest.as_ref();
    Action {
        name: state.action_name.unwrap_or_default(),
        status: latest.and_then(|l| l.status.as_ref()).map(|s| s.as_str().to_owned()).unwrap_or_default(),
        summary: latest.and_then(|l| l.summary.clone()).filter(|summary| !summary.is_empty()),
        error: latest.and_then(|l| l.error_details.as_ref()).and_then(|e| e.message.clone()),
        url: latest.and_then(|l| l.external_execution_url.clone()).or(state.revision_url),
        external_execution_id: latest.and_then(|l| l.external_execution_id.clone()),
        last_change: latest.and_then(|l| l.last_status_change).map(Time::from),
        token: latest.and_then(|l| l.token.clone()),
        revision,
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, aggregate};

    #[test]
    fn a_stage_is_what_its_actions_amount_to() {
        let actions = |statuses: &[&str]| -> Vec<Action> {
            let action = |status: &&str| Action {
                name: "a".into(),
                status: (*status).to_owned(),
                summary: None,
                error: None,
                revision: None,
                url: None,
                external_execution_id: None,
                last_change: None,
                token: None,
            };
            statuses.iter().map(action).collect()
        };
        assert_eq!(aggregate(&actions(&["Failed", "InProgress"]), "InProgress"), "InProgress");
        assert_eq!(aggregate(&actions(&["Failed", "Succeeded"]), "Failed"), "Failed");
        assert_eq!(aggregate(&actions(&["Succeeded", "Abandoned"]), "Stopped"), "Failed");
        assert_eq!(aggregate(&actions(&["Succeeded", ""]), "Stopped"), "Stopped");
        assert_eq!(aggregate(&actions(&["Succeeded"]), "Succeeded"), "Succeeded");
        assert_eq!(aggregate(&actions(&[""]), ""), "");
    }
}
