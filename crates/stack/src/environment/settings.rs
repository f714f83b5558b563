//! What the stack is rendered from: a manifest whose unions are resolved, whose defaults are filled in and whose facts are
//! looked up. No part of the template looks into a manifest.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Map, Value};

use crate::facts::Environment;
use crate::template::FunctionCode;
use crate::template::as_written::as_written;

/// An environment, resolved.
#[derive(Debug, Clone)]
pub(super) struct Settings<'a> {
    pub(super) app: &'a str,
    pub(super) name: &'a str,
    /// The environment as AWS knows it.
    pub(super) deployed: &'a Environment,
    /// The application's domain.
    pub(super) domain: Option<&'a str>,
    /// Name of the policy that bounds every role.
    pub(super) boundary: Option<&'a str>,
    pub(super) artifacts: Artifacts<'a>,
    pub(super) vpc: Vpc<'a>,
    /// Rules of the security group that all workloads share.
    pub(super) ingress: Vec<Rule<'a>>,
    pub(super) egress: Vec<Rule<'a>>,
    /// Days for which the log of the VPC's traffic is kept; `None` when there is no log.
    pub(super) flow_logs: Option<i64>,
    pub(super) container_insights: bool,
    pub(super) public: PublicBalancer<'a>,
    pub(super) internal: InternalBalancer<'a>,
    pub(super) cdn: Option<Cdn<'a>>,
    pub(super) addons: Option<NestedAddons<'a>>,
    pub(super) force_deploy_id: &'a str,
}

/// The application's bucket and key in the environment's region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Artifacts<'a> {
    pub(super) partition: &'static str,
    pub(super) key_arn: &'a str,
    pub(super) code: FunctionCode<'a>,
}

/// The network: Copilot's own, or an existing one.
#[derive(Debug, Clone)]
pub(super) enum Vpc<'a> {
    Own(OwnVpc<'a>),
    Imported { id: &'a str, public: Vec<&'a str>, private: Vec<&'a str> },
}

/// Addresses of Copilot's own network. Subnets at the same place are in the same availability zone.
#[derive(Debug, Clone)]
pub(super) struct OwnVpc<'a> {
    pub(super) cidr: &'a str,
    /// Availability zones by the place of the subnets; empty for the first ones of the region.
    pub(super) zones: Vec<&'a str>,
    pub(super) public: Vec<&'a str>,
    pub(super) private: Vec<&'a str>,
}

/// A rule of a security group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) protocol: &'a str,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) cidr: &'a str,
}

/// The load balancer that the internet reaches.
#[derive(Debug, Clone)]
pub(super) struct PublicBalancer<'a> {
    /// ARNs of imported certificates.
    pub(super) certificates: Vec<&'a str>,
    pub(super) ssl_policy: Option<&'a str>,
    pub(super) access_logs: Option<AccessLogs<'a>>,
    /// CIDR blocks from which requests are taken.
    pub(super) source_ips: Vec<&'a str>,
    /// `CloudFront`'s prefix list, where requests are taken only from there.
    pub(super) prefix_list: Option<&'a str>,
}

/// Where requests are logged.
#[derive(Debug, Clone, Copy)]
pub(super) struct AccessLogs<'a> {
    /// An existing bucket; Copilot makes one if none.
    pub(super) bucket: Option<&'a str>,
    pub(super) prefix: Option<&'a str>,
}

/// The load balancer inside the VPC.
#[derive(Debug, Clone)]
pub(super) struct InternalBalancer<'a> {
    /// ARNs of imported certificates.
    pub(super) certificates: Vec<&'a str>,
    pub(super) ssl_policy: Option<&'a str>,
    /// The subnets that it is in; all private ones if none.
    pub(super) subnets: Option<Vec<&'a str>>,
    /// Whether requests are taken from the whole VPC.
    pub(super) takes_vpc_traffic: bool,
}

/// `CloudFront` before the public load balancer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cdn<'a> {
    /// ARN of an imported certificate.
    pub(super) certificate: Option<&'a str>,
    pub(super) terminates_tls: bool,
    pub(super) assets: Option<StaticAssets<'a>>,
}

/// Files that `CloudFront` serves from a bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct StaticAssets<'a> {
    pub(super) location: &'a str,
    pub(super) alias: &'a str,
    pub(super) path: &'a str,
}

/// The nested stack of addons.
#[derive(Debug, Clone, Copy)]
pub(super) struct NestedAddons<'a> {
    pub(super) url: &'a str,
    pub(super) parameters: &'a Map,
}

impl<'a> Settings<'a> {
    /// Whether domain names and certificates are Copilot's business: they are where the load balancer brings none.
    pub(super) fn manages_domain(&self) -> bool {
        self.public.certificates.is_empty()
    }

    /// The access logs for which Copilot makes a bucket.
    pub(super) fn own_log_bucket(&self) -> Option<AccessLogs<'a>> {
        self.public.access_logs.filter(|logs| logs.bucket.is_none())
    }

    /// Whether `CloudFront` answers to the aliases of workloads.
    pub(super) fn cdn_has_aliases(&self) -> bool {
        self.cdn.is_some_and(|cdn| cdn.certificate.is_some() || self.domain.is_some())
    }

    /// Whether the load balancer's certificate is copied to where `CloudFront` wants it.
    pub(super) fn replicates_certificate(&self) -> bool {
        self.cdn.is_some_and(|cdn| cdn.certificate.is_none()) && self.manages_domain()
    }
}

impl Vpc<'_> {
    /// Its ID.
    pub(super) fn id(&self) -> Value {
        match self {
            Self::Own(_) => reference("VPC"),
            Self::Imported { id, .. } => as_written(id),
        }
    }
}
