#![doc = include_str!("../README.md")]

mod codes;
mod diagnostic;
mod edit;
mod merge;
mod node;
mod reader;
mod scalar;
mod source;
mod suggest;
mod syntax;

pub use codes::{ALL_CODES, Code};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Related, Severity};
pub use edit::Edit;
pub use node::{Entry, Key, Node, Value};
pub use reader::{Limits, parse, parse_with_limits};
pub use scalar::{Resolved, Scalar, Style};
pub use source::{Source, Span};
pub use suggest::closest;
