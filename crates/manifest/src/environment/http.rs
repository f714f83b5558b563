//! The environment's load balancers.

use crate::decode::{Blank, Spanned};

crate::record! {
    /// The environment's load balancers.
    pub struct EnvironmentHttp {
        /// The load balancer that the internet reaches.
        public: PublicHttp,
        /// The load balancer inside the VPC.
        private: PrivateHttp,
    }
}

crate::record! {
    /// The load balancer that the internet reaches.
    pub struct PublicHttp {
        /// Older place of `ingress`.
        security_groups: OldSecurityGroups,
        /// ARNs of existing certificates. With them, workloads name their `alias` and records are the user's own.
        certificates: Vec<Spanned<String>>,
        /// Whether requests are logged, or where to. Default: false.
        access_logs: AccessLogs,
        /// From where requests are taken. Default: from anywhere.
        ingress: RestrictedIngress,
        /// Policy that says which protocols and ciphers the HTTPS listener takes.
        ssl_policy: String,
    }
}

crate::record! {
    /// The load balancer inside the VPC.
    pub struct PrivateHttp {
        /// Subnets of the imported VPC that the load balancer is in. Default: all private ones.
        subnets: Vec<Spanned<String>>,
        /// ARNs of existing certificates.
        certificates: Vec<Spanned<String>>,
        /// Older place of `ingress`.
        security_groups: OldSecurityGroups,
        /// From where requests are taken besides the environment's workloads.
        ingress: VpcIngress,
        /// Policy that says which protocols and ciphers the HTTPS listener takes.
        ssl_policy: String,
    }
}

crate::record! {
    /// From where a public load balancer takes requests.
    pub struct RestrictedIngress {
        /// Whether they are taken only from CloudFront. Needs `cdn`.
        cdn: bool,
        /// CIDR blocks from which they are taken.
        source_ips: Vec<Spanned<String>>,
    }
}

crate::record! {
    /// From where an internal load balancer takes requests.
    pub struct VpcIngress {
        /// Whether they are taken from the whole VPC. Default: false.
        vpc: bool,
    }
}

crate::record! {
    /// Older place of `ingress`.
    pub struct OldSecurityGroups {
        /// From where requests are taken.
        ingress: OldIngress,
    }
}

crate::record! {
    /// From where requests are taken.
    pub struct OldIngress {
        /// Public load balancers: write `ingress` instead.
        restrict_to: RestrictedIngress,
        /// Internal load balancers: write `ingress.vpc` instead.
        from_vpc: bool,
    }
}

crate::record! {
    /// Where requests are logged.
    pub struct AccessLogsConfig {
        /// Name of an existing bucket. Default: one that Copilot makes.
        bucket_name: String,
        /// Path in the bucket.
        prefix: String,
    }
}

crate::union! {
    /// Whether requests are logged.
    pub enum AccessLogs {
        /// Whether they are, to a bucket that Copilot makes.
        other Enabled(bool),
        /// They are, to here.
        mapping Config(AccessLogsConfig),
    }
    expected "true, false, or a mapping with the keys `bucket_name` and `prefix`"
}

impl AccessLogs {
    /// Whether requests are logged.
    pub fn enabled(&self) -> bool {
        match self {
            Self::Enabled(enabled) => *enabled,
            Self::Config(_) => true,
        }
    }

    /// Where to, if not to Copilot's own bucket alone.
    pub fn config(&self) -> Option<&AccessLogsConfig> {
        match self {
            Self::Enabled(_) => None,
            Self::Config(config) => Some(config),
        }
    }
}

impl RestrictedIngress {
    /// Whether it says nothing; an empty list of blocks says nothing.
    pub fn is_empty(&self) -> bool {
        self.cdn.is_none() && self.source_ips().is_empty()
    }

    /// The CIDR blocks from which requests are taken.
    pub fn source_ips(&self) -> &[Spanned<String>] {
        self.source_ips.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl PublicHttp {
    /// The older place of `ingress`.
    pub fn old_ingress(&self) -> Option<&OldIngress> {
        self.security_groups.as_deref()?.ingress.as_deref()
    }
}

impl PrivateHttp {
    /// Whether requests are taken from the whole VPC.
    pub fn takes_vpc_traffic(&self) -> bool {
        let new = self.ingress.as_deref().and_then(|ingress| ingress.vpc.as_deref());
        let old = self.old_ingress().and_then(|ingress| ingress.from_vpc.as_deref());
        [new, old].into_iter().flatten().any(|vpc| *vpc)
    }

    /// The older place of `ingress`.
    pub fn old_ingress(&self) -> Option<&OldIngress> {
        self.security_groups.as_deref()?.ingress.as_deref()
    }
}

impl OldIngress {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.from_vpc.is_blank() && self.restrict_to.as_deref().is_none_or(RestrictedIngress::is_empty)
    }
}
