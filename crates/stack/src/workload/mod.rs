//! The stacks of services and jobs.
//!
//! [`render`] turns a manifest and what AWS knows into a template and its parameters. A manifest is first resolved
//! (`resolve`) into a model (`model`); each part (`part`) then adds what it is about to the stack (`stack`), and a kind of
//! workload (`kind`) is a list of parts.

mod check;
mod context;
mod dns;
mod environment;
mod error;
mod iam;
mod kind;
mod model;
mod overrides;
mod parameters;
mod part;
mod render;
mod resolve;
mod stack;

pub use crate::template::{FunctionKeys, StackParameters};
pub use error::Error;
pub use render::{Rendered, Request, render};
