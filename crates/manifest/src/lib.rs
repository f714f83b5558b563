//! Typed manifests of Copilot pipelines, workloads and environments.

pub mod codes;
pub mod decode;

#[doc(hidden)]
pub use copilot_yaml::Node;
