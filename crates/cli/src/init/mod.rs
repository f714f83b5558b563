//! What `init` writes, apart from how it asks for it.

mod buildspec;
mod list;
mod manifest;
mod name;
mod next;
mod promotion;
mod quote;

use copilot_workspace::RepositoryUrl;

pub(crate) use buildspec::buildspec;
pub(crate) use list::{all_names, names};
pub(crate) use manifest::manifest;
pub(crate) use name::{check as check_name, check_branch, suggest as suggest_name};
pub(crate) use next::{Next, next_steps, push};
pub(crate) use promotion::{in_order, unlikely};

/// What a pipeline deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PipelineType {
    /// Services and jobs.
    #[value(name = "Workloads")]
    Workloads,
    /// Environments.
    #[value(name = "Environments")]
    Environments,
}

/// Everything that a new pipeline's files depend on.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) application: String,
    pub(crate) name: String,
    pub(crate) repository: RepositoryUrl,
    pub(crate) branch: String,
    /// At least one, each once, in the order of the stages.
    pub(crate) environments: Vec<String>,
    /// Those of them that wait for an approval.
    pub(crate) approvals: Vec<String>,
    pub(crate) kind: PipelineType,
}
