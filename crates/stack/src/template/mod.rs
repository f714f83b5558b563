//! What all stacks are built with: the template while parts add to it, roles and policies, functions behind custom
//! resources, names, and the file of parameters and tags.

pub(crate) mod about;
pub(crate) mod as_written;
pub(crate) mod function;
pub(crate) mod go_json;
pub(crate) mod go_number;
pub(crate) mod iam;
pub(crate) mod names;
pub(crate) mod parameters;
pub(crate) mod stack;
pub(crate) mod version;

pub(crate) use about::About;
pub use function::FunctionKeys;
pub(crate) use function::{Function, FunctionCode};
pub use parameters::StackParameters;
pub(crate) use stack::Stack;
