//! What a rendering knows beside the manifest.

use crate::facts::{Environment, Facts};
use crate::template::{FunctionCode, FunctionKeys};

use super::environment::EnvironmentCertificates;
use super::model::Addons;

/// What a rendering knows beside the manifest; looked up once.
#[derive(Debug, Clone)]
pub(crate) struct Context<'a> {
    /// The application.
    pub app: &'a str,
    /// The environment.
    pub env: &'a str,
    /// The workload.
    pub name: &'a str,
    /// What AWS knows.
    pub facts: &'a Facts,
    /// The environment's facts.
    pub environment: &'a Environment,
    /// Certificates and CDN of the environment's manifest.
    pub certificates: &'a EnvironmentCertificates,
    /// Partition of the environment's region, such as `aws`.
    pub partition: &'static str,
    /// The nested stack of addons.
    pub addons: Option<&'a Addons>,
    /// Keys in the artifact bucket under which the code of functions lies.
    pub function_keys: &'a dyn FunctionKeys,
}

impl<'a> From<&Context<'a>> for FunctionCode<'a> {
    fn from(cx: &Context<'a>) -> Self {
        Self { bucket: cx.artifact_bucket(), keys: cx.function_keys }
    }
}

impl<'a> Context<'a> {
    /// The application's bucket in the environment's region.
    pub(crate) fn artifact_bucket(&self) -> &'a str {
        self.region().and_then(|region| region.artifact_bucket.as_deref()).unwrap_or_default()
    }

    /// ARN of the key that encrypts the bucket.
    pub(crate) fn artifact_key_arn(&self) -> &'a str {
        self.region().and_then(|region| region.artifact_key_arn.as_deref()).unwrap_or_default()
    }

    fn region(&self) -> Option<&'a crate::facts::Region> {
        self.facts.regions.get(&self.environment.region)
    }

    /// Domain under which services find each other.
    pub(crate) fn service_discovery_endpoint(&self) -> String {
        match self.environment.service_discovery_endpoint.as_deref() {
            Some(endpoint) if !endpoint.is_empty() => endpoint.to_owned(),
            _ => format!("{}.local", self.app),
        }
    }

    /// The application's domain.
    pub(crate) fn domain(&self) -> Option<&'a str> {
        self.facts.application.domain()
    }

    /// ARN of the role in the application's account that may change its hosted zone; `None` without a domain.
    pub(crate) fn dns_delegation_role(&self) -> Option<String> {
        self.facts.dns_delegation_role()
    }
}
