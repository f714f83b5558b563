//! Container engines: docker, podman and finch.

mod args;
mod cli;
mod output;
mod runner;

use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::{BuildSpec, Cancel, Credentials, Error};

pub use args::{BuildArgs, build_args};
pub use cli::{CliEngine, EngineKind, detect};

/// Takes the lines that an engine writes while it works.
pub type LineSink = Arc<dyn Fn(&str) + Send + Sync>;

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Operating system that it builds for, such as `linux`.
    pub os: String,
    /// Its architecture in Go's words, such as `amd64`.
    pub arch: String,
    /// True if it builds with BuildKit.
    pub buildkit: bool,
}

impl EngineInfo {
    /// `os/arch`.
    pub fn platform(&self) -> String {
        format!("{}/{}", self.os, self.arch)
    }
}

/// A build: what goes in, and the names that the image gets.
#[derive(Debug, Clone)]
pub struct BuildRequest<'a> {
    /// The image, for messages.
    pub image: &'a str,
    /// What goes in.
    pub spec: &'a BuildSpec,
    /// References that the image gets, in order.
    pub names: &'a [String],
}

/// Where a call reports its lines, and what stops it.
#[derive(Clone)]
pub struct Call {
    /// Takes the lines.
    pub lines: LineSink,
    /// Stops the call; the engine's processes are ended before it returns.
    pub cancel: Cancel,
}

impl Call {
    /// A call whose lines nobody reads.
    pub fn quiet(cancel: Cancel) -> Self {
        Self { lines: Arc::new(|_| ()), cancel }
    }
}

/// What image publishing needs from a container engine. A call is tried once; retries are the caller's business.
pub trait Engine: Send + Sync {
    /// What the engine is called, for messages.
    fn name(&self) -> &str;

    /// Asks the engine what it is: [`Error::EngineMissing`] and [`Error::EngineDown`] tell it is not there.
    fn check<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<EngineInfo, Error>>;

    /// True if the engine gets its credentials for a registry itself.
    fn logs_in_by_itself(&self, host: &str) -> bool;

    /// Logs in to a registry. The password goes through standard input.
    fn login<'a>(
        &'a self,
        host: &'a str,
        credentials: &'a Credentials,
        call: &'a Call,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Builds an image.
    fn build<'a>(&'a self, request: BuildRequest<'a>, call: &'a Call) -> BoxFuture<'a, Result<(), Error>>;

    /// Gives an image another name.
    fn tag<'a>(&'a self, image: &'a str, name: &'a str, call: &'a Call) -> BoxFuture<'a, Result<(), Error>>;

    /// Fetches an image.
    fn pull<'a>(&'a self, reference: &'a str, call: &'a Call) -> BoxFuture<'a, Result<(), Error>>;

    /// Pushes an image and returns the digest (`sha256:…`) of its manifest, if the engine tells it.
    fn push<'a>(&'a self, reference: &'a str, call: &'a Call)
    -> BoxFuture<'a, Result<Option<String>, Error>>;

    /// The id of a local image (`sha256:…`), or `None` if there is no such image.
    fn image_id<'a>(&'a self, image: &'a str, call: &'a Call)
    -> BoxFuture<'a, Result<Option<String>, Error>>;

    /// Writes an image to a file, in the format of `docker save`.
    fn save<'a>(&'a self, image: &'a str, file: &'a Path, call: &'a Call)
    -> BoxFuture<'a, Result<(), Error>>;
}

/// The platform that an engine on this machine most likely builds for, as `linux/arch`.
pub fn host_platform() -> String {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("linux/{arch}")
}
