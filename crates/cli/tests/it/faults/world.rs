//! An application, a workspace, and somebody who deploys.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use copilot_local_aws::{Application, Handshake, LocalAws, Options, Pace, StackView};

use super::plan::Plan;
use crate::{Done, Folder, with};

pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const REGION: &str = "us-west-2";
/// Must not be seen anywhere.
pub(super) const SECRET: &str = "canary-of-a-secret-access-key";
pub(super) const STACK: &str = "pipeline-shop-release";

const MANIFEST: &str = "name: release
version: 1
source:
  provider: GitHub
  properties:
    branch: main
    repository: https://github.com/shop-example/shop
stages:
  - name: test
";

pub(super) struct World {
    pub(super) aws: LocalAws,
    pub(super) folder: Folder,
    /// Keeps the server answering.
    _runtime: tokio::runtime::Runtime,
    /// The command that deploys.
    arguments: &'static [&'static str],
}

impl World {
    pub(super) fn new(plan: &Plan) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = Options {
            pace: Pace::Every(Duration::from_millis(2)),
            handshake: Handshake::AfterTicks(40),
            seed: plan.seed,
            ..Options::default()
        };
        let aws = runtime.block_on(LocalAws::start(options)).unwrap();
        let mut application = Application::new("shop", ACCOUNT, REGION)
            .environment("test", if plan.bucket { REGION } else { "eu-west-1" })
            .workload("api", "Backend Service");
        application.bucket_in_own_region = plan.bucket;
        aws.create_application(&application).unwrap();
        let folder = Folder::workspace();
        folder.write("copilot/pipelines/release/manifest.yml", MANIFEST);
        folder.write("copilot/pipelines/release/buildspec.yml", "version: 0.2\nphases: {}\n");
        let world = Self::of(aws, folder, runtime, &ARGUMENTS);
        if plan.update {
            let done = world.deploy();
            assert_eq!(done.code, 0, "{done:?}");
            let changed = format!("{MANIFEST}    requires_approval: true\n");
            world.folder.write("copilot/pipelines/release/manifest.yml", changed);
        }
        world
    }

    pub(super) const fn of(
        aws: LocalAws,
        folder: Folder,
        runtime: tokio::runtime::Runtime,
        arguments: &'static [&'static str],
    ) -> Self {
        Self { aws, folder, _runtime: runtime, arguments }
    }

    pub(super) fn spoil(&self, plan: &Plan) {
        self.aws.reset_calls();
        for fault in &plan.faults {
            self.aws.inject(fault.clone());
        }
        if let Some(resource) = &plan.resource {
            self.aws.inject_resource(resource.clone());
        }
    }

    pub(super) fn clear(&self) {
        self.aws.clear_faults();
    }

    fn variables(&self) -> BTreeMap<String, String> {
        [
            ("AWS_ENDPOINT_URL", self.aws.endpoint()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", REGION),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    pub(super) fn deploy(&self) -> Done {
        with(&self.folder.path, self.arguments, self.variables(), None)
    }

    /// Starts the program and kills it when it has made so many calls; whether it was still running.
    pub(super) fn deploy_and_kill(&self, calls: usize) -> (bool, Done) {
        let output = |name: &str| std::fs::File::create(self.folder.path.join(name)).unwrap();
        let mut child = Command::new(crate::program())
            .args(self.arguments)
            .envs(self.variables())
            .current_dir(&self.folder.path)
            .stdin(Stdio::null())
            .stdout(output(".stdout"))
            .stderr(output(".stderr"))
            .spawn()
            .unwrap();
        let limit = Instant::now() + Duration::from_mins(2);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if self.aws.calls().total() >= calls || Instant::now() > limit {
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let done = Done {
            code: status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX),
            stdout: self.folder.read(".stdout"),
            stderr: self.folder.read(".stderr"),
        };
        (status.code().is_none(), done)
    }

    /// All stacks of the account in both regions, by region and name.
    pub(super) fn stacks(&self) -> BTreeMap<String, StackView> {
        self.aws.with_state(|state| {
            let mut all = BTreeMap::new();
            for name in [REGION, "eu-west-1"] {
                let region = state.region(ACCOUNT, name);
                for stack in region.stacks() {
                    all.extend(region.stack(&stack).map(|view| (format!("{name}/{stack}"), view)));
                }
            }
            all
        })
    }
}

const ARGUMENTS: [&str; 3] = ["deploy", "--yes", "--wait"];
