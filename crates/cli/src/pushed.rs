//! Whether what a pipeline builds from is where it looks: in the repository that it follows.

use copilot_manifest::pipeline::{CodeSource, ConnectionHost, Pipeline, Repository};
use copilot_workspace::{Git, Pushed, Remote, RepositoryUrl, Runner, Workspace};

use crate::init::push;
use crate::io::Io;
use crate::words::count;

/// Says what of the workspace was not pushed yet to the branch that the pipeline follows, as far as this clone knows.
///
/// Where no remote leads to that repository nothing can be known, and nothing is said.
pub(crate) fn warn<R: Runner>(
    git: &Git<R>,
    pipeline: &Pipeline,
    region: &str,
    workspace: &Workspace,
    io: &mut Io<'_>,
) {
    let CodeSource { repository, branch } = &pipeline.source;
    let remotes = git.remotes(Some(region)).unwrap_or_default();
    let leads_there = |remote: &&Remote| remote.repository.as_ref().is_ok_and(|url| is_same(url, repository));
    let Some(remote) = remotes.iter().find(leads_there).map(|remote| remote.name.as_str()) else { return };
    let Ok(found) = git.pushed(remote, branch, workspace.folder()) else { return };
    let Some(message) = sentence(&found, remote, branch) else { return };
    io.warning(&message);
    io.hint(&format!("commit what is not committed yet, then: `{}`", push(remote, branch)));
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

fn sentence(found: &Pushed, remote: &str, branch: &str) -> Option<String> {
    match found {
        Pushed::All => None,
        Pushed::UnknownBranch => Some(format!(
            "`{branch}` was not pushed to `{remote}` yet, as far as this clone knows: the pipeline finds nothing to build there"
        )),
        Pushed::AllBut(files) => {
            let first = files.first()?;
            let more = match files.len() {
                1 => String::new(),
                several => format!(" and {}", count(several - 1, "other file")),
            };
            Some(format!(
                "`{first}`{more} differs from `{remote}/{branch}`: the pipeline builds what is pushed there"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use copilot_workspace::Pushed;

    use super::sentence;

    #[test]
    fn what_is_not_pushed_is_named() {
        let files = |names: &[&str]| Pushed::AllBut(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(sentence(&Pushed::All, "origin", "main"), None);
        assert_eq!(
            sentence(&files(&["a"]), "origin", "main").as_deref(),
            Some("`a` differs from `origin/main`: the pipeline builds what is pushed there")
        );
        assert!(
            sentence(&files(&["a", "b", "c"]), "o", "m")
                .is_some_and(|text| text.contains("`a` and 2 other files"))
        );
    }
}
