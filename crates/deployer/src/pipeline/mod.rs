//! Deployed pipelines: finding, describing, watching and controlling them, and deploying one.

mod control;
mod delete;
mod deploy;
mod describe;
mod discover;
mod history;
mod logs;
mod status;

pub use control::{Answer, Approval, answer, pending_approvals, retry, start, stop};
pub use delete::{Deletion, Secret, delete, find_secret};
pub use deploy::{Outcome, Request, deploy, deployed_template, stack_name};
pub use describe::{Description, StageSummary, describe};
pub use discover::{DeployedPipeline, find, list};
pub use history::{Execution, Revision, history};
pub use logs::{ActionLog, failed_logs};
pub use status::{Action, Stage, Status, status};

/// A CodePipeline client in the session's region.
pub(crate) fn client(session: &crate::Session) -> aws_sdk_codepipeline::Client {
    aws_sdk_codepipeline::Client::new(session.config())
}

/// AWS's times as RFC 3339, which is what every output shows.
pub(crate) fn rfc3339(time: Option<&aws_smithy_types::DateTime>) -> Option<String> {
    time?.fmt(aws_smithy_types::date_time::Format::DateTime).ok()
}
