//! What to type after `init`.

use copilot_engine::shell::word;

use crate::shell::command;

/// What the next steps depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next<'a> {
    pub(crate) pipeline: &'a str,
    /// The folder to commit, as git finds it from where the command runs.
    pub(crate) folder: &'a str,
    /// The remote that leads to the repository which the pipeline follows, if this clone has one.
    pub(crate) remote: Option<&'a str>,
    pub(crate) branch: &'a str,
    /// Flags before the command that lead to the same AWS.
    pub(crate) place: &'a [String],
}

/// Pushes what is checked out to a branch.
pub(crate) fn push(remote: &str, branch: &str) -> String {
    format!("git push {} {}", word(remote), word(&format!("HEAD:{branch}")))
}

/// Commands, one a line, to be copied into a shell.
pub(crate) fn next_steps(next: Next<'_>) -> Vec<String> {
    let message = word(&format!("Add the pipeline {}", next.pipeline));
    let push = next.remote.map_or_else(|| "git push".to_owned(), |remote| push(remote, next.branch));
    let name = ["--name".to_owned(), next.pipeline.to_owned()];
    vec![
        command(&[], "validate", &[]),
        format!("git add {} && git commit -m {message} && {push}", word(next.folder)),
        command(next.place, "deploy", &name),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Next, next_steps};

    #[test]
    fn steps_can_be_copied() {
        let mut next = Next {
            pipeline: "shop",
            folder: "copilot",
            remote: Some("origin"),
            branch: "main",
            place: &["--local".to_owned(), "my aws".to_owned()],
        };
        assert_eq!(
            next_steps(next),
            [
                "copilot-pipeline validate",
                "git add copilot && git commit -m 'Add the pipeline shop' && git push origin HEAD:main",
                "copilot-pipeline --local 'my aws' deploy --name shop",
            ]
        );
        (next.remote, next.folder) = (None, "it's/copilot");
        assert_eq!(
            next_steps(next)[1],
            r"git add 'it'\''s/copilot' && git commit -m 'Add the pipeline shop' && git push"
        );
    }
}
