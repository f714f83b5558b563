//! Ports that the containers of a task open, and who opens them.

use std::collections::BTreeMap;

use crate::workload::{NlbListener, RoutingRule, Sidecar, split_port};

/// A port of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPort {
    /// Name of the container that opens it.
    pub container: String,
    /// The port.
    pub port: u16,
    /// Protocol in lower case.
    pub protocol: String,
    /// Whether the container itself says so (`image.port`, a sidecar's `port`) and not only a rule or listener.
    pub by_container: bool,
}

/// All ports of a task, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExposedPorts {
    ports: BTreeMap<u16, ExposedPort>,
}

impl ExposedPorts {
    /// Collects the ports in the order in which Copilot does: sidecars, rules, listeners, main container. What can't be
    /// read as a port is left out.
    pub fn collect<'a>(
        main: &str,
        main_port: Option<u16>,
        sidecars: impl Iterator<Item = (&'a str, &'a Sidecar)>,
        rules: &[&RoutingRule],
        listeners: &[&NlbListener],
    ) -> Self {
        let mut found = Self::default();
        for (name, sidecar) in sidecars {
            found.add_sidecar(name, sidecar);
        }
        for rule in rules {
            found.add_rule(main, rule);
        }
        for listener in listeners {
            found.add_listener(main, listener);
        }
        if let Some(port) = main_port {
            found.add_main(main, port);
        }
        found
    }

    fn add_sidecar(&mut self, name: &str, sidecar: &Sidecar) {
        let Some((port, protocol)) = sidecar.port.as_ref().and_then(|port| split_port(port)) else { return };
        let Some(port) = parse_port(port) else { return };
        let protocol = protocol.unwrap_or("tcp").to_lowercase();
        self.ports
            .insert(port, ExposedPort { container: name.to_owned(), port, protocol, by_container: true });
    }

    fn add_rule(&mut self, main: &str, rule: &RoutingRule) {
        let Some(port) = rule.target_port.as_ref().map(|port| port.value) else { return };
        let container = rule.target_container.as_ref().map_or(main, |name| name.value.as_str()).to_owned();
        let protocol = "tcp".to_owned();
        self.ports.entry(port).or_insert(ExposedPort { container, port, protocol, by_container: false });
    }

    fn add_listener(&mut self, main: &str, listener: &NlbListener) {
        if listener.is_empty() {
            return;
        }
        let Some((port, protocol)) = listener.port_and_protocol() else { return };
        let Some(port) = listener.target_port().or_else(|| parse_port(port)) else {
            return;
        };
        let protocol = match protocol.unwrap_or("tcp").to_lowercase() {
            protocol if protocol == "tls" => "tcp".to_owned(),
            protocol => protocol,
        };
        if self.ports.get(&port).is_some_and(|known| known.protocol == protocol) {
            return;
        }
        let container =
            listener.target_container.as_ref().map_or(main, |name| name.value.as_str()).to_owned();
        self.ports.insert(port, ExposedPort { container, port, protocol, by_container: false });
    }

    fn add_main(&mut self, main: &str, port: u16) {
        let new =
            ExposedPort { container: main.to_owned(), port, protocol: "tcp".to_owned(), by_container: true };
        self.ports.entry(port).and_modify(|known| known.by_container = true).or_insert(new);
    }

    /// The port of that number.
    pub fn get(&self, port: u16) -> Option<&ExposedPort> {
        self.ports.get(&port)
    }

    /// The ports in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &ExposedPort> {
        self.ports.values()
    }

    /// The ports of a container in ascending order.
    pub fn of_container(&self, name: &str) -> impl Iterator<Item = &ExposedPort> {
        self.ports.values().filter(move |port| port.container == name)
    }

    /// The first port that a container itself says it opens.
    pub fn defined_by(&self, name: &str) -> Option<&ExposedPort> {
        self.of_container(name).find(|port| port.by_container)
    }
}

/// A decimal number that fits a port.
pub(crate) fn parse_port(text: &str) -> Option<u16> {
    (text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Cuts a number to the sixteen bits of a port, as Copilot does with a listener's `target_port`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cut is what is asked for")]
pub(crate) const fn wrap(port: i64) -> u16 {
    port as u16
}
