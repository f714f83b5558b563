//! The environment's VPC.

use copilot_yaml::{Node, Resolved};

use crate::decode::{Context, Decode, Describe, Shape, Spanned};
use crate::workload::Range;
use crate::workload::value::Either;

crate::record! {
    /// The network that the environment's workloads run in.
    pub struct EnvironmentNetwork {
        /// The VPC: Copilot's own with certain addresses, or an existing one.
        vpc: EnvironmentVpc,
    }
}

crate::record! {
    /// The VPC: Copilot's own with certain addresses (`cidr`), or an existing one (`id`).
    pub struct EnvironmentVpc {
        /// Id of an existing VPC. Excludes `cidr`.
        id: String,
        /// Addresses of the VPC that Copilot makes, as a CIDR block. Default: `10.0.0.0/16`.
        cidr: String,
        /// The subnets.
        subnets: EnvironmentSubnets,
        /// Rules of the security group that all workloads of the environment share.
        security_group: SecurityGroupRules,
        /// Whether the traffic of the VPC is logged, or for how long the log is kept. Default: false.
        flow_logs: Either<bool, FlowLogs>,
    }
}

crate::record! {
    /// Subnets of the VPC.
    pub struct EnvironmentSubnets {
        /// Subnets that the internet reaches.
        public: Vec<Spanned<Subnet>>,
        /// Subnets that the internet does not reach.
        private: Vec<Spanned<Subnet>>,
    }
}

crate::record! {
    /// A subnet: an existing one by its id, or one that Copilot makes by its addresses.
    pub struct Subnet {
        /// Id of an existing subnet. Excludes `cidr` and `az`.
        id: String,
        /// Addresses of a subnet that Copilot makes, as a CIDR block.
        cidr: String,
        /// Availability zone of a subnet that Copilot makes, such as `us-east-1a`. Default: the first ones of the region.
        az: String,
    }
}

crate::record! {
    /// For how long the log of a VPC's traffic is kept.
    pub struct FlowLogs {
        /// Days; one of the numbers that CloudWatch Logs knows. Default: 14.
        retention: i64,
    }
}

crate::record! {
    /// Rules of the security group that all workloads of the environment share.
    pub struct SecurityGroupRules {
        /// Traffic that may come in.
        ingress: Vec<Spanned<SecurityGroupRule>>,
        /// Traffic that may go out.
        egress: Vec<Spanned<SecurityGroupRule>>,
    }
}

crate::record! {
    /// A rule of a security group.
    pub struct SecurityGroupRule {
        /// Addresses that the rule is about, as a CIDR block.
        cidr: String,
        /// A port or a range of ports, as in `80` or `0-65535`.
        ports: Ports,
        /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for all.
        ip_protocol: String,
    }
}

/// A port, or a range of ports.
#[derive(Debug, Clone, PartialEq)]
pub enum Ports {
    /// One port.
    One(i64),
    /// From one to another.
    Range(Range),
}

impl Ports {
    /// First and last port. `None` if the text is no range.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::One(port) => Some((*port, *port)),
            Self::Range(range) => range.bounds(),
        }
    }
}

impl Decode for Ports {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        match node.resolve() {
            Resolved::Int(_) | Resolved::Float(_) => i64::decode(node, cx).map(Self::One),
            Resolved::Collection => {
                cx.wrong_form(node, "a port, or a range of ports such as `8000-8080`");
                None
            }
            _ => String::decode(node, cx).map(|text| Self::Range(Range::Text(text))),
        }
    }
}

impl Describe for Ports {
    fn shape() -> Shape {
        Shape::OneOf(vec![
            Shape::Integer(-1, Some(65535)),
            Shape::Format("range of ports", Some("^[0-9]+-[0-9]+$")),
        ])
    }
}

crate::merge_replaces!(Ports);
crate::never_blank!(Ports);

impl EnvironmentVpc {
    /// Id of the existing VPC; `None` if Copilot makes one.
    pub fn imported(&self) -> Option<&str> {
        self.id.as_ref().map(|id| id.value.as_str()).filter(|id| !id.is_empty())
    }

    /// The addresses that the VPC is given; `None` for the usual ones and for an existing VPC.
    pub fn customized(&self) -> Option<&str> {
        self.cidr.as_ref().map(|cidr| cidr.value.as_str()).filter(|cidr| !cidr.is_empty())
    }

    /// The subnets that the internet reaches.
    pub fn public_subnets(&self) -> &[Spanned<Subnet>] {
        let subnets = self.subnets.as_deref().and_then(|subnets| subnets.public.as_deref());
        subnets.map_or(&[], Vec::as_slice)
    }

    /// The subnets that the internet does not reach.
    pub fn private_subnets(&self) -> &[Spanned<Subnet>] {
        let subnets = self.subnets.as_deref().and_then(|subnets| subnets.private.as_deref());
        subnets.map_or(&[], Vec::as_slice)
    }
}
