//! What a pipeline does not have, and what it has instead.

use super::RunStatus;
use super::history::Execution;
use super::status::Status;

/// Why nothing can be done: what was asked for is not there, or is not in a state for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No execution runs.
    #[error("no execution of {pipeline} is running")]
    NothingRuns {
        /// The pipeline.
        pipeline: String,
        /// The newest execution, if there ever was one.
        newest: Option<Newest>,
    },
    /// The pipeline has no such stage.
    #[error("{pipeline} has no stage `{name}`")]
    NoStage {
        /// The pipeline.
        pipeline: String,
        /// What was asked for.
        name: String,
        /// Its stages.
        known: Vec<String>,
    },
    /// The pipeline has no such action.
    #[error("{pipeline} has no action `{name}`")]
    NoAction {
        /// The pipeline.
        pipeline: String,
        /// What was asked for.
        name: String,
        /// Its actions.
        known: Vec<String>,
    },
    /// No approval waits.
    #[error("no approval of {pipeline} waits for an answer")]
    NoApproval {
        /// The pipeline.
        pipeline: String,
    },
    /// No approval of this stage waits, but others do.
    #[error("no approval in stage {stage} of {pipeline} waits for an answer")]
    NotWaiting {
        /// The pipeline.
        pipeline: String,
        /// The stage.
        stage: String,
        /// The stages in which approvals wait.
        waiting: Vec<String>,
    },
    /// The newest execution has nothing to be run again.
    #[error("no stage of {pipeline} has failed")]
    NothingToRetry {
        /// The pipeline.
        pipeline: String,
        /// The newest execution, if there ever was one.
        newest: Option<Newest>,
        /// Stages that failed in an earlier execution.
        earlier: Vec<String>,
    },
    /// What ended the newest execution was an answer, not a failure.
    #[error("{action} in {stage} was rejected by {by}{}", because(why))]
    Rejected {
        /// The stage.
        stage: String,
        /// The approval.
        action: String,
        /// Who rejected it.
        by: String,
        /// What they said about it; empty for nothing.
        why: String,
    },
    /// The stage has not failed.
    #[error("stage {stage} of {pipeline} has not failed: {}", in_words(status))]
    NotFailed {
        /// The pipeline.
        pipeline: String,
        /// The stage.
        stage: String,
        /// Its status.
        status: RunStatus,
        /// Stages that have failed.
        failed: Vec<String>,
    },
    /// The action has not run yet.
    #[error("action {action} of {pipeline} has not run yet")]
    NotRun {
        /// The pipeline.
        pipeline: String,
        /// The action.
        action: String,
    },
    /// No action of the newest execution has failed.
    #[error("no action of {pipeline} has failed")]
    NothingFailed {
        /// The pipeline.
        pipeline: String,
        /// The newest execution, if there ever was one.
        newest: Option<Newest>,
        /// The actions that have run at least once.
        ran: Vec<String>,
    },
}

/// An execution by its id and status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    id: String,
    status: RunStatus,
}

impl Newest {
    pub(super) fn of(execution: Option<&Execution>) -> Option<Self> {
        execution.map(|execution| Self { id: execution.id.clone(), status: execution.status.clone() })
    }

    /// A sentence about it.
    pub fn sentence(&self) -> String {
        let state = match self.status {
            RunStatus::InProgress => "is under way",
            RunStatus::Stopping => "is being stopped",
            RunStatus::Stopped => "was stopped",
            RunStatus::Superseded => "was superseded by a newer one",
            RunStatus::Succeeded => "has succeeded",
            RunStatus::Failed => "has failed",
            _ => "is over",
        };
        format!("its newest execution, {}, {state}", self.id)
    }
}

impl Status {
    pub(super) fn newest(&self) -> Option<Newest> {
        Newest::of(self.execution.as_ref())
    }
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {why}") }
}

fn in_words(status: &RunStatus) -> String {
    match status {
        RunStatus::NotRun => "it has not run yet".into(),
        RunStatus::InProgress => "it is under way".into(),
        RunStatus::Stopping => "it is being stopped".into(),
        status => format!("it has {}", status.as_str().to_lowercase()),
    }
}
