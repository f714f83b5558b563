//! Past executions.

use serde::Serialize;

use super::{DeployedPipeline, RunStatus, client};
use crate::error::Error;
use crate::session::Session;
use crate::time::Time;

/// An execution of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// Its id.
    pub id: String,
    /// `Succeeded`, `Failed`, `InProgress`, `Stopped`, `Superseded` ...
    pub status: RunStatus,
    /// When it started.
    pub started_at: Option<Time>,
    /// When it last changed.
    pub updated_at: Option<Time>,
    /// How long it has taken, in seconds.
    pub seconds: Option<u64>,
    /// What started it: `Webhook`, `StartPipelineExecution` ...
    pub trigger: Option<String>,
    /// Why it was stopped, as whoever did it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
    /// What it worked on.
    pub revisions: Vec<Revision>,
}

/// A source revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// Commit id.
    pub id: String,
    /// First line of the commit message.
    pub summary: Option<String>,
    /// Page of the commit.
    pub url: Option<String>,
}

/// Executions that one answer holds at most.
const MOST: i32 = 100;

/// The newest executions, newest first, at most `limit`.
///
/// # Errors
/// When CodePipeline refuses.
pub async fn history(
    session: &Session,
    pipeline: &DeployedPipeline,
    limit: usize,
) -> Result<Vec<Execution>, Error> {
    let client = client(session);
    let request = client.list_pipeline_executions().pipeline_name(&pipeline.resource_name);
    let page = i32::try_from(limit).unwrap_or(MOST).clamp(1, MOST);
    let mut items = request.into_paginator().page_size(page).items().send();
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(item) = items.next().await else { break };
        let item = item.map_err(|e| Error::aws("codepipeline:ListPipelineExecutions", &e))?;
        let (start, update) = (item.start_time.map(Time::from), item.last_update_time.map(Time::from));
        found.push(Execution {
            seconds: start.zip(update).map(|(start, update)| update.since(start).as_secs()),
            started_at: start,
            updated_at: update,
            status: item.status.as_ref().map(|s| s.as_str().into()).unwrap_or_default(),
            stop_reason: item.stop_trigger.and_then(|stop| stop.reason).filter(|reason| !reason.is_empty()),
            trigger: item.trigger.and_then(|t| t.trigger_type).map(|t| t.as_str().to_owned()),
            revisions: item.source_revisions.unwrap_or_default().into_iter().map(revision).collect(),
            id: item.pipeline_execution_id.unwrap_or_default(),
        });
    }
    Ok(found)
}

fn revision(revision: aws_sdk_codepipeline::types::SourceRevision) -> Revision {
    let summary = revision.revision_summary.as_deref().map(commit_message);
    Revision { id: revision.revision_id.unwrap_or_default(), summary, url: revision.revision_url }
}

/// Connections wrap the message in JSON: `{"ProviderType":"GitHub","CommitMessage":"…"}`.
pub(super) fn commit_message(summary: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(summary).ok();
    let message = parsed.as_ref().and_then(|value| value.get("CommitMessage")?.as_str());
    message.unwrap_or(summary).lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::commit_message;

    #[test]
    fn commit_messages_are_unwrapped() {
        assert_eq!(
            commit_message("{\"ProviderType\":\"GitHub\",\"CommitMessage\":\"Fix it\\n\\nlong\"}"),
            "Fix it"
        );
        assert_eq!(commit_message("Fix it\nlong"), "Fix it");
    }
}
