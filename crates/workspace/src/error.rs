//! What can go wrong with a workspace as a whole.

use std::io;

use camino::Utf8PathBuf;
use copilot_yaml::Diagnostics;

use crate::files::FileProblem;
use crate::locate::LEVELS;

/// Why a workspace, or the repository around it, can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No `copilot` folder in the start folder or above it.
    #[error("no folder called `copilot` in `{start}` or the {} folders above it", LEVELS - 1)]
    NotFound {
        /// Where the search began.
        start: Utf8PathBuf,
        /// A file called `copilot` that stood in the way.
        file: Option<Utf8PathBuf>,
    },
    /// There is no `copilot/.workspace`.
    #[error("`{path}` does not exist, so the workspace belongs to no application")]
    NoSummary {
        /// Where it was looked for.
        path: Utf8PathBuf,
    },
    /// `copilot/.workspace` can't be read as what it should be.
    #[error("the workspace's summary can't be used")]
    Summary(Diagnostics),
    /// The file system refused.
    #[error("can't read `{path}`")]
    Io {
        /// What was read.
        path: Utf8PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file or a folder of the workspace that can't be used.
    #[error("`{path}` can't be read: {problem}")]
    File {
        /// The path.
        path: Utf8PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
    },
    /// A name on disk that is not UTF-8.
    #[error("`{path}` has a name that is not UTF-8")]
    NotUtf8 {
        /// The path, with the bytes that are not text replaced.
        path: String,
    },
    /// The overrides folder holds neither patches nor a CDK application.
    #[error("`{path}` holds neither `cfn.patches.yml` nor `cdk.json`")]
    EmptyOverrides {
        /// The overrides folder.
        path: Utf8PathBuf,
    },
    /// The git command could not be started.
    #[error("can't run git")]
    GitMissing(#[source] io::Error),
    /// Git was ended because somebody wanted an end: see [`GitCommand::end_when`](crate::GitCommand::end_when).
    #[error("git was ended before it had finished")]
    Ended,
    /// The folder is in no git repository.
    #[error("`{path}` is in no git repository")]
    NotARepository {
        /// Where git was asked.
        path: Utf8PathBuf,
    },
    /// The git command failed in another way.
    #[error("`git {command}` failed: {message}")]
    Git {
        /// The arguments.
        command: String,
        /// What git wrote to its standard error.
        message: String,
    },
    /// A repository that a pipeline can't follow.
    #[error("a pipeline can't follow the repository `{url}`: {problem}")]
    Repository {
        /// The address without the password that it may hold.
        url: String,
        /// What is wrong with it.
        problem: RepositoryProblem,
    },
}

/// What is wrong with the address of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryProblem {
    /// The address is empty or has no form that git knows.
    #[error("it is not the address of a git repository")]
    Unreadable,
    /// Another host.
    #[error("`{0}` is none of GitHub, Bitbucket and CodeCommit")]
    Host(String),
    /// The path is not `owner/repository`.
    #[error("its path is not OWNER/REPOSITORY")]
    Path,
    /// The path names no CodeCommit repository.
    #[error("it names no CodeCommit repository")]
    CodeCommitName,
    /// The region is missing and there is no default.
    #[error("it names no region")]
    NoRegion,
    /// What stands in the region's place is none.
    #[error("`{0}` is not a region")]
    Region(String),
    /// A letter that can't be part of a repository's name.
    #[error("`{0}` is not part of a repository's name")]
    Character(char),
}
