//! Which runs of actions belong to which execution.

use std::collections::HashMap;

use aws_sdk_codepipeline::types::{
    ActionCategory, ActionExecution, ActionExecutionDetail, ActionExecutionFilter, ActionExecutionStatus,
    StageState,
};

use super::{DeployedPipeline, client};
use crate::error::Error;
use crate::session::Session;

/// Runs of actions by their ids, as far as they were asked for. What a run belongs to never changes, so whoever looks again and
/// again keeps this.
#[derive(Debug, Default)]
pub(super) struct ActionRuns(HashMap<String, ActionRun>);

/// A run of an action.
#[derive(Debug)]
pub(super) struct ActionRun {
    execution: String,
    /// Whether the action is an approval.
    pub(super) approval: bool,
}

impl ActionRuns {
    /// Asks about those executions that are in a stage, or were there last, of which it is not known yet what they have run.
    pub(super) async fn learn(
        &mut self,
        session: &Session,
        pipeline: &DeployedPipeline,
        stages: &[StageState],
    ) -> Result<(), Error> {
        let mut asked: Vec<&str> = Vec::new();
        for stage in stages {
            let Some(latest) = &stage.latest_execution else { continue };
            let id = latest.pipeline_execution_id.as_str();
            if !asked.contains(&id) && self.has_unknown(stage) {
                asked.push(id);
                self.ask(session, pipeline, id).await?;
            }
        }
        Ok(())
    }

    pub(super) fn find(&self, action_execution: &str) -> Option<&ActionRun> {
        self.0.get(action_execution)
    }

    /// Whether a run is not of the execution that is in its stage. Who holds a stage is alone in it, so what runs is its own.
    pub(super) fn is_earlier(&self, run: &ActionExecution, stage_execution: Option<&str>) -> bool {
        // Runs from before March 2020 have no id.
        let Some(id) = run.action_execution_id.as_deref() else { return false };
        let own = self.find(id).map(|known| known.execution.as_str());
        !runs(run) && own != stage_execution
    }

    fn has_unknown(&self, stage: &StageState) -> bool {
        let latest = stage.action_states().iter().filter_map(|action| action.latest_execution.as_ref());
        latest.filter(|run| !runs(run)).filter_map(|run| run.action_execution_id.as_ref()).any(|id| {
            let known = self.find(id).map(|known| known.execution.as_str());
            known.is_none()
        })
    }

    async fn ask(
        &mut self,
        session: &Session,
        pipeline: &DeployedPipeline,
        execution: &str,
    ) -> Result<(), Error> {
        let filter = ActionExecutionFilter::builder().pipeline_execution_id(execution).build();
        let request = client(session).list_action_executions().pipeline_name(&pipeline.resource_name);
        let mut found = request.filter(filter).into_paginator().items().send();
        while let Some(detail) = found.next().await {
            let detail = detail.map_err(|e| Error::aws("codepipeline:ListActionExecutions", &e))?;
            let approval = is_approval(&detail);
            if let Some(id) = detail.action_execution_id {
                self.0.insert(id, ActionRun { execution: execution.to_owned(), approval });
            }
        }
        Ok(())
    }
}

fn runs(run: &ActionExecution) -> bool {
    run.status == Some(ActionExecutionStatus::InProgress)
}

fn is_approval(detail: &ActionExecutionDetail) -> bool {
    let kind = detail.input.as_ref().and_then(|input| input.action_type_id.as_ref());
    kind.is_some_and(|kind| kind.category == ActionCategory::Approval)
}
