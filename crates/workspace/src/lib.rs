#![doc = include_str!("../README.md")]

mod codes;
mod error;
mod extras;
mod git;
mod header;
mod listing;
mod locate;
mod remote;
mod url;

pub mod children;
pub mod files;

pub use codes::ALL_CODES;
pub use error::{Error, RepositoryProblem};
pub use extras::{Addons, AddonsText, Overrides};
pub use files::{FileProblem, Root};
pub use git::{CommandOutput, Git, GitCommand, Head, Pushed, Runner};
pub use header::{Header, ManifestFile};
pub use locate::{LEVELS, Summary, Workspace};
pub use remote::{Remote, parse_remotes};
pub use url::{Provider, RepositoryUrl};
