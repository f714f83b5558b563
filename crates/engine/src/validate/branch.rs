//! Whether the branch that a pipeline follows is there.

use camino::Utf8Path;
use copilot_artifact::Cancel;
use copilot_workspace::{Header, RepositoryUrl};
use copilot_yaml::{Diagnostic, Node, closest};

use crate::codes::UNKNOWN_BRANCH;
use crate::project::Project;

const DEFAULT: &str = "main";

/// A warning if this clone follows all branches of the pipeline's repository and knows none of that name.
pub(super) fn unknown(header: &Header, project: &Project, cancel: &Cancel) -> Option<Diagnostic> {
    let is_clone = |folder: &Utf8Path| folder.join(".git").exists();
    // Without a repository there is nobody to ask.
    if !project.root().ancestors().any(is_clone) {
        return None;
    }
    let properties = header.root.get("source")?.get("properties")?;
    let text = |key: &str| properties.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    let branch = text("branch").unwrap_or(DEFAULT);
    let repository = RepositoryUrl::parse(text("repository")?, None).ok()?;
    let git = project.git(cancel);
    let remotes = git.remotes(None).ok()?;
    let same = |found: &RepositoryUrl| *found == repository;
    let remote = remotes.iter().find(|remote| remote.repository.as_ref().is_ok_and(same))?;
    let known = git.branches(&remote.name).ok()??;
    if known.iter().any(|name| name == branch) {
        return None;
    }
    let message = format!("this clone knows no branch `{branch}` of `{}`", remote.name);
    let node = properties.get("branch").or_else(|| properties.get("repository"))?;
    let help = match closest(branch, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "push the branch first: `git push {} {branch}`; if it is there, `git fetch` learns of it",
            remote.name
        ),
    };
    let warning = Diagnostic::warning(&UNKNOWN_BRANCH, message);
    Some(
        warning
            .at(&header.source, node.span, "the pipeline would follow it")
            .help(help)
            .path("source.properties.branch"),
    )
}
