//! `cargo xtask bench build`: one process against the way that Copilot's buildspecs go, in one run on one machine.
//!
//! The old way is a model, and a kind one: for each workload in each environment a log-in, a build, two pushes and the zips of
//! all functions of the type, sent whether they are there or not; then a process of this program that renders one stack, and
//! that asks AWS less than Copilot does. Layers are cached by the daemon as they would be on a warm build machine.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use copilot_artifact::aws::{EcrRegistry, S3Store};
use copilot_artifact::{Location, ObjectStore as _, Registry as _};
use copilot_deployer::{Endpoint, Session, SessionOptions};
use copilot_functions::Stack;
use copilot_local_aws::Application;

use super::build;
use crate::Folder;
use crate::support::daemon::Daemon;
use crate::support::{Cloud, command, done, say};

const WORKLOADS: usize = 6;
const ENVIRONMENTS: [&str; 3] = ["test", "beta", "prod"];
/// Calls that Copilot makes for six load balanced services in three environments, by its own source.
const COPILOT_CALLS: usize = 432;

/// Lines of 60 bytes in the build context of each service. An unoptimised program takes long to hash what docker sends quickly,
/// so there is little of it.
const LINES: usize = 2_000;

/// What a way cost.
#[derive(Debug, Default)]
struct Cost {
    wall: Duration,
    builds: usize,
    pushes: usize,
    uploads: usize,
    calls: usize,
}

#[test]
#[ignore = "a benchmark: cargo xtask bench build"]
fn one_process_against_many() {
    let Some(daemon) = Daemon::start() else { return };
    let (old, new) = (World::new(&daemon, "old"), World::new(&daemon, "new"));
    let (old_cold, new_cold) = (old.old_way(1), new.new_way());
    let (old_warm, new_warm) = (old.old_way(2), new.new_way());
    say(&format!(
        "\n{WORKLOADS} load balanced services in {} environments of one region, the same machine, daemon and local AWS\n\
         old way: for each of the {} pairs docker login, build, push twice, all zips sent, one stack rendered by one process\n",
        ENVIRONMENTS.len(),
        WORKLOADS * ENVIRONMENTS.len()
    ));
    if cfg!(debug_assertions) {
        say("the program is an unoptimised one in both ways\n");
    }
    say("                     wall time    builds   pushes  uploads  AWS calls");
    for (name, cost) in [
        ("old, cold", &old_cold),
        ("new, cold", &new_cold),
        ("old, unchanged", &old_warm),
        ("new, unchanged", &new_warm),
    ] {
        say(&format!(
            "  {name:16} {:9.2} s {:9} {:8} {:8} {:10}",
            cost.wall.as_secs_f64(),
            cost.builds,
            cost.pushes,
            cost.uploads,
            cost.calls
        ));
    }
    let ratio = |old: &Cost, new: &Cost| old.wall.as_secs_f64() / new.wall.as_secs_f64();
    let (cold, warm) = (ratio(&old_cold, &new_cold), ratio(&old_warm, &new_warm));
    say(&format!(
        "\n  {cold:.1} times as fast cold (promised: 4), {warm:.1} times unchanged (promised: 10)\n  Copilot itself would make {COPILOT_CALLS} calls"
    ));
    assert_eq!((new_cold.builds, new_warm.builds, new_warm.uploads), (WORKLOADS, 0, 0));
    assert!(new_cold.calls * 10 <= COPILOT_CALLS, "a tenth of Copilot's calls");
    assert!(cold >= 4.0 && warm >= 10.0, "the figures are below the promise");
}

/// A workspace with its own application, which shares no content with another one.
struct World<'a> {
    daemon: &'a Daemon,
    cloud: Cloud,
    folder: Folder,
}

impl<'a> World<'a> {
    fn new(daemon: &'a Daemon, seed: &str) -> Self {
        let folder = Folder::new();
        let mut application = Application::new("bench", "123456789012", "us-west-2");
        folder.write("copilot/.workspace", "application: bench\n");
        for index in 0..WORKLOADS {
            let name = format!("service-{index}");
            folder.write(&format!("copilot/{name}/manifest.yml"), format!("name: {name}\ntype: Load Balanced Web Service\nimage:\n  build: {name}/Dockerfile\n  port: 8080\nhttp:\n  path: /{name}\n"));
            folder.write(&format!("{name}/Dockerfile"), "FROM scratch\nCOPY . /app\n");
            folder
                .write(&format!("{name}/data"), format!("{seed} {name} {}\n", "x".repeat(40)).repeat(LINES));
            application = application.workload(&name, "Load Balanced Web Service");
        }
        let mut pipeline = "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: main\n    repository: https://github.com/bench/bench\nstages:\n".to_owned();
        for environment in ENVIRONMENTS {
            pipeline.push_str("  - name: ");
            pipeline.push_str(environment);
            pipeline.push('\n');
            application = application.environment(environment, "us-west-2");
        }
        folder.write("copilot/pipelines/main/manifest.yml", pipeline);
        Self { daemon, cloud: Cloud::with(&application), folder }
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.cloud.variables().into_iter().chain(self.daemon.variables()).collect()
    }

    fn new_way(&self) -> Cost {
        self.cloud.aws.reset_calls();
        let started = Instant::now();
        let client = self.daemon.client.to_str().unwrap();
        let (done, report) = build(&self.folder, &["--tag", "t", "--engine", client], &self.variables());
        let wall = started.elapsed();
        assert_eq!(done.code, 0, "{}", done.stderr);
        let count = |name: &str| usize::try_from(report["counts"][name].as_u64().unwrap()).unwrap();
        Cost {
            wall,
            builds: count("builds"),
            pushes: count("pushes"),
            uploads: count("uploads"),
            calls: self.cloud.calls(),
        }
    }

    fn old_way(&self, run: usize) -> Cost {
        self.cloud.aws.reset_calls();
        let started = Instant::now();
        let mut cost = Cost::default();
        for environment in ENVIRONMENTS {
            for index in 0..WORKLOADS {
                self.pair(&format!("service-{index}"), environment, run, &mut cost);
            }
        }
        Cost { wall: started.elapsed(), calls: self.cloud.calls(), ..cost }
    }

    /// What the old way does for a workload in an environment.
    fn pair(&self, workload: &str, environment: &str, run: usize, cost: &mut Cost) {
        let host = self.cloud.aws.endpoint().trim_start_matches("http://").to_owned();
        let uri = format!("{host}/bench/{workload}");
        let tags = [format!("{uri}:latest"), format!("{uri}:{run}-{environment}")];
        self.login(&host);
        let context = self.folder.path.join(workload);
        let file = context.join("Dockerfile");
        self.docker(&["build", "-t", &tags[0], "-t", &tags[1], context.as_str(), "-f", file.as_str()]);
        for tag in &tags {
            self.docker(&["push", tag]);
        }
        cost.builds += 1;
        cost.pushes += tags.len();
        cost.uploads += self.zips();
        let arguments =
            ["svc", "package", "-n", workload, "-e", environment, "--output-dir", "infrastructure"];
        let rendered = done(command(&self.folder.path, &arguments, &self.variables()).spawn().unwrap());
        assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    }

    fn docker(&self, arguments: &[&str]) {
        let output = self.daemon.docker(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn session(&self) -> (tokio::runtime::Runtime, Session) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let keys = Some(("local".to_owned(), "local".to_owned()));
        let endpoint = Some(Endpoint { url: self.cloud.aws.endpoint().to_owned(), keys });
        let options =
            SessionOptions { region: Some("us-west-2".into()), endpoint, ..SessionOptions::default() };
        let session = runtime.block_on(Session::load(options)).unwrap();
        (runtime, session)
    }

    fn login(&self, host: &str) {
        let (runtime, session) = self.session();
        let credentials =
            runtime.block_on(EcrRegistry::new(session.config()).credentials(host)).unwrap().unwrap();
        let mut login = Command::new(&self.daemon.client);
        login
            .args(["login", "-u", &credentials.user, "--password-stdin", host])
            .envs(self.daemon.variables());
        let mut child =
            login.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(credentials.password.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Sends the zips of all functions, and says how many there are.
    fn zips(&self) -> usize {
        let (runtime, session) = self.session();
        let store = S3Store::new(session.config());
        let bucket = self.cloud.aws.with_state(|state| state.buckets()[0].to_owned());
        let functions = Stack::LoadBalancedWebService.functions();
        for resource in functions {
            let at = Location { region: "us-west-2".into(), bucket: bucket.clone(), key: resource.key() };
            let zip = resource.function.zip();
            let sum = copilot_artifact::s3_checksum(&copilot_artifact::sha256_hex(&zip));
            runtime.block_on(store.put(&at, "application/zip", &sum, zip.into())).unwrap();
        }
        functions.len()
    }
}
