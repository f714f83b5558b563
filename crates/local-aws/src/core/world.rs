//! Everything one request can see and change.

use super::blobs::Blobs;
use super::calls::Calls;
use super::faults::Faults;
use super::options::{Options, RegistryNames};
use super::state::State;
use crate::services;

/// The whole of a local AWS, behind one lock: a request sees either all or nothing of another one.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) blobs: Blobs,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) options: Options,
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    /// Whether the state has changed since it was last saved.
    pub(crate) dirty: bool,
}

impl World {
    pub(crate) fn now(&self) -> i64 {
        self.options.clock.now()
    }

    /// Moves stacks, builds, executions and connections on by one step.
    pub(crate) fn tick(&mut self) {
        if services::tick(self) {
            self.dirty = true;
        }
    }

    /// `host/name` under which the image repository `name` is addressed.
    pub(crate) fn repository_uri(&self, account: &str, region: &str, name: &str) -> String {
        format!("{}/{name}", self.registry_host(account, region))
    }

    /// The registry's host name, with the port if it is loopback.
    pub(crate) fn registry_host(&self, account: &str, region: &str) -> String {
        match self.options.registry_names {
            RegistryNames::Aws => {
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                format!("{account}.dkr.ecr.{region}.{suffix}")
            }
            RegistryNames::Loopback => {
                self.endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned()
            }
        }
    }
}
