//! Which ports a task exposes, and where traffic goes.

use copilot_manifest::decode::Map;
use copilot_manifest::workload::{NlbListener, RoutingRule, Sidecar as SidecarManifest, split_port};

use super::container::text;
use super::nlb::listener_address;
use crate::workload::model::{ExposedPort, ExposedPorts, Target};

/// The ports of all containers: those that sidecars name, those that load balancers send traffic to, then that of the
/// main container, which keeps what a load balancer said of it.
pub(super) fn exposed<'a>(
    main: &'a str,
    port: Option<u16>,
    sidecars: Option<&'a Map<SidecarManifest>>,
    rules: &[&'a RoutingRule],
    listeners: &[&'a NlbListener],
) -> ExposedPorts<'a> {
    let mut ports = ExposedPorts::default();
    for (name, sidecar) in sidecars.into_iter().flat_map(Map::iter) {
        let Some((number, protocol)) = text(sidecar.port.as_ref()).and_then(split_port) else { continue };
        let Ok(number) = number.parse() else { continue };
        let protocol = protocol.map_or_else(|| "tcp".into(), |protocol| protocol.to_lowercase().into());
        ports.set(number, ExposedPort { container: name, protocol, own: true });
    }
    for rule in rules {
        let Some(number) = rule.target_port.as_ref().map(|port| port.value) else { continue };
        if ports.get(number).is_none() {
            let container = text(rule.target_container.as_ref()).unwrap_or(main);
            ports.set(number, ExposedPort { container, protocol: "tcp".into(), own: false });
        }
    }
    for listener in listeners {
        let Some((port, protocol)) = listener_address(listener) else { continue };
        let number = listener.target_port().unwrap_or(port);
        let protocol = protocol.of_port_mapping();
        if ports.get(number).is_none_or(|known| known.protocol != protocol) {
            let container = text(listener.target_container.as_ref()).unwrap_or(main);
            ports.set(number, ExposedPort { container, protocol: protocol.into(), own: false });
        }
    }
    if let Some(number) = port {
        match ports.get_mut(number) {
            Some(known) => known.own = true,
            None => ports.set(number, ExposedPort { container: main, protocol: "tcp".into(), own: true }),
        }
    }
    ports
}

/// Where a rule sends its requests.
pub(super) fn rule_target<'a>(rule: &'a RoutingRule, main: &'a str, ports: &ExposedPorts<'a>) -> Target<'a> {
    let port = rule.target_port.as_ref().map(|port| port.value);
    let container = text(rule.target_container.as_ref());
    match (container, port) {
        (None, None) => Target { container: main, port: ports.own(main) },
        (Some(container), None) => Target { container, port: ports.own(container) },
        (None, Some(port)) => {
            let container = ports.get(port).map_or(main, |known| known.container);
            Target { container, port: port.to_string() }
        }
        (Some(container), Some(port)) => Target { container, port: port.to_string() },
    }
}
