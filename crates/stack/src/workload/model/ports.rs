//! Which ports a task exposes, and where traffic goes.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Every port of a task with the container that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ExposedPorts<'a> {
    ports: BTreeMap<u16, ExposedPort<'a>>,
}

/// A port of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExposedPort<'a> {
    /// The container behind it.
    pub container: &'a str,
    /// `tcp` or `udp`.
    pub protocol: Cow<'a, str>,
    /// Whether the container itself names the port, and not only a load balancer that sends traffic there.
    pub own: bool,
}

/// Where traffic goes. The port is text because a container without ports has an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    /// The container.
    pub container: &'a str,
    /// Its port; empty when it exposes none.
    pub port: String,
}

impl<'a> ExposedPorts<'a> {
    /// Adds a port, in place of what was known of it.
    pub(crate) fn set(&mut self, number: u16, port: ExposedPort<'a>) {
        self.ports.insert(number, port);
    }

    /// What is known of a port.
    pub(crate) fn get(&self, number: u16) -> Option<&ExposedPort<'a>> {
        self.ports.get(&number)
    }

    /// What is known of a port, to change.
    pub(crate) fn get_mut(&mut self, number: u16) -> Option<&mut ExposedPort<'a>> {
        self.ports.get_mut(&number)
    }

    /// The ports of a container in ascending order.
    pub(crate) fn of(&self, container: &str) -> impl DoubleEndedIterator<Item = (u16, &ExposedPort<'a>)> {
        self.ports
            .iter()
            .filter(move |(_, port)| port.container == container)
            .map(|(&number, port)| (number, port))
    }

    /// The lowest port that a container names itself, as text; empty when there is none.
    pub(crate) fn own(&self, container: &str) -> String {
        self.of(container)
            .find(|(_, port)| port.own)
            .map(|(number, _)| number.to_string())
            .unwrap_or_default()
    }

    /// The highest port that a container names itself.
    pub(crate) fn last_own(&self, container: &str) -> Option<u16> {
        self.of(container).rfind(|(_, port)| port.own).map(|(number, _)| number)
    }
}
