//! The manifest of an environment, whole.

use crate::environment::{Cdn, EnvironmentHttp, EnvironmentNetwork, EnvironmentVpc, PrivateHttp, PublicHttp};

crate::record! {
    /// An environment: the network and the load balancers that its workloads share.
    pub struct EnvironmentManifest {
        /// Name of the environment.
        name: String,
        /// `Environment`.
        kind as "type": String,
        /// The network that the environment's workloads run in.
        network: EnvironmentNetwork,
        /// What is observed.
        observability: EnvironmentObservability,
        /// The load balancers.
        http: EnvironmentHttp,
        /// Whether CloudFront stands before the public load balancer, or its settings. Default: false.
        cdn: Cdn,
    }
}

crate::record! {
    /// What is observed.
    pub struct EnvironmentObservability {
        /// Whether CloudWatch Container Insights collects metrics of the cluster. Default: false.
        container_insights: bool,
    }
}

impl EnvironmentManifest {
    /// The VPC's settings.
    pub fn vpc(&self) -> Option<&EnvironmentVpc> {
        self.network.as_deref()?.vpc.as_deref()
    }

    /// The public load balancer's settings.
    pub fn public(&self) -> Option<&PublicHttp> {
        self.http.as_deref()?.public.as_deref()
    }

    /// The internal load balancer's settings.
    pub fn private(&self) -> Option<&PrivateHttp> {
        self.http.as_deref()?.private.as_deref()
    }

    /// ARNs of the public load balancer's own certificates. An empty list counts as having some.
    pub fn public_certificates(&self) -> Option<Vec<&str>> {
        self.public()?.certificates.as_ref().map(|arns| arns.iter().map(|arn| arn.value.as_str()).collect())
    }

    /// ARNs of the internal load balancer's own certificates. An empty list counts as having some.
    pub fn private_certificates(&self) -> Option<Vec<&str>> {
        self.private()?.certificates.as_ref().map(|arns| arns.iter().map(|arn| arn.value.as_str()).collect())
    }

    /// Whether there is a CloudFront distribution.
    pub fn cdn_enabled(&self) -> bool {
        self.cdn.as_deref().is_some_and(Cdn::enabled)
    }

    /// ARN of CloudFront's own certificate.
    pub fn cdn_certificate(&self) -> Option<&str> {
        self.cdn.as_deref()?.config()?.certificate.as_ref().map(|arn| arn.value.as_str())
    }

    /// Whether CloudFront speaks HTTP to the load balancer.
    pub fn cdn_terminates_tls(&self) -> bool {
        let config = self.cdn.as_deref().and_then(Cdn::config);
        config.and_then(|config| config.terminate_tls.as_deref()).is_some_and(|terminates| *terminates)
    }

    /// Whether the public load balancer takes requests only from CloudFront.
    pub fn restricted_to_cdn(&self) -> bool {
        let Some(public) = self.public() else { return false };
        let new = public.ingress.as_deref().filter(|ingress| !ingress.is_empty());
        let old = || public.old_ingress().and_then(|ingress| ingress.restrict_to.as_deref());
        new.or_else(old).and_then(|ingress| ingress.cdn.as_deref()).is_some_and(|cdn| *cdn)
    }
}
