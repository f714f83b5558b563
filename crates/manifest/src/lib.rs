#![doc = include_str!("../README.md")]

pub mod buildspec;
pub mod codes;
pub mod decode;
pub mod environment;
pub mod interpolate;
mod kind;
pub mod names;
pub mod pipeline;
pub mod reference;
pub mod sample;
pub mod schema;
pub mod stack_name;
mod text;
pub mod workload;

pub use kind::Kind;

#[doc(hidden)]
pub use copilot_yaml::Node;
