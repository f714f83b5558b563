//! Listeners of a network load balancer.

use crate::decode::{Blank, Spanned};
use crate::workload::Alias;
use crate::workload::value::Duration;

crate::record! {
    /// How a network load balancer asks whether a target is healthy.
    pub struct NlbHealthCheck {
        /// Port that is asked. Default: the target port.
        port: i64,
        /// Successful checks in a row after which a target is healthy. Default: 3.
        healthy_threshold: i64,
        /// Failed checks in a row after which a target is unhealthy. Default: 3.
        unhealthy_threshold: i64,
        /// Time after which a check counts as failed, in whole seconds. Default: `10s`.
        timeout: Duration,
        /// Time from one check to the next, in whole seconds. Default: `30s`.
        interval: Duration,
        /// Time after a task's start in which failed checks don't count; main listener only. Default: `60s`.
        grace_period: Duration,
    }
}

impl NlbHealthCheck {
    /// Whether nothing but `grace_period`, which belongs to the service, is set.
    pub fn is_empty(&self) -> bool {
        self.port.is_blank()
            && self.healthy_threshold.is_blank()
            && self.unhealthy_threshold.is_blank()
            && self.timeout.is_blank()
            && self.interval.is_blank()
    }
}

crate::record! {
    /// A port on which the load balancer listens, and where its connections go.
    pub struct NlbListener {
        /// Port and protocol, as in `443/tls`, `53/udp` or `80`. Default of the protocol: `tcp`.
        port: String,
        /// How the load balancer asks whether a target is healthy.
        healthcheck: NlbHealthCheck,
        /// Container that gets the connections: a sidecar with a `port`, or the main one. Default: the main one.
        target_container: String,
        /// Port of the container that gets the connections. Default: the sidecar's `port`, or that of the listener.
        target_port: i64,
        /// Policy that says which protocols and ciphers a TLS listener takes. Default: `ELBSecurityPolicy-TLS13-1-2-2021-06`.
        ssl_policy: String,
        /// Whether connections of one client go to the same task. Not for TLS.
        stickiness: bool,
        /// Time that a target that stops is given to finish its connections. Default: `60s`.
        deregistration_delay: Duration,
    }
}

impl NlbListener {
    /// Whether it sets nothing that makes a listener.
    pub fn is_empty(&self) -> bool {
        self.port.is_blank()
            && self.healthcheck.as_deref().is_none_or(NlbHealthCheck::is_empty)
            && self.target_container.is_blank()
            && self.target_port.is_blank()
            && self.ssl_policy.is_blank()
            && self.stickiness.is_blank()
            && self.deregistration_delay.is_blank()
    }

    /// Port of the container that gets the connections, if one is named. A number that is no port loses what is too much of it,
    /// as in deployed stacks.
    pub fn target_port(&self) -> Option<u16> {
        self.target_port.as_ref().map(|port| super::ports::wrap(port.value))
    }

    /// Port and protocol as written: `443/tls` are `443` and `Some("tls")`. `None` if there are more parts.
    pub fn port_and_protocol(&self) -> Option<(&str, Option<&str>)> {
        split_port(self.port.as_ref()?)
    }
}

/// Splits `443/tls` into `443` and `Some("tls")`. `None` if there are more than two parts.
pub fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    let mut parts = text.split('/');
    let (port, protocol) = (parts.next()?, parts.next());
    parts.next().is_none().then_some((port, protocol))
}

crate::record! {
    /// A network load balancer of the service's own. The main listener stands in the mapping itself.
    pub struct Nlb {
        /// Domain names of the load balancer: one or a list.
        alias: Alias,
        /// Listeners besides the main one.
        additional_listeners: Vec<Spanned<NlbListener>>,
    }
    flatten {
        /// The main listener.
        main: NlbListener,
    }
}

impl Nlb {
    /// Whether there is no load balancer: a grace period and an empty list of listeners count for nothing.
    pub fn is_empty(&self) -> bool {
        self.alias.is_blank() && self.main.is_empty() && self.additional().is_empty()
    }

    /// The listeners besides the main one.
    pub fn additional(&self) -> &[Spanned<NlbListener>] {
        self.additional_listeners.as_deref().map_or(&[], Vec::as_slice)
    }

    /// All listeners, the main one first; none if the main one sets nothing.
    pub fn listeners(&self) -> Vec<&NlbListener> {
        if self.main.is_empty() {
            return Vec::new();
        }
        std::iter::once(&self.main).chain(self.additional().iter().map(|listener| &listener.value)).collect()
    }
}
