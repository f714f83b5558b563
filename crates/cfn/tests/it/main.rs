//! Tests of the crate through its public interface.

mod conformance;
mod diff;
mod effect;
mod examples;
mod hostile;
mod limits;
mod patch;
mod property_path;
mod read;
#[path = "../../../../tests/reference.rs"]
mod reference;
mod template;
mod write;
