//! What an engine on the command line can do wrong, and what the user reads then.

use std::sync::Arc;
use std::time::Duration;

use copilot_artifact::{
    Backends, BuildSecret, CliEngine, EngineKind, Error, Event, ImageSink, Options, Plan, Report,
    SecretSource, execute,
};

use crate::support::fake_docker::FakeDocker;
use crate::support::memory::World;
use crate::support::{context, image, options};

struct Stage {
    dir: tempfile::TempDir,
    docker: FakeDocker,
    options: Options,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        context(&dir.path().join("api"));
        Self { docker: FakeDocker::new(dir.path()), options: options(dir.path()), dir }
    }

    fn plan(&self) -> Plan {
        let mut plan = Plan::new();
        plan.image(image(&self.dir.path().join("api"), "api", "test", "west/app/api"));
        plan
    }

    async fn run_with(&self, engine: CliEngine, plan: &Plan) -> Result<Report, Error> {
        let images = ImageSink::Registry { engine: Arc::new(engine), registry: World::new() };
        let backends = Backends { images, objects: None };
        let run = execute(plan, &backends, &self.options);
        let result = tokio::time::timeout(Duration::from_mins(1), run).await.unwrap();
        result.map_err(|failure| failure.error)
    }

    async fn run(&self) -> Result<Report, Error> {
        self.run_with(self.docker.engine(), &self.plan()).await
    }

    /// What the user reads, without paths of this machine and hashes.
    async fn reads(&self) -> String {
        told(&self.run().await.unwrap_err(), self.dir.path())
    }
}

fn told(error: &Error, dir: &std::path::Path) -> String {
    let text = format!("{error}\nhelp: {}", error.help().unwrap_or_else(|| "none".into()));
    let text = text.replace(&dir.display().to_string(), "[dir]");
    regex::Regex::new("cp-[0-9a-f]{40}").unwrap().replace_all(&text, "cp-[hash]").into_owned()
}

#[tokio::test]
async fn the_happy_path() {
    let stage = Stage::new();
    let report = stage.run().await.unwrap();
    assert!(report.images[0].reference().starts_with("west/app/api@sha256:"));
    let calls = stage.docker.read("calls");
    let calls = calls.replace(&stage.dir.path().display().to_string(), "[dir]");
    let calls = regex::Regex::new("cp-[0-9a-f]{40}").unwrap().replace_all(&calls, "cp-[hash]");
    insta::assert_snapshot!(calls);
    assert_eq!(stage.docker.read("stdin"), "secret");
}

#[tokio::test]
async fn docker_is_missing() {
    let stage = Stage::new();
    std::fs::remove_file(stage.docker.path("docker")).unwrap();
    insta::assert_snapshot!(stage.reads().await, @r"
    `[dir]/fake-docker/docker` was not found
    help: install `[dir]/fake-docker/docker`, or name another engine (docker, podman or finch); in CodeBuild, use a standard image
    ");
}

#[tokio::test]
async fn the_daemon_is_down() {
    let stage = Stage::new();
    let says =
        "{\"ID\":\"\",\"OSType\":\"\"}\nCannot connect to the Docker daemon at unix:///var/run/docker.sock.";
    stage.docker.fail("info", says);
    insta::assert_snapshot!(stage.reads().await, @r"
    `[dir]/fake-docker/docker` is installed but does not answer: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.
    help: start the daemon of `[dir]/fake-docker/docker` and try `[dir]/fake-docker/docker info`; a CodeBuild project needs privileged mode
    ");
    stage.docker.write("info", r#"{"ServerErrors":["no such host"]}"#);
    assert!(stage.reads().await.contains("does not answer: no such host"));
}

#[tokio::test]
async fn the_engine_says_something_odd() {
    let stage = Stage::new();
    stage.docker.write("info", r#"{"Hello": 1}"#);
    assert!(matches!(stage.run().await, Err(Error::EngineAnswer { command: "info", .. })));
}

#[tokio::test]
async fn the_dockerfile_is_missing() {
    let stage = Stage::new();
    std::fs::remove_file(stage.dir.path().join("api/Dockerfile")).unwrap();
    insta::assert_snapshot!(stage.reads().await, @r"
    image `api` has no Dockerfile at `[dir]/api/Dockerfile`
    help: correct `image.build` in the manifest: the path is relative to the root of the workspace
    ");
    assert_eq!(stage.docker.calls("build"), 0);
}

#[tokio::test]
async fn the_build_fails() {
    let stage = Stage::new();
    let says = "#5 [2/3] RUN make\n#5 0.12 cc -c x.c\n#5 0.34 x.c:1: error: no\n#6 [other] RUN y\n#6 CANCELED\n\
                #5 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n------\n";
    stage.docker.fail("build", says);
    insta::assert_snapshot!(stage.reads().await, @r#"
    the build of image `api` failed at `[2/3] RUN make`
      cc -c x.c
      x.c:1: error: no
      process "/bin/sh -c make" did not complete successfully: exit code: 2
    help: none
    "#);
    assert_eq!(stage.docker.calls("build"), 1, "a build is not retried");
    stage.docker.fail("build", "Step 2/2 : RUN ./tool\nexec ./tool: exec format error\n");
    assert!(stage.reads().await.contains("help: the image is for another processor"));
}

#[tokio::test]
async fn the_disk_is_full() {
    let stage = Stage::new();
    stage.docker.fail("build", "#5 ERROR: write /var/lib/docker/x: no space left on device\n");
    insta::assert_snapshot!(stage.reads().await, @r"
    the disk is full: #5 ERROR: write /var/lib/docker/x: no space left on device
    help: free some space (`docker system prune` removes unused images) or use a larger build machine
    ");
}

#[tokio::test]
async fn the_registry_refuses() {
    let stage = Stage::new();
    stage
        .docker
        .fail("push", "denied: User: arn:aws:sts::1:role is not authorised to perform ecr:PutImage\n");
    insta::assert_snapshot!(stage.reads().await, @r"
    the registry refuses `west/app/api:cp-[hash]`: denied: User: arn:aws:sts::1:role is not authorised to perform ecr:PutImage
    help: check the ECR permissions of the role and the policy of the repository
    ");
    assert_eq!(stage.docker.calls("push"), 1, "a refusal is not retried");
    stage
        .docker
        .fail("push", "name unknown: The repository with name 'app/api' does not exist in the registry\n");
    assert!(stage.reads().await.starts_with("repository `west/app/api` does not exist"));
    stage.docker.fail("login", "Error response from daemon: login attempt failed with status: 400 denied\n");
    assert!(stage.reads().await.starts_with("registry `west` refuses to log in"));
}

#[tokio::test]
async fn the_token_expires_in_the_middle() {
    let stage = Stage::new();
    stage
        .docker
        .fail("push", "denied: Your authorization token has expired. Reauthenticate and try again.\n");
    let report = stage.run().await.unwrap();
    assert_eq!(report.counts.logins, 2);
    assert_eq!(stage.docker.calls("login"), 2);
    assert_eq!(stage.docker.calls("push"), 2);
}

#[tokio::test]
async fn the_connection_breaks() {
    let stage = Stage::new();
    for _ in 0..2 {
        stage.docker.fail("push", "write tcp 10.0.0.1:1->10.0.0.2:443: connection reset by peer\n");
    }
    stage.run().await.unwrap();
    assert_eq!(stage.docker.calls("push"), 3);
}

#[tokio::test]
async fn control_c_ends_the_builds_children() {
    let mut stage = Stage::new();
    stage.docker.write("hang", "");
    let (cancel, hanging) = (stage.options.cancel.clone(), stage.docker.path("hanging"));
    tokio::spawn(async move {
        while !hanging.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        cancel.cancel();
    });
    insta::assert_snapshot!(stage.reads().await, @r"
    cancelled
    help: run it again: what was built, pushed and uploaded is found and kept
    ");
    let child = stage.docker.read("child");
    let status = std::path::PathBuf::from(format!("/proc/{}/stat", child.trim()));
    for _ in 0..100 {
        match std::fs::read_to_string(&status) {
            Ok(text) if !text.contains(") Z ") => tokio::time::sleep(Duration::from_millis(20)).await,
            _ => break,
        }
    }
    assert!(!std::fs::read_to_string(&status).is_ok_and(|text| !text.contains(") Z ")), "{child} still runs");

    std::fs::remove_file(stage.docker.path("hang")).unwrap();
    stage.options = options(stage.dir.path());
    assert_eq!(stage.run().await.unwrap().images.len(), 1, "a second run is not in the way of the first");
}

#[tokio::test]
async fn a_secret_reaches_the_build_and_nothing_else() {
    let mut stage = Stage::new();
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    stage.options.observer = Some(std::sync::Arc::new(move |event| drop(sender.send(event))));
    let mut plan = Plan::new();
    let mut request = stage.plan().images()[0].clone();
    request.build.secrets =
        vec![BuildSecret { id: "npm".into(), source: SecretSource::Value("hunter2".into()) }];
    plan.image(request);
    stage.run_with(stage.docker.engine(), &plan).await.unwrap();
    let mut lines = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Building { line, .. } = event {
            lines.push(line);
        }
    }
    assert!(lines.contains(&"the secret is ***".to_owned()), "{lines:?}");
    assert!(!stage.docker.read("calls").contains("hunter2"));

    let old = stage.docker.engine().buildkit(Some(false));
    assert!(matches!(stage.run_with(old, &plan).await, Err(Error::BuildKitNeeded { .. })));
}

#[tokio::test]
async fn buildkit_is_used_where_the_client_has_it() {
    for (version, expected) in [("20.10.24+dfsg1", "buildkit=1"), ("28.2.2", "buildkit=0")] {
        let stage = Stage::new();
        stage.docker.write("version", version);
        stage.run().await.unwrap();
        let calls = stage.docker.read("calls");
        assert!(calls.contains(expected), "{version}: {calls}");
        assert_eq!(calls.contains("--progress plain"), expected == "buildkit=1", "{version}");
    }
}

#[tokio::test]
async fn podman_tells_its_system_in_its_own_way() {
    let stage = Stage::new();
    stage.docker.write("info", r#"{"host":{"os":"linux","arch":"arm64"}}"#);
    let engine = CliEngine::new(EngineKind::Podman, stage.docker.path("docker"));
    stage.run_with(engine, &stage.plan()).await.unwrap();
    assert!(stage.docker.read("calls").contains("--format docker"));
}
