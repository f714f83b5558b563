//! The build stage against fake and real engines, registries and stores.
#![expect(clippy::unwrap_used, reason = "a test that can not be set up should fail")]

mod support;

#[cfg(feature = "aws")]
mod aws;
#[cfg(unix)]
mod engine_faults;
mod images;
mod objects;
#[cfg(target_os = "linux")]
mod real;
