//! Whether what a pipeline builds from is where it looks: in the repository that it follows.

use copilot_artifact::Cancel;
use copilot_manifest::pipeline::{CodeSource, ConnectionHost, Pipeline, Repository};
use copilot_workspace::{Pushed, Remote, RepositoryUrl};

use crate::project::Project;

/// What of the workspace is not where the pipeline looks, as far as this clone knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotPushed {
    /// The remote that leads to the pipeline's repository.
    pub remote: String,
    /// The branch that the pipeline follows.
    pub branch: String,
    /// The files that differ, from the project's folder; none if the branch itself is not there.
    pub files: Vec<String>,
}

/// What was not pushed yet to the branch that the pipeline follows.
///
/// Where no remote leads to that repository nothing can be known.
pub(crate) fn missing(
    pipeline: &Pipeline,
    region: &str,
    project: &Project,
    cancel: &Cancel,
) -> Option<NotPushed> {
    let CodeSource { repository, branch } = &pipeline.source;
    let git = project.git(cancel);
    let remotes = git.remotes(Some(region)).unwrap_or_default();
    let leads_there = |remote: &&Remote| remote.repository.as_ref().is_ok_and(|url| is_same(url, repository));
    let remote = remotes.iter().find(leads_there)?.name.clone();
    let files = match git.pushed(&remote, branch, project.workspace().folder()).ok()? {
        Pushed::All => return None,
        Pushed::UnknownBranch => Vec::new(),
        Pushed::AllBut(files) if files.is_empty() => return None,
        Pushed::AllBut(files) => files,
    };
    Some(NotPushed { remote, branch: branch.clone(), files })
}

/// Whether an address of git's leads to the repository of a manifest. Hosts don't tell capitals apart.
fn is_same(url: &RepositoryUrl, wanted: &Repository) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    match (url, wanted) {
        (
            RepositoryUrl::GitHub { owner, repository },
            Repository::Token { owner: wanted, name, .. }
            | Repository::Connected { host: ConnectionHost::GitHub, owner: wanted, name, .. },
        )
        | (
            RepositoryUrl::Bitbucket { owner, repository },
            Repository::Connected { host: ConnectionHost::Bitbucket, owner: wanted, name, .. },
        ) => same(owner, wanted) && same(repository, name),
        (RepositoryUrl::CodeCommit { repository, .. }, Repository::CodeCommit { name, .. }) => {
            repository == name
        }
        _ => false,
    }
}
