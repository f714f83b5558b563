//! Whether a container is healthy, asked inside the container.

use crate::workload::value::Duration;

crate::record! {
    /// A command inside the container that tells whether it is healthy. Once one key is set, the others get their defaults.
    pub struct ContainerHealthCheck {
        /// The command, in the form of Docker's `HEALTHCHECK`: the first item is `CMD` or `CMD-SHELL`. Default:
        /// `["CMD-SHELL", "curl -f http://localhost/ || exit 1"]`.
        command: Vec<String>,
        /// Time from one check to the next, in whole seconds. Default: `10s`.
        interval: Duration,
        /// Failed checks in a row after which the container is unhealthy. Default: 2.
        retries: i64,
        /// Time after which a check counts as failed, in whole seconds. Default: `5s`.
        timeout: Duration,
        /// Time after the container's start in which failed checks don't count. Default: `0s`.
        start_period: Duration,
    }
}
