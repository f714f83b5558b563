//! Reaching AWS: which region and profile, or a local AWS instead; and running what is asynchronous.

use std::future::Future;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_local_aws::{LocalAws, Options};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::failure::Failure;
use crate::io::Io;

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
    runtime: Runtime,
    session: Session,
    local: Option<LocalAws>,
}

impl Aws {
    /// Reads the AWS configuration, or starts the local AWS. Nothing is asked of AWS yet.
    pub(crate) fn open(access: &Access, io: &Io<'_>) -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("can't start threads: {error}")))?;
        let local =
            access.local.as_ref().map(|folder| runtime.block_on(start_local(folder, io))).transpose()?;
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
        let fallback = local.as_ref().map(|_| Options::default().region);
        let region = access.region.clone().or_else(|| variable("AWS_REGION")).or(fallback);
        let options = SessionOptions { region, profile: access.profile.clone(), endpoint };
        let session = runtime.block_on(Session::load(options))?;
        Ok(Self { runtime, session, local })
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The local AWS, if that is what this session talks to.
    pub(crate) fn local(&self) -> Option<&LocalAws> {
        self.local.as_ref()
    }

    /// Waits for an answer.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Runs `work`, which sends events, and lets `show` see each event as it comes, and `None` every tenth of a second.
    pub(crate) fn follow<E, T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(UnboundedSender<E>) -> F,
        mut show: impl FnMut(Option<E>),
    ) -> T {
        let (sender, mut events) = unbounded_channel();
        let result = self.runtime.block_on(async {
            let work = work(sender);
            tokio::pin!(work);
            let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    Some(event) = events.recv() => show(Some(event)),
                    result = &mut work => break result,
                    _ = ticks.tick() => show(None),
                }
            }
        });
        drain(&mut events, show);
        result
    }

    /// Stops the local AWS, if there is one, and says whether its state could be saved.
    pub(crate) fn close(self) -> Result<(), Failure> {
        let Some(local) = self.local else { return Ok(()) };
        self.runtime
            .block_on(local.stop())
            .map_err(|error| Failure::new(format!("can't save the state of the local AWS: {error}")))
    }
}

/// What was sent right before the work ended.
fn drain<E>(events: &mut UnboundedReceiver<E>, mut show: impl FnMut(Option<E>)) {
    while let Ok(event) = events.try_recv() {
        show(Some(event));
    }
}

async fn start_local(folder: &Utf8PathBuf, io: &Io<'_>) -> Result<LocalAws, Failure> {
    let options = Options { state_dir: Some(io.folder().join(folder)), ..Options::default() };
    LocalAws::start(options)
        .await
        .map_err(|error| Failure::new(format!("can't start the local AWS in `{folder}`: {error}")))
}
