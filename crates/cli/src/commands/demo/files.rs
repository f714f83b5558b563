//! The files of `examples/storefront` but for its pipeline, which a reader writes with `init`.
//!
//! `cargo xtask generate` bundles them, so that the crate can be built without the rest of the repository.

use std::collections::BTreeMap;

use crate::failure::Failure;

/// Path and text of each file.
const BUNDLE: &str = include_str!("storefront.json");

/// What is known of the application at AWS. It is no part of the workspace.
pub(super) const FACTS: &str = "facts.yml";

/// The workloads of the workspace with their types.
pub(super) const WORKLOADS: [(&str, &str); 4] = [
    ("api", "Backend Service"),
    ("cleanup", "Scheduled Job"),
    ("frontend", "Load Balanced Web Service"),
    ("worker", "Worker Service"),
];

/// All files, by their path.
pub(super) fn bundle() -> Result<BTreeMap<String, String>, Failure> {
    serde_json::from_str(BUNDLE)
        .map_err(|error| Failure::new(format!("the files of the example can't be read: {error}")))
}
