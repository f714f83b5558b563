//! Network Load Balancer.

/// A Network Load Balancer of the service's own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nlb<'a> {
    /// Listeners, the main one first.
    pub listeners: Vec<Listener<'a>>,
    /// Host names.
    pub aliases: Vec<&'a str>,
    /// Port of the main listener, as the stack's parameter.
    pub main_port: String,
}

/// A listener with its target group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listener<'a> {
    /// Port it listens on.
    pub port: u16,
    /// Protocol it speaks.
    pub protocol: ListenerProtocol,
    /// Container that the traffic goes to.
    pub container: &'a str,
    /// Port that it goes to.
    pub target_port: String,
    /// Policy of TLS versions and ciphers.
    pub ssl_policy: Option<&'a str>,
    /// Whether a client stays with a task.
    pub stickiness: Option<bool>,
    /// Seconds a target that leaves still finishes its connections.
    pub deregistration_delay: i64,
    /// Port of the check, where it is not that of the traffic.
    pub health_check_port: Option<i64>,
    /// Successes in a row.
    pub healthy_threshold: Option<i64>,
    /// Failures in a row.
    pub unhealthy_threshold: Option<i64>,
    /// Seconds after which a check has failed.
    pub health_check_timeout: Option<i64>,
    /// Seconds between checks.
    pub health_check_interval: Option<i64>,
}

/// Protocol of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListenerProtocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// TLS, ended at the load balancer.
    Tls,
}

impl ListenerProtocol {
    /// As the listener spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Tls => "TLS",
        }
    }

    /// The protocol behind the load balancer, as a target group spells it.
    pub(crate) const fn of_targets(self) -> &'static str {
        match self {
            Self::Tcp | Self::Tls => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// The protocol behind the load balancer, as a port mapping spells it.
    pub(crate) const fn of_port_mapping(self) -> &'static str {
        match self {
            Self::Tcp | Self::Tls => "tcp",
            Self::Udp => "udp",
        }
    }
}
