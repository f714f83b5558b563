//! Reaching AWS: which region and profile, or a local AWS instead; and running what is asynchronous.

use std::future::Future;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_local_aws::LocalAws;
use tokio::sync::mpsc::UnboundedSender;

use crate::failure::Failure;
use crate::io::Io;
use crate::local;
use crate::threads::Threads;

/// Where AWS is. Every command takes these; those that need no AWS ignore them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub(crate) struct Access {
    /// Region of the application: that of the AWS configuration.
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// Profile of the AWS configuration.
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Uses a local AWS for trying things out, which keeps its state in this folder. Before the command, because `--local`
    /// after `ls` and `show` means the workspace.
    #[arg(id = "local_aws", long = "local", value_name = "DIR")]
    pub(crate) local: Option<Utf8PathBuf>,
}

/// A session with AWS, and the threads on which its calls are made.
pub(crate) struct Aws {
    threads: Threads,
    session: Session,
    local: Option<LocalAws>,
    /// Host and port of what is there instead of AWS.
    registry: Option<String>,
}

impl Aws {
    /// Reads the AWS configuration, or starts the local AWS. Nothing is asked of AWS yet.
    pub(crate) fn open(access: &Access, io: &Io<'_>) -> Result<Self, Failure> {
        let threads = Threads::start()?;
        let local = access.local.as_ref().map(|folder| threads.wait(local::start(folder, io))).transpose()?;
        let variable = |name: &str| io.variables().get(name).filter(|value| !value.is_empty()).cloned();
        let endpoint = match &local {
            Some(local) => Some(Endpoint {
                url: local.endpoint().to_owned(),
                keys: Some(("local".to_owned(), "local".to_owned())),
            }),
            None => variable("AWS_ENDPOINT_URL").map(|url| Endpoint {
                url,
                keys: variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY")),
            }),
        };
        // A local AWS has nothing to do with the region that is set for AWS.
        let usual = || local.as_ref().map_or_else(|| variable("AWS_REGION"), |local| Some(local.region()));
        let region = access.region.clone().or_else(usual);
        let options = SessionOptions { region, profile: access.profile.clone(), endpoint };
        let registry = options.endpoint.as_ref().map(|endpoint| host_of(&endpoint.url).to_owned());
        let session = threads.wait(Session::load(options))?;
        Ok(Self { threads, session, local, registry })
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The local AWS, if that is what this session talks to.
    pub(crate) fn local(&self) -> Option<&LocalAws> {
        self.local.as_ref()
    }

    /// Host and port of the registry, where it is not that of ECR but a local one.
    pub(crate) fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The threads on which calls are made.
    pub(crate) fn threads(&self) -> &Threads {
        &self.threads
    }

    /// Waits for an answer.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.threads.wait(work)
    }

    /// Runs `work`, which sends events, and lets `show` see each event as it comes, and `None` every tenth of a second.
    pub(crate) fn follow<E, T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(UnboundedSender<E>) -> F,
        show: impl FnMut(Option<E>),
    ) -> T {
        self.threads.follow(work, show)
    }

    /// Stops the local AWS, if there is one, and says whether its state could be saved.
    pub(crate) fn close(self) -> Result<(), Failure> {
        let Some(local) = self.local else { return Ok(()) };
        self.threads
            .wait(local.stop())
            .map_err(|error| Failure::new(format!("can't save the state of the local AWS: {error}")))
    }
}

/// Host and port of a URL.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
