#![doc = include_str!("../README.md")]

pub mod addons;
pub mod codes;
pub mod environment;
mod error;
pub mod facts;
pub mod pipeline;
mod problems;
mod template;
pub mod workload;

pub use copilot_manifest::stack_name;
pub use error::Error;
pub use facts::Facts;
pub use template::{FunctionKeys, StackParameters};

/// The template's version that every stack says it has. Copilot replaces no stack of a later version than its own, and these
/// are the templates of its last version.
pub const TEMPLATE_VERSION: &str = "v1.34.1";
