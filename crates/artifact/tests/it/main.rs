//! The build stage against fake and real engines, registries and stores.
#![expect(clippy::unwrap_used, reason = "a test that can not be set up should fail")]

mod support;

mod images;
mod objects;
