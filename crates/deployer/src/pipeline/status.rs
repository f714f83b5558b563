//! Where a pipeline is. The JSON shape is Copilot's, with executions, revisions, errors and links added.
//!
//! CodePipeline's own answer shows for each action what it did last, be that in the execution that is in the stage or in one of
//! last week. What belongs to which is asked of the list of actions that an execution has run.

use aws_sdk_codepipeline::types::{ActionState, StageExecutionStatus, StageState};
use serde::{Serialize, Serializer};

use super::action_runs::ActionRuns;
use super::history::{Execution, history};
use super::progress::Progress;
use super::{DeployedPipeline, RunStatus, client};
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
    /// The execution that is looked at: the newest, or the one that is watched. None where none has ever run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<Execution>,
    /// Its stages in order.
    pub stage_states: Vec<Stage>,
    /// When its definition last changed.
    pub updated_at: Option<Time>,
}

/// A stage's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name.
    pub stage_name: String,
    /// Its actions by run order. As JSON, only those that have run at least once.
    #[serde(skip_serializing_if = "none_started", serialize_with = "started")]
    pub actions: Vec<Action>,
    /// `ENABLED` or `DISABLED`; empty for the first stage, into which nothing leads.
    pub transition: String,
    /// What the actions of the execution that is in it, or was there last, amount to: `InProgress`, `Failed`, `Succeeded`,
    /// `Stopped` ..., or nothing yet.
    pub status: RunStatus,
    /// The execution that is in the stage or was there last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    /// The execution that waits to enter it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_execution_id: Option<String>,
}

/// An action's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Its name.
    pub name: String,
    /// `Succeeded`, `Failed`, `InProgress`, `Abandoned`, or nothing yet.
    pub status: RunStatus,
    /// Whether all this is of an execution before the one that is in the stage.
    #[serde(skip_serializing_if = "is_false")]
    pub earlier: bool,
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
    /// ARN of the person who changed it last, such as who answered an approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    /// Whether it is an approval.
    #[serde(skip)]
    pub approval: bool,
    /// Token with which a waiting approval is answered. Never printed.
    #[serde(skip)]
    pub token: Option<String>,
}

/// An approval that somebody refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection<'a> {
    /// Who: `user/alice`, or `Admin/alice` for a session of a role, without what every ARN has.
    pub by: &'a str,
    /// What they said about it; empty for nothing.
    pub why: &'a str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

fn none_started(actions: &[Action]) -> bool {
    actions.iter().all(|action| action.status.is_none())
}

fn started<S: Serializer>(actions: &[Action], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(actions.iter().filter(|action| !action.status.is_none()))
}

impl Stage {
    /// Whether an execution is in it now.
    pub fn is_occupied(&self) -> bool {
        matches!(self.status, RunStatus::InProgress | RunStatus::Stopping)
    }

    /// Whether something goes on in it by itself: an action runs that is no approval, or is about to.
    pub fn moves(&self) -> bool {
        let mut running =
            self.actions.iter().filter(|action| action.status == RunStatus::InProgress).peekable();
        self.is_occupied() && (running.peek().is_none() || running.any(|action| !action.waits_for_approval()))
    }

    /// Whether one of its approvals waits for an answer.
    pub fn waits_for_approval(&self) -> bool {
        self.actions.iter().any(Action::waits_for_approval)
    }

    /// Whether the execution that was there last came to its end in it before its time.
    pub fn has_failed(&self) -> bool {
        matches!(self.status, RunStatus::Failed | RunStatus::Stopped | RunStatus::Cancelled)
    }

    /// Its actions as far as the execution that is in it, or was there last, has run them.
    pub fn current_actions(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| !action.earlier && !action.status.is_none())
    }
}

impl Action {
    /// Why it failed, as far as AWS says.
    pub fn problem(&self) -> Option<&str> {
        self.error.as_deref().or(self.summary.as_deref())
    }

    /// Whether it failed or was given up.
    pub fn has_failed(&self) -> bool {
        matches!(self.status, RunStatus::Failed | RunStatus::Abandoned)
    }

    /// Whether it is an approval that waits for an answer.
    pub fn waits_for_approval(&self) -> bool {
        self.status == RunStatus::InProgress && self.token.is_some()
    }

    /// Who rejected it and why, if it is an approval and somebody did. One that nobody answered in time has failed, too.
    pub fn rejection(&self) -> Option<Rejection<'_>> {
        if !self.approval || self.status != RunStatus::Failed {
            return None;
        }
        let by = self.updated_by.as_deref()?;
        let by = by.split_once(":assumed-role/").or_else(|| by.rsplit_once(':')).map_or(by, |(_, name)| name);
        Some(Rejection { by, why: self.summary.as_deref().or(self.error.as_deref()).unwrap_or_default() })
    }
}

/// Reads a pipeline's state, with what its newest execution has done.
///
/// # Errors
/// When CodePipeline refuses.
pub async fn status(session: &Session, pipeline: &DeployedPipeline) -> Result<Status, Error> {
    let newest = history(session, pipeline, 1).await?.into_iter().next();
    read(session, pipeline, newest, &mut ActionRuns::default()).await
}

/// Reads a pipeline's state again and again, and tells each, until the execution that was the newest at first has ended or
/// can't go on by itself: an approval waits for an answer, or the way into a stage is closed.
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
    let mut watched: Option<Execution> = None;
    let mut runs = ActionRuns::default();
    loop {
        // An execution's status is read before the stages, so that what is said of them is never older.
        let mut recent = history(session, pipeline, RECENT).await?.into_iter();
        let found = match &watched {
            Some(watched) => recent.find(|execution| execution.id == watched.id),
            None => recent.next(),
        };
        watched = found.or(watched);
        let state = read(session, pipeline, watched.clone(), &mut runs).await?;
        tell(state.clone());
        if !matches!(state.progress(), Progress::Moves) {
            return Ok(state);
        }
        patience.pause(deadline, &format!("the execution of pipeline {}", pipeline.name)).await?;
    }
}

/// Executions among which the watched one is looked for. One that so many newer ones have followed is over or waits.
const RECENT: usize = 100;

async fn read(
    session: &Session,
    pipeline: &DeployedPipeline,
    execution: Option<Execution>,
    runs: &mut ActionRuns,
) -> Result<Status, Error> {
    let answer = client(session).get_pipeline_state().name(&pipeline.resource_name).send().await;
    let answer = answer.map_err(|e| Error::aws("codepipeline:GetPipelineState", &e))?;
    let states = answer.stage_states.unwrap_or_default();
    runs.learn(session, pipeline, &states).await?;
    Ok(Status {
        name: pipeline.name.clone(),
        pipeline_name: pipeline.resource_name.clone(),
        execution,
        stage_states: states.into_iter().map(|state| stage(state, runs)).collect(),
        updated_at: answer.updated.map(Time::from),
    })
}

fn stage(state: StageState, runs: &ActionRuns) -> Stage {
    let transition = match &state.inbound_transition_state {
        None => "",
        Some(transition) if transition.enabled => "ENABLED",
        Some(_) => "DISABLED",
    };
    let latest = state.latest_execution;
    let id = latest.as_ref().map(|latest| latest.pipeline_execution_id.as_str());
    let states = state.action_states.unwrap_or_default().into_iter();
    let actions: Vec<Action> = states.map(|state| action(state, id, runs)).collect();
    Stage {
        stage_name: state.stage_name.unwrap_or_default(),
        transition: transition.to_owned(),
        status: aggregate(&actions, latest.as_ref().map(|latest| &latest.status)),
        execution_id: latest.map(|latest| latest.pipeline_execution_id),
        inbound_execution_id: state.inbound_execution.map(|inbound| inbound.pipeline_execution_id),
        actions,
    }
}

/// Running beats failed beats succeeded; where the actions say nothing, the stage's own word counts.
fn aggregate(actions: &[Action], own: Option<&StageExecutionStatus>) -> RunStatus {
    let current = || actions.iter().filter(|action| !action.earlier && !action.status.is_none());
    let any = |wanted: RunStatus| current().any(|action| action.status == wanted);
    let own = own.map(|own| RunStatus::from(own.as_str())).unwrap_or_default();
    if any(RunStatus::InProgress) {
        if own == RunStatus::Stopping { own } else { RunStatus::InProgress }
    } else if any(RunStatus::Failed) {
        RunStatus::Failed
    } else if matches!(
        own,
        RunStatus::Stopped
            | RunStatus::Stopping
            | RunStatus::Cancelled
            | RunStatus::Skipped
            | RunStatus::InProgress
    ) {
        own
    } else if any(RunStatus::Abandoned) {
        RunStatus::Stopped
    } else if own.is_none() && current().count() > 0 {
        RunStatus::Succeeded
    } else {
        own
    }
}

fn action(state: ActionState, stage_execution: Option<&str>, runs: &ActionRuns) -> Action {
    let latest = state.latest_execution;
    let revision = state.current_revision.map(|revision| revision.revision_id);
    let latest = latest.as_ref();
    let text = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    let token = latest.and_then(|l| l.token.clone());
    let run = latest.and_then(|l| l.action_execution_id.as_deref()).and_then(|id| runs.find(id));
    Action {
        name: state.action_name.unwrap_or_default(),
        status: latest.and_then(|l| l.status.as_ref()).map(|s| s.as_str().into()).unwrap_or_default(),
        earlier: latest.is_some_and(|latest| runs.is_earlier(latest, stage_execution)),
        summary: latest.and_then(|l| text(l.summary.as_ref())),
        error: latest.and_then(|l| l.error_details.as_ref()).and_then(|e| text(e.message.as_ref())),
        url: latest.and_then(|l| l.external_execution_url.clone()).or(state.revision_url),
        external_execution_id: latest.and_then(|l| l.external_execution_id.clone()),
        last_change: latest.and_then(|l| l.last_status_change).map(Time::from),
        updated_by: latest.and_then(|l| text(l.last_updated_by.as_ref())),
        approval: token.is_some() || run.is_some_and(|run| run.approval),
        token,
        revision,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codepipeline::types::StageExecutionStatus;

    use super::{Action, aggregate};

    #[test]
    fn a_stage_is_what_its_actions_amount_to() {
        let is = |statuses: &[&str], own: Option<&str>| {
            // A star is a result of an earlier execution.
            let action = |status: &&str| Action {
                status: status.trim_end_matches('*').into(),
                earlier: status.ends_with('*'),
                ..Action::default()
            };
            let actions: Vec<Action> = statuses.iter().map(action).collect();
            aggregate(&actions, own.map(StageExecutionStatus::from).as_ref())
        };
        assert_eq!(is(&["Failed", "InProgress"], Some("InProgress")), "InProgress");
        assert_eq!(is(&["InProgress"], Some("Stopping")), "Stopping");
        assert_eq!(is(&["Failed", "Succeeded"], Some("Failed")), "Failed");
        assert_eq!(is(&["Succeeded", "Abandoned"], Some("Stopped")), "Stopped");
        assert_eq!(is(&["Succeeded", "Abandoned"], Some("Failed")), "Stopped");
        assert_eq!(is(&["Succeeded", ""], Some("Stopped")), "Stopped");
        assert_eq!(is(&["Succeeded"], Some("Succeeded")), "Succeeded");
        assert_eq!(is(&["InProgress", "Failed*", "Succeeded*"], Some("InProgress")), "InProgress");
        assert_eq!(is(&["Succeeded", "Failed*"], Some("InProgress")), "InProgress");
        assert_eq!(is(&["Failed*"], Some("InProgress")), "InProgress");
        assert_eq!(is(&[""], None), "");
    }

    #[test]
    fn a_rejection_says_who_and_why() {
        let answered = |status: &str, by: Option<&str>, approval: bool| Action {
            status: status.into(),
            approval,
            updated_by: by.map(str::to_owned),
            summary: Some("not on a Friday".into()),
            ..Action::default()
        };
        let session = answered("Failed", Some("arn:aws:sts::1:assumed-role/Admin/alice"), true);
        let found = session.rejection().unwrap();
        assert_eq!((found.by, found.why), ("Admin/alice", "not on a Friday"));
        let user = answered("Failed", Some("arn:aws:iam::1:user/bob"), true);
        assert_eq!(user.rejection().unwrap().by, "user/bob");
        assert!(answered("Failed", None, true).rejection().is_none(), "nobody answered in time");
        assert!(answered("Failed", Some("arn:aws:iam::1:user/bob"), false).rejection().is_none());
        assert!(answered("Succeeded", Some("arn:aws:iam::1:user/bob"), true).rejection().is_none());
    }
}
