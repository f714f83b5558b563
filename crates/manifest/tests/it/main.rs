//! The crate on whole manifests.

mod shared;
mod workload_conformance;
mod workload_verdicts;
