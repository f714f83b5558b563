//! Typed manifests of Copilot pipelines, workloads and environments.

pub mod codes;
pub mod decode;
pub mod environment;
pub mod interpolate;
pub mod pipeline;
mod text;
pub mod workload;

#[doc(hidden)]
pub use copilot_yaml::Node;
