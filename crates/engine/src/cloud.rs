//! Where AWS is.

use copilot_deployer::Session;
use copilot_deployer::stack::Patience;

/// A session with AWS, or with what stands in for it.
#[derive(Debug)]
pub struct Cloud {
    session: Session,
    registry: Option<String>,
    interval: Option<std::time::Duration>,
    simulated: bool,
}

impl Cloud {
    /// AWS.
    pub fn new(session: Session) -> Self {
        Self { session, registry: None, interval: None, simulated: false }
    }

    /// With a registry for images at this host and port, in place of ECR's.
    #[must_use]
    pub fn with_registry(mut self, registry: Option<String>) -> Self {
        self.registry = registry;
        self
    }

    /// With this time between two questions while something is under way, in place of AWS's.
    #[must_use]
    pub fn with_interval(mut self, interval: Option<std::time::Duration>) -> Self {
        self.interval = interval;
        self
    }

    /// Where builds start no program, since they are only simulated.
    #[must_use]
    pub fn simulated(mut self, simulated: bool) -> Self {
        self.simulated = simulated;
        self
    }

    /// Whether builds are only simulated.
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Host and port of the registry, where it is not ECR's.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// How often to ask, and for how long, while something is under way.
    pub fn patience(&self, usual: Patience) -> Patience {
        Patience { interval: self.interval.unwrap_or(usual.interval), ..usual }
    }
}
