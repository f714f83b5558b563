#![doc = include_str!("../README.md")]

mod archive;
mod function;
mod sources;
mod stack;

pub use function::Function;
pub use sources::File;
pub use stack::{Resource, Stack};
