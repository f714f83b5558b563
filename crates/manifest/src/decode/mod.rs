//! From a YAML tree to typed records: every problem of a file in one go, each with its span.
//!
//! A manifest type is a [`record!`](crate::record) whose fields are all optional and spanned. The macro makes the
//! reader ([`Decode`]), the merge of an environment's overrides ([`Merge`]) and the description that documentation
//! and JSON Schema are generated from ([`Describe`]).

mod blank;
mod context;
mod describe;
mod home;
mod leaf;
mod map;
mod merge;
mod path;
mod record;
mod spanned;
mod union;

pub use blank::Blank;
pub use context::Context;
pub use describe::{Describe, FieldShape, RecordShape, Shape};
pub use leaf::{Decode, decode_value};
pub use map::{Map, Member};
pub use merge::Merge;
pub use path::{Path, Segment};
pub use record::{Record, decode_record};
pub use spanned::Spanned;
