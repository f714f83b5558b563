//! Deployed pipelines: finding, describing, watching and controlling them, and deploying one.

mod control;
mod delete;
mod deploy;
mod describe;
mod discover;
mod history;
mod logs;
mod status;
mod version;

pub use control::{Answer, Approval, answer, pending_approvals, retry, start, stop};
pub use delete::{Deletion, Secret, delete, find_secret};
pub use deploy::{Outcome, Request, deploy};
pub use describe::{ActionSummary, Description, StageSummary, describe};
pub use discover::{DeployedPipeline, list, named_stack, of_stack};
pub use history::{Execution, Revision, history};
pub use logs::{ActionLog, logs};
pub use status::{Action, Stage, Status, status, watch};
pub use version::check_version;

/// A CodePipeline client in the session's region.
pub(crate) fn client(session: &crate::Session) -> aws_sdk_codepipeline::Client {
    aws_sdk_codepipeline::Client::new(session.config())
}
