//! How a local AWS is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use camino::Utf8PathBuf;

use super::time::Clock;
use crate::services::codebuild::Builder;
use crate::services::ecs::Engine;

/// When the world moves on: stacks, builds and executions advance by one step per tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// A tick each time this much time has passed. The ticks are taken when somebody next looks, also in another process
    /// that carries on from the same state directory.
    Every(Duration),
    /// A tick before each request: polling makes progress, and nothing depends on the machine's speed.
    PerRequest,
    /// Only when [`crate::LocalAws::tick`] is called.
    Manual,
}

/// When a new connection to a source provider becomes `AVAILABLE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// When someone calls [`crate::State::authorize_connection`], as a person does in the console.
    Manual,
    /// By itself after so many ticks.
    AfterTicks(u32),
}

/// How repositories of the registry are addressed in the answers of the ECR API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryNames {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, as on AWS: the name has to be mapped to loopback for a push.
    Aws,
    /// `127.0.0.1:PORT/NAME`: can be pushed to as it is.
    Loopback,
}

/// Settings of a [`crate::LocalAws`].
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the state is kept; in memory only without one.
    pub state_dir: Option<Utf8PathBuf>,
    /// Address to listen on; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Further addresses to listen on, for example port 80 of a loopback address that a registry's name points to.
    pub more_addrs: Vec<SocketAddr>,
    /// The account whose credentials callers have unless they say otherwise (12 digits).
    pub account_id: String,
    /// The region of requests that do not name one.
    pub region: String,
    /// Where time comes from.
    pub clock: Clock,
    /// When things progress.
    pub pace: Pace,
    /// When connections become usable.
    pub handshake: Handshake,
    /// How image repositories are addressed.
    pub registry_names: RegistryNames,
    /// The access key with which requests have to be signed; with none, any key will do, one of 12 digits being that of the
    /// account. Signatures themselves are not checked, so the key is what is to be kept secret.
    pub access_key: Option<String>,
    /// Does builds; without it they go through their phases and make nothing.
    pub builder: Option<Builder>,
    /// Node.js, which then runs the functions behind custom resources of Copilot's stacks, as far as they need nothing that is
    /// not there. Without it, what they do is done without running them. Events of custom resources say which of the two it
    /// was.
    pub node: Option<Utf8PathBuf>,
    /// Runs the containers of ECS tasks. Without it, tasks are only pretended, which each of them says.
    pub engine: Option<Engine>,
    /// Steps in a minute, for what is given in minutes: bake times of deployments, and how long is waited for something.
    pub minute: u32,
    /// Seed of all made-up names and of the dice of random faults.
    pub seed: u64,
}

impl Default for Options {
    /// A free port of loopback, account 123456789012 in us-west-2, a tick every 20 ms, five ticks in a minute, nothing on disk,
    /// any access key.
    fn default() -> Self {
        Self {
            state_dir: None,
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            more_addrs: Vec::new(),
            account_id: "123456789012".into(),
            region: "us-west-2".into(),
            clock: Clock::system(),
            pace: Pace::Every(Duration::from_millis(20)),
            handshake: Handshake::Manual,
            registry_names: RegistryNames::Aws,
            access_key: None,
            builder: None,
            node: None,
            engine: None,
            minute: 5,
            seed: 1,
        }
    }
}
