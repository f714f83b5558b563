//! The crate on whole manifests.
#![expect(clippy::unwrap_used, reason = "a test that finds something else than it expects has to fail")]

mod buildspecs;
mod environment_verdicts;
mod examples;
mod pipeline_properties;
mod pipeline_schema;
mod pipeline_verdicts;
mod pipelines;
mod properties;
#[path = "../../../../tests/reference.rs"]
mod reference;
mod schema;
mod schema_corpus;
mod shared;
mod workload_conformance;
mod workload_messages;
mod workload_reading;
mod workload_verdicts;
