//! The files of `examples/storefront` but for its pipeline, which a reader writes with `init`.

macro_rules! example {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../../examples/storefront/", $path)))),+]
    };
}

/// Path and text of each file.
pub(super) const WORKSPACE: &[(&str, &str)] = example![
    "api/.dockerignore",
    "api/Dockerfile",
    "api/content/products.json",
    "cleanup/.dockerignore",
    "cleanup/Dockerfile",
    "cleanup/content/retention.txt",
    "copilot/.workspace",
    "copilot/api/manifest.yml",
    "copilot/cleanup/manifest.yml",
    "copilot/environments/prod/manifest.yml",
    "copilot/environments/test/manifest.yml",
    "copilot/frontend/manifest.yml",
    "copilot/worker/manifest.yml",
    "frontend/.dockerignore",
    "frontend/Dockerfile",
    "frontend/content/index.html",
    "worker/.dockerignore",
    "worker/Dockerfile",
    "worker/content/policy.txt",
];

/// What is known of the application at AWS.
pub(super) const FACTS: &str = include_str!("../../../../../examples/storefront/facts.yml");

/// The workloads of the workspace with their types.
pub(super) const WORKLOADS: [(&str, &str); 4] = [
    ("api", "Backend Service"),
    ("cleanup", "Scheduled Job"),
    ("frontend", "Load Balanced Web Service"),
    ("worker", "Worker Service"),
];
