//! The stacks of services and jobs.
//!
//! [`render`] turns a manifest and what AWS knows into a template and its parameters. A manifest is first
//! [resolved](resolve) into a [model]; each [part] then adds what it is about to the [stack], and a kind of workload is a
//! list of parts.

pub mod check;
pub mod context;
pub mod dns;
pub mod environment;
mod error;
pub mod iam;
mod kind;
pub mod model;
pub mod overrides;
pub mod parameters;
pub mod part;
mod render;
pub mod resolve;
pub mod stack;

pub use crate::template::{FunctionKeys, as_written, function, go_json, names};
pub use error::Error;
pub use parameters::StackParameters;
pub use render::{Rendered, Request, render};
