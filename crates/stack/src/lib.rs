#![doc = include_str!("../README.md")]

pub mod addons;
pub mod codes;
mod error;
pub mod facts;
pub mod pipeline;
pub mod workload;

pub use error::Error;
pub use facts::Facts;
