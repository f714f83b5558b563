#![doc = include_str!("../README.md")]

pub mod classes;
mod codes;
pub mod compare;
mod convert;
pub mod diff;
pub mod effect;
mod error;
pub mod intrinsic;
pub mod limits;
mod macros;
mod map;
pub mod patch;
mod plain;
mod property_path;
pub mod read;
pub mod resolve;
mod resource;
mod serialize;
mod template;
mod value;
pub mod write;

pub use codes::ALL_CODES;
pub use error::Error;
pub use map::{IntoIter, Iter, IterMut, Map};
pub use plain::Plain;
pub use property_path::{ItemPlace, PathError, PropertyPath, Segment};
pub use resource::{Policy, Resource};
pub use template::{Section, Template};
pub use value::{Str, Value};

#[doc(hidden)]
pub mod __private {
    //! What the macros expand to; not part of the public interface.
    pub use crate::macros::{insert_some, list_from, push_each};
}
