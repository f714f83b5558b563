#![doc = include_str!("../README.md")]

mod addons;
pub mod build;
mod cloud;
pub mod codes;
pub mod difference;
pub mod doctor;
pub mod environment;
mod error;
mod event;
pub mod facts;
pub mod files;
mod host;
pub mod migrate;
mod overrides;
pub mod pipeline;
pub mod plan;
pub mod program;
mod project;
mod question;
pub mod shell;
mod validate;
mod watch;
pub mod workload;

pub use cloud::Cloud;
pub use copilot_artifact::Cancel;
pub use error::{Error, with_causes};
pub use event::{Event, Happening, Notice};
pub use host::{Host, Quiet};
pub use overrides::CdkError;
pub use project::{Project, on_path};
pub use question::{Answers, Field, Question, Remains, Subject};
pub use validate::{CommandCheck, Report, Scope, validate};
pub use watch::Running;
