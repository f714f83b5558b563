//! What the manifest of a deployed environment decides for its workloads.

use copilot_yaml::{Node, Resolved};

use crate::facts::Environment;

/// Certificates and CDN of a deployed environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EnvironmentCertificates {
    /// ARNs of the certificates of the public load balancer that the environment imports.
    pub public: Vec<String>,
    /// ARNs of the certificates of the internal load balancer that the environment imports.
    pub private: Vec<String>,
    /// ARN of the certificate of the CDN that the environment imports.
    pub cdn: Option<String>,
    /// Whether there is a CDN in front of the public load balancer.
    pub cdn_enabled: bool,
}

impl EnvironmentCertificates {
    /// Reads them from the manifest with which the environment was deployed.
    pub(crate) fn of(environment: &Environment) -> Self {
        let Some(manifest) = environment.manifest.as_ref().map(crate::facts::DeployedManifest::node) else {
            return Self::default();
        };
        let certificates = |side: &str| {
            let node = manifest
                .get("http")
                .and_then(|http| http.get(side))
                .and_then(|side| side.get("certificates"));
            texts(node)
        };
        let cdn = manifest.get("cdn");
        Self {
            public: certificates("public"),
            private: certificates("private"),
            cdn: cdn.and_then(|cdn| cdn.get("certificate")).and_then(Node::as_str).map(str::to_owned),
            cdn_enabled: cdn.is_some_and(is_on),
        }
    }

    /// Whether the environment brings its own certificates for what faces the public.
    pub(crate) fn imports_public(&self) -> bool {
        !self.public.is_empty() || self.cdn.is_some()
    }
}

/// A switch that is `true`, or a mapping that sets something.
fn is_on(node: &Node) -> bool {
    match node.resolve() {
        Resolved::Bool(on) => on,
        Resolved::Collection => {
            node.as_mapping().is_some_and(|entries| entries.iter().any(|entry| !entry.value.is_null()))
        }
        _ => node.as_bool().unwrap_or(false),
    }
}

fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.and_then(Node::as_sequence).unwrap_or_default();
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
