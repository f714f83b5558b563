//! What all stacks are built with: the template while parts add to it, roles and policies, functions behind custom
//! resources, names, and the file of parameters and tags.

pub mod about;
pub mod as_written;
pub mod function;
pub mod go_json;
pub mod go_number;
pub mod iam;
pub mod names;
pub mod parameters;
pub mod stack;
pub mod version;

pub use about::About;
pub use function::{Function, FunctionCode, FunctionKeys};
pub use parameters::StackParameters;
pub use stack::Stack;
