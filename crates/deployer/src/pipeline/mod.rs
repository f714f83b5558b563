//! Deployed pipelines: finding, describing, watching and controlling them, and deploying one.

mod action_runs;
mod control;
mod delete;
mod deploy;
mod describe;
mod discover;
mod history;
mod logs;
mod progress;
mod refusal;
mod run_status;
mod status;
mod version;

pub use control::{Answer, Approval, answer, approvals_in, pending_approvals, retry, start, stop};
pub use delete::{Deletion, Secret, delete, find_secret};
pub use deploy::{Outcome, Request, deploy};
pub use describe::{ActionSummary, Category, Description, StageSummary, describe};
pub use discover::{DeployedPipeline, list, named_stack, of_stack};
pub use history::{Execution, Revision, history};
pub use logs::{ActionLog, logs};
pub use progress::{End, Progress};
pub use refusal::{Newest, Refusal};
pub use run_status::RunStatus;
pub use status::{Action, Rejection, Stage, Status, status, watch};
pub use version::{deployed_version, is_later};

/// A CodePipeline client in the session's region.
pub(crate) fn client(session: &crate::Session) -> aws_sdk_codepipeline::Client {
    aws_sdk_codepipeline::Client::new(session.config())
}
