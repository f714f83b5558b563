//! A workspace, and a local AWS with its application.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_engine::{Cancel, Cloud, Event, Happening, Host, Project};
use copilot_local_aws::{Application, Handshake, LocalAws, Options, Pace};

pub(crate) const REGION: &str = "us-west-2";
pub(crate) const ACCOUNT: &str = "123456789012";

/// A workspace in a folder of its own.
pub(crate) struct Workspace {
    _guard: tempfile::TempDir,
    pub(crate) root: Utf8PathBuf,
}

impl Workspace {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap().canonicalize_utf8().unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        Self { _guard: guard, root }
    }

    pub(crate) fn project(&self) -> Project {
        Project::open(&self.root, BTreeMap::new()).unwrap()
    }
}

/// A service and a pipeline that deploys it to one environment.
pub(crate) fn shop() -> Workspace {
    Workspace::with(&[
        ("copilot/.workspace", "application: shop\n"),
        (
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage: {location: nginx}\ncpu: 256\nmemory: 512\ncount: 1\n",
        ),
        ("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n"),
        (
            "copilot/pipelines/main/manifest.yml",
            "name: main\nversion: 1\nsource:\n  provider: CodeCommit\n  properties:\n    branch: main\n    repository: https://us-west-2.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse\nstages:\n  - name: test\n",
        ),
        ("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands: [make]\n"),
    ])
}

/// A local AWS with the application of [`shop`].
pub(crate) async fn aws() -> (LocalAws, Cloud) {
    let options =
        Options { pace: Pace::PerRequest, handshake: Handshake::AfterTicks(3), ..Options::default() };
    let aws = LocalAws::start(options).await.unwrap();
    let application = Application::new("shop", ACCOUNT, REGION)
        .environment("test", REGION)
        .workload("api", "Backend Service");
    aws.create_application(&application).unwrap();
    let keys = Some(("test".to_owned(), "test".to_owned()));
    let endpoint = Some(Endpoint { url: aws.endpoint().to_owned(), keys });
    let options = SessionOptions { region: Some(REGION.to_owned()), endpoint, ..SessionOptions::default() };
    let session = Session::load(options).await.unwrap();
    let cloud = Cloud::new(session).with_interval(Some(Duration::from_millis(1))).simulated(true);
    (aws, cloud)
}

/// A host that keeps what it hears, and can be stopped by what it hears.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) events: Mutex<Vec<Happening>>,
    cancel: Cancel,
    stops_at: Option<fn(&Happening) -> bool>,
}

impl Heard {
    pub(crate) fn stopped_at(stops_at: fn(&Happening) -> bool) -> Self {
        Self { stops_at: Some(stops_at), ..Self::default() }
    }
}

impl Host for Heard {
    fn event(&self, event: Event) {
        if self.stops_at.is_some_and(|stops| stops(&event.what)) {
            self.cancel.cancel();
        }
        self.events.lock().unwrap().push(event.what);
    }

    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn run_id(&self) -> String {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        format!("run-{}", RUNS.fetch_add(1, Ordering::Relaxed))
    }
}
