//! Network Load Balancer.

use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::Duration;
use copilot_manifest::workload::{Nlb as NlbManifest, NlbListener, defaults};

use super::container::text;
use crate::workload::model::{ExposedPorts, Listener, ListenerProtocol, Nlb};

/// Port and protocol of a listener; `None` when the port is no number.
pub(super) fn listener_address(listener: &NlbListener) -> Option<(u16, ListenerProtocol)> {
    let (port, protocol) = listener.port_and_protocol()?;
    let protocol = match protocol.map(str::to_uppercase).as_deref() {
        Some("UDP") => ListenerProtocol::Udp,
        Some("TLS") => ListenerProtocol::Tls,
        _ => ListenerProtocol::Tcp,
    };
    Some((port.parse().ok()?, protocol))
}

pub(super) fn nlb<'a>(manifest: &'a NlbManifest, main: &'a str, ports: &ExposedPorts<'a>) -> Option<Nlb<'a>> {
    if manifest.is_empty() {
        return None;
    }
    let listeners = manifest.listeners();
    Some(Nlb {
        listeners: listeners.iter().filter_map(|listener| self::listener(listener, main, ports)).collect(),
        aliases: manifest.alias.as_ref().map(|alias| alias.names()).unwrap_or_default(),
        main_port: manifest.main.port_and_protocol().map(|(port, _)| port.to_owned()).unwrap_or_default(),
    })
}

fn listener<'a>(manifest: &'a NlbListener, main: &'a str, ports: &ExposedPorts<'a>) -> Option<Listener<'a>> {
    let (port, protocol) = listener_address(manifest)?;
    let (container, target_port) = match (text(manifest.target_container.as_ref()), manifest.target_port()) {
        (None, None) => (main, port.to_string()),
        (Some(container), None) if container == main => (main, port.to_string()),
        (Some(container), None) => (container, ports.last_own(container).unwrap_or(port).to_string()),
        (None, Some(target)) => (ports.get(target).map_or(main, |known| known.container), target.to_string()),
        (Some(container), Some(target)) => (container, target.to_string()),
    };
    let check = manifest.healthcheck.as_deref();
    let seconds = |value: Option<&Spanned<Duration>>| value.map(|time| time.as_secs());
    let number = |value: Option<&Spanned<i64>>| value.map(|number| number.value);
    Some(Listener {
        port,
        protocol,
        container,
        target_port,
        ssl_policy: text(manifest.ssl_policy.as_ref()),
        stickiness: manifest.stickiness.as_ref().map(|flag| flag.value),
        deregistration_delay: seconds(manifest.deregistration_delay.as_ref())
            .unwrap_or(defaults::DEREGISTRATION_DELAY.as_secs()),
        health_check_port: number(check.and_then(|check| check.port.as_ref())),
        healthy_threshold: number(check.and_then(|check| check.healthy_threshold.as_ref())),
        unhealthy_threshold: number(check.and_then(|check| check.unhealthy_threshold.as_ref())),
        health_check_timeout: seconds(check.and_then(|check| check.timeout.as_ref())),
        health_check_interval: seconds(check.and_then(|check| check.interval.as_ref())),
    })
}
