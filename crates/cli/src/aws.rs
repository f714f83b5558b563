//! Reaching AWS: which region and profile, or a local AWS instead; and running what is asynchronous.

use std::future::Future;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_engine::Cloud;
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
    /// Region of the application [default: from the AWS configuration].
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// Profile of the AWS configuration to use.
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Use a local AWS that keeps its state in DIR. Goes before the command, since `--local`
    /// after `ls` and `show` means the workspace.
    #[arg(id = "local_aws", long = "local", value_name = "DIR")]
    pub(crate) local: Option<Utf8PathBuf>,
}

/// Time between two questions to a local AWS.
const LOCAL_INTERVAL: Duration = Duration::from_millis(50);

/// A session with AWS, and the threads on which its calls are made.
pub(crate) struct Aws {
    threads: Threads,
    cloud: Cloud,
    local: Option<LocalAws>,
}

impl Access {
    /// The flags that lead to the same place again.
    pub(crate) fn repeated(&self) -> Vec<String> {
        let local = self.local.as_ref().map(ToString::to_string);
        let flags = [("--region", &self.region), ("--profile", &self.profile), ("--local", &local)];
        flags
            .into_iter()
            .filter_map(|(flag, value)| Some([flag.to_owned(), value.clone()?]))
            .flatten()
            .collect()
    }
}

impl Aws {
    /// Reads the AWS configuration, or starts the local AWS. Nothing is asked of AWS yet.
    pub(crate) fn open(access: &Access, io: &Io<'_>) -> Result<Self, Failure> {
        Self::open_within(access, None, io)
    }

    /// As [`Aws::open`]. A machine may be asked for its region, which takes no longer than this.
    pub(crate) fn open_within(
        access: &Access,
        limit: Option<Duration>,
        io: &Io<'_>,
    ) -> Result<Self, Failure> {
        let threads = Threads::start(io.interrupt())?;
        let local = access.local.as_ref();
        let local = local.map(|folder| threads.wait_or_end(local::start(folder, io))).transpose()?;
        let variable = |name: &str| io.variables().get(name).filter(|value| !value.is_empty()).cloned();
        let endpoint = match &local {
            Some(local) => Some(Endpoint {
                url: local.endpoint().to_owned(),
                keys: Some((local.access_key().unwrap_or_else(|| "local".to_owned()), "local".to_owned())),
            }),
            None => variable("AWS_ENDPOINT_URL").map(|url| Endpoint {
                url,
                keys: variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY")),
            }),
        };
        // A local AWS has nothing to do with the region that is set for AWS.
        let usual = || local.as_ref().map_or_else(|| variable("AWS_REGION"), |local| Some(local.region()));
        let region = access.region.clone().or_else(usual);
        let profile = match &endpoint {
            // Whoever brings keys along needs no profile.
            Some(Endpoint { keys: Some(_), .. }) => None,
            _ => access
                .profile
                .clone()
                .or_else(|| variable("AWS_PROFILE").filter(|_| variable("AWS_ACCESS_KEY_ID").is_none())),
        };
        let file = |name: &str, usual: &str| variable(name).unwrap_or_else(|| usual.to_owned());
        let config = file("AWS_CONFIG_FILE", "~/.aws/config");
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        let profile_files = format!("{config} and {credentials}");
        let options = SessionOptions { region, profile, profile_files, endpoint };
        let registry = options.endpoint.as_ref().map(|endpoint| host_of(&endpoint.url).to_owned());
        let session = threads.wait_or_end(within(limit, Session::load(options)))?;
        let near = registry.as_deref().is_some_and(|host| host.starts_with("127.0.0.1"));
        let cloud = Cloud::new(session)
            .with_registry(registry)
            .with_interval(near.then_some(LOCAL_INTERVAL))
            .simulated(local.is_some());
        Ok(Self { threads, cloud, local })
    }

    pub(crate) fn session(&self) -> &Session {
        self.cloud.session()
    }

    /// Where AWS is, for the engine.
    pub(crate) fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The local AWS, if that is what this session talks to.
    pub(crate) fn local(&self) -> Option<&LocalAws> {
        self.local.as_ref()
    }

    /// The threads on which calls are made.
    pub(crate) fn threads(&self) -> &Threads {
        &self.threads
    }

    /// Waits for an answer, or for Ctrl-C.
    pub(crate) fn wait<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        self.threads.wait_or_end(work)
    }

    /// As [`Aws::wait`], but no longer than this.
    pub(crate) fn wait_within<T, E: Into<Failure>>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        self.threads.wait_or_end(within(Some(limit), work))
    }

    /// Runs `work`, which sends events, and lets `show` see each event as it comes, and `None` every tenth of a second.
    /// Ctrl-C ends it.
    pub(crate) fn follow<V, T, E: Into<Failure>, F: Future<Output = Result<T, E>>>(
        &self,
        work: impl FnOnce(UnboundedSender<V>) -> F,
        show: impl FnMut(Option<V>),
    ) -> Result<T, Failure> {
        self.threads.follow(|events| self.threads.or_interrupted(work(events)), show)
    }

    /// Runs work of the engine, which ends by itself when somebody wants an end.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.threads.wait(work)
    }

    /// Stops the local AWS, if there is one, and says whether its state could be saved.
    pub(crate) fn close(self) -> Result<(), Failure> {
        let Some(local) = self.local else { return Ok(()) };
        self.threads
            .wait(local.stop())
            .map_err(|error| Failure::new(format!("can't save the state of the local AWS: {error}")))
    }
}

async fn within<T, E: Into<Failure>>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    let Some(limit) = limit else { return work.await.map_err(Into::into) };
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Failure::new(format!("no answer within {} seconds", limit.as_secs()))),
    }
}

/// Host and port of a URL.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
