//! Questions to git, through its command line: credential helpers, work trees and `insteadOf` come free.

mod command;
mod filters;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Error;
use crate::remote::{Remote, parse_remotes};

pub use command::{CommandOutput, GitCommand, Runner};

/// What `HEAD` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch. It may have no commit yet.
    Branch(String),
    /// A commit that is on no branch, as CI systems check out.
    Detached,
}

/// How what is on disk stands to what was pushed, as far as a clone knows without asking the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// Everything was pushed.
    All,
    /// The remote has no such branch, or nothing was fetched from it yet.
    UnknownBranch,
    /// These files are other ones or not there, by their paths from the root of the repository. There is at least one.
    AllBut(Vec<String>),
}

/// The git repository around a folder.
#[derive(Debug)]
pub struct Git<R> {
    runner: R,
    folder: Utf8PathBuf,
}

impl<R: Runner> Git<R> {
    /// The repository that `folder` is in.
    pub fn new(runner: R, folder: impl Into<Utf8PathBuf>) -> Self {
        Self { runner, folder: folder.into() }
    }

    /// The remotes: `origin` first, then in git's order, each address once.
    ///
    /// `default_region` is the region of CodeCommit addresses that have none, as the command line of AWS takes it.
    ///
    /// # Errors
    /// [`Error::GitMissing`], [`Error::NotARepository`], [`Error::Git`].
    pub fn remotes(&self, default_region: Option<&str>) -> Result<Vec<Remote>, Error> {
        // Outside a repository `git remote` fails too, but a global configuration may define remotes.
        let output = self.run(&["remote", "-v"])?;
        if output.success {
            Ok(parse_remotes(&output.stdout, default_region))
        } else {
            Err(self.failure("remote -v", &output))
        }
    }

    /// The branch that is checked out.
    ///
    /// # Errors
    /// As [`Git::remotes`].
    pub fn head(&self) -> Result<Head, Error> {
        let output = self.run(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let branch = output.stdout.trim();
        match output.success {
            true if !branch.is_empty() => Ok(Head::Branch(branch.to_owned())),
            // With `--quiet` a detached HEAD is no message, only an exit code.
            false if output.stderr.trim().is_empty() => Ok(Head::Detached),
            _ => Err(self.failure("symbolic-ref HEAD", &output)),
        }
    }

    /// The default branch of a remote, if this clone knows it.
    ///
    /// # Errors
    /// [`Error::GitMissing`].
    pub fn default_branch(&self, remote: &str) -> Result<Option<String>, Error> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let output = self.run(&["symbolic-ref", "--quiet", "--short", &name])?;
        let prefix = format!("{remote}/");
        Ok(output.stdout.trim().strip_prefix(&prefix).filter(|_| output.success).map(str::to_owned))
    }

    /// The branches that a remote had when it was last fetched. `None` where this clone does not follow all of them, as a shallow
    /// clone of a build does, or was never told of any.
    ///
    /// # Errors
    /// [`Error::GitMissing`].
    pub fn branches(&self, remote: &str) -> Result<Option<Vec<String>>, Error> {
        let fetched = self.run(&["config", "--get-all", &format!("remote.{remote}.fetch")])?;
        if !fetched.success || !fetched.stdout.lines().any(|refs| refs.contains("refs/heads/*:")) {
            return Ok(None);
        }
        let prefix = format!("refs/remotes/{remote}/");
        let output = self.run(&["for-each-ref", "--format=%(refname)", &prefix])?;
        let names = output.stdout.lines().filter_map(|name| name.strip_prefix(&prefix));
        let names: Vec<String> = names.filter(|name| *name != "HEAD").map(str::to_owned).collect();
        Ok((output.success && !names.is_empty()).then_some(names))
    }

    /// The commit that the files are those of, in short, or the tag that git describes it by; `None` if files were changed
    /// since, or if there is no git or no repository.
    ///
    /// Git may run filters to tell whether a file was changed. Those that the repository itself configures are turned off;
    /// files that need one then count as changed.
    pub fn clean_commit(&self) -> Option<String> {
        let asked = |arguments: &[&str]| self.run(arguments).ok().filter(|output| output.success);
        let commit = asked(&["describe", "--always"])?.stdout.trim().to_owned();
        let changed = self.run_without_filters(&["status", "--porcelain"]).ok()?;
        let changed = Some(changed).filter(|output| output.success)?.stdout;
        (!commit.is_empty() && changed.trim().is_empty()).then_some(commit)
    }

    /// Whether what is in a folder now is what this clone knows of a remote's branch. Files that git ignores don't count.
    ///
    /// # Errors
    /// [`Error::GitMissing`], [`Error::NotARepository`], [`Error::Git`].
    pub fn pushed(&self, remote: &str, branch: &str, folder: &Utf8Path) -> Result<Pushed, Error> {
        let reference = format!("refs/remotes/{remote}/{branch}");
        if !self.run(&["rev-parse", "--quiet", "--verify", &reference])?.success {
            // Outside a repository that fails as well.
            return self.head().map(|_| Pushed::UnknownBranch);
        }
        let changed = [
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--name-only",
            "-z",
            &reference,
            "--",
            folder.as_str(),
        ];
        let new = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", folder.as_str()];
        let mut files = Vec::new();
        for arguments in [&changed[..], &new[..]] {
            let output = self.run_without_filters(arguments)?;
            if !output.success {
                return Err(self.failure(arguments[0], &output));
            }
            files.extend(output.stdout.split('\0').filter(|name| !name.is_empty()).map(str::to_owned));
        }
        Ok(if files.is_empty() { Pushed::All } else { Pushed::AllBut(files) })
    }

    /// For commands that look into files: without the filters that the repository itself configures.
    fn run_without_filters(&self, arguments: &[&str]) -> Result<CommandOutput, Error> {
        let filters = filters::turned_off(&self.runner, &self.folder).ok_or_else(|| Error::Git {
            command: arguments.join(" "),
            message: "it is not known which commands the repository would have run".to_owned(),
        })?;
        let mut all: Vec<&str> = filters.iter().flat_map(|setting| ["-c", setting]).collect();
        all.extend(arguments);
        self.run(&all)
    }

    fn run(&self, arguments: &[&str]) -> Result<CommandOutput, Error> {
        self.runner.run(&self.folder, arguments).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => Error::Ended,
            _ => Error::GitMissing(error),
        })
    }

    fn failure(&self, command: &str, output: &CommandOutput) -> Error {
        if output.stderr.contains("not a git repository") {
            return Error::NotARepository { path: self.folder.clone() };
        }
        Error::Git { command: command.to_owned(), message: output.stderr.trim().to_owned() }
    }
}
