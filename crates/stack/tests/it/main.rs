//! Integration tests of the stacks.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod about;
mod addons;
mod conformance;
mod corners;
mod environment_corners;
mod environments;
mod examples;
mod facts;
mod keys;
mod pipeline_cases;
mod pipelines;
mod properties;
#[path = "../../../../tests/reference.rs"]
mod reference;
mod workloads;
