//! Writing a template: YAML with short tags, and JSON.
//!
//! The YAML emitter is our own. A serialiser behind serde can not leave a scalar as it was written ([`crate::Plain`]: the
//! `0755` or `yes` of a user's patch keeps its meaning only without quotes) and has to allocate a wrapper for every tag;
//! on the template of `benches/render.rs` serde-saphyr takes 2.3 times as long even without tags. What it writes is a narrow subset: block
//! collections, short flow lists of scalars behind a tag, and strings in the plainest style that every reader of YAML 1.1
//! and 1.2 takes as that string.

mod json;
mod scalar;
mod yaml;

pub use json::{to_json, to_json_compact};
pub use yaml::to_yaml;
pub(crate) use yaml::to_yaml_line;
