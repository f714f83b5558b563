//! A real docker daemon and a real registry.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use copilot_artifact::execute::{ImageOutcome, Reuse};
use copilot_artifact::oci::OciLayout;
use copilot_artifact::{
    Backends, Cancel, Context, DockerIgnore, Error, ImageSink, LoopbackRegistry, Plan, Registry, execute,
};

use crate::support::daemon::Daemon;
use crate::support::{context, image, options, tree};

/// One daemon serves all: it takes seconds to start.
#[tokio::test]
async fn against_a_real_daemon() {
    let Some(daemon) = Daemon::start() else { return };
    publish_twice(&daemon).await;
    copy_between_repositories(&daemon).await;
    a_failing_build(&daemon).await;
    cancel_a_build(&daemon).await;
    a_registry_that_is_gone(&daemon).await;
    to_a_folder(&daemon).await;
    ignore_as_docker_does(&daemon);
}

fn backends(daemon: &Daemon) -> Backends {
    let (engine, registry) = (Arc::new(daemon.engine()), Arc::new(LoopbackRegistry::new()));
    Backends { images: ImageSink::Registry { engine, registry }, objects: None }
}

async fn publish_twice(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    let mut plan = Plan::new();
    for workload in ["api", "web"] {
        let root = dir.path().join(workload);
        context(&root);
        for environment in ["test", "prod"] {
            let repository = format!("{}/app/{workload}", daemon.registry);
            plan.image(image(&root, workload, environment, &repository));
        }
    }
    let first = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap();
    assert_eq!((first.counts.builds, first.counts.pushes), (2, 2));
    let registry = LoopbackRegistry::new();
    for image in &first.images {
        for tag in &image.tags {
            let found = registry.find(&image.repository, tag).await.unwrap().unwrap();
            assert_eq!(Some(found.digest), image.digest, "{tag}");
        }
    }
    let second = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap();
    assert_eq!((second.counts.builds, second.counts.pushes, second.counts.pulls), (0, 0, 0));
    assert!(second.images.iter().all(|i| i.outcome == ImageOutcome::Reused));
    assert!(first.images.iter().zip(&second.images).all(|(a, b)| a.digest == b.digest));

    // What a template would refer to can be pulled.
    let reference = first.images[0].reference();
    let pulled = daemon.docker(&["pull", &reference]);
    assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
    let labels = daemon.docker(&["image", "inspect", "--format", "{{json .Config.Labels}}", &reference]);
    assert!(
        String::from_utf8_lossy(&labels.stdout).contains(r#""com.aws.copilot.image.container.name":"api""#)
    );
}

async fn copy_between_repositories(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("copy");
    context(&root);
    let mut plan = Plan::new();
    plan.image(image(&root, "copy", "west", &format!("{}/west/copy", daemon.registry)));
    let west = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap();
    plan.image(image(&root, "copy", "east", &format!("{}/east/copy", daemon.registry)));
    let both = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap();
    assert_eq!((both.counts.builds, both.counts.pulls, both.counts.pushes), (0, 1, 1));
    assert_eq!(both.images[1].outcome, ImageOutcome::Copied);
    assert_eq!(both.images[1].digest, west.images[0].digest, "the same image in both");
}

async fn a_failing_build(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), &[("Dockerfile", "FROM scratch\nCOPY missing.txt /\n")]);
    let mut plan = Plan::new();
    plan.image(image(dir.path(), "bad", "test", &format!("{}/app/bad", daemon.registry)));
    let failure = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap_err();
    let Error::BuildFailed { layer, tail, .. } = &failure.error else { panic!("{failure}") };
    assert!(layer.as_ref().is_some_and(|l| l.contains("COPY missing.txt")), "{layer:?}");
    assert!(tail.iter().any(|line| line.contains("missing.txt")), "{tail:?}");
}

async fn cancel_a_build(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("large");
    context(&root);
    std::fs::write(root.join("zeros"), vec![0; 64 * 1024 * 1024]).unwrap();
    let mut plan = Plan::new();
    plan.image(image(&root, "large", "test", &format!("{}/app/large", daemon.registry)));
    let mut first = options(dir.path());
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    first.observer = Some(std::sync::Arc::new(move |event| drop(sender.send(event))));
    let cancel = first.cancel.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if matches!(event, copilot_artifact::Event::Building { .. }) {
                cancel.cancel();
            }
        }
    });
    let failure = execute(&plan, &backends(daemon), &first).await.unwrap_err();
    assert!(matches!(failure.error, Error::Cancelled), "{failure}");
    let again = execute(&plan, &backends(daemon), &options(dir.path())).await.unwrap();
    assert!(again.images[0].digest.is_some(), "a second run ends as if the first had not been");
}

async fn a_registry_that_is_gone(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    context(dir.path());
    let mut plan = Plan::new();
    plan.image(image(dir.path(), "gone", "test", "127.0.0.1:9/app/gone"));
    let mut options = options(dir.path());
    // Straight to the push, which docker makes.
    options.reuse = Reuse::Never;
    options.backoff.base = Duration::from_millis(1);
    let failure = execute(&plan, &backends(daemon), &options).await.unwrap_err();
    assert!(matches!(failure.error, Error::Registry { attempts: 3, .. }), "{failure}");
    assert!(failure.to_string().contains("connection refused"), "{failure}");
}

async fn to_a_folder(daemon: &Daemon) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("api");
    context(&root);
    let mut plan = Plan::new();
    plan.image(image(&root, "api", "folder", "app/api"));
    let layout = Arc::new(OciLayout::new(dir.path().join("images")));
    let engine = Arc::new(daemon.engine());
    let backends = Backends { images: ImageSink::Layout { engine, layout: layout.clone() }, objects: None };
    let report = execute(&plan, &backends, &options(dir.path())).await.unwrap();
    assert_eq!(layout.find("app/api:latest"), report.images[0].digest);
    let again = execute(&plan, &backends, &options(dir.path())).await.unwrap();
    assert_eq!(again.counts.builds, 0);

    let source = format!("oci:{}:app/api:latest", layout.root().display());
    match std::process::Command::new("skopeo").args(["inspect", "--raw", &source]).output() {
        Ok(read) => assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr)),
        Err(e) => {
            assert!(std::env::var_os("COPILOT_REQUIRE_ALL").is_none(), "skopeo is required: {e}");
            crate::support::say(&format!("SKIPPED: no second reader of the folder: {e}"));
        }
    }
}

/// Builds `FROM scratch` + `COPY . /` with each file of patterns, and compares what docker put into the image.
fn ignore_as_docker_does(daemon: &Daemon) {
    let files = [
        "Dockerfile",
        "README.md",
        "a.js",
        "app/main.js",
        "app/main.test.js",
        "app/sub/deep.md",
        "app/sub/x.log",
        "docs/README.md",
        "docs/guide/one.md",
        "node_modules/a/index.js",
        "node_modules/keep/index.js",
        "odd[1].txt",
        "space name.txt",
        "tmp/keep.txt",
        "tmp/other.txt",
        ".env",
        ".git/config",
        "build/out/bin",
    ];
    let patterns = [
        "",
        "*.md",
        "**/*.md",
        "*",
        "*\n!app",
        "*\n!app/sub",
        "*\n!tmp/keep.txt\n",
        "node_modules",
        "/node_modules/",
        "node_modules\n!node_modules/keep",
        "# comment\n\n  docs  \n",
        "docs/*\n!docs/README.md",
        "**/sub",
        "app/**",
        "app/*.js\n!app/main.js",
        "!README.md\n*.md",
        "*.md\n!README.md",
        ".*",
        "a?js",
        "[a-c]*",
        "[^a]*",
        "odd\\[1\\].txt",
        "./build/../tmp",
        "**/x.log\n",
        "tmp\n!tmp/keep.txt\n!tmp/none",
        "Dockerfile\n.dockerignore",
        "space name.txt",
        "build/\n",
        "**",
        "app\n!app/sub\napp/sub/x.log",
        "\u{feff}docs",
    ];
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("context");
    tree(&root, &files.map(|path| (path, "FROM scratch\nCOPY . /\n")));
    std::os::unix::fs::symlink("app/main.js", root.join("link")).unwrap();
    let mut compared = 0;
    for pattern in patterns {
        for own in [false, true] {
            let _ = std::fs::remove_file(root.join("Dockerfile.dockerignore"));
            std::fs::write(root.join(".dockerignore"), if own { "app\n" } else { pattern }).unwrap();
            if own {
                std::fs::write(root.join("Dockerfile.dockerignore"), pattern).unwrap();
            }
            let docker = in_image(daemon, &root);
            let ours = in_context(&root);
            assert_eq!(ours, docker, "pattern {pattern:?}, of the Dockerfile's own: {own}");
            compared += 1;
        }
    }
    crate::support::say(&format!("{compared} files of patterns were compared with docker"));
}

fn in_context(root: &Path) -> BTreeSet<String> {
    let ignore = DockerIgnore::load(&root.join("Dockerfile"), root).unwrap();
    let context = Context::read(root, &ignore, &Cancel::new()).unwrap();
    let shown = context.entries.iter().map(|entry| {
        let kind = match entry.kind {
            copilot_artifact::Kind::Directory => "/",
            copilot_artifact::Kind::Symlink(_) => "@",
            _ => "",
        };
        format!("{}{kind}", entry.path.display())
    });
    shown.collect()
}

fn in_image(daemon: &Daemon, root: &Path) -> BTreeSet<String> {
    let path = root.to_str().unwrap();
    let dockerfile = root.join("Dockerfile");
    let built = daemon.docker(&["build", "-q", "-t", "ignored:1", path, "-f", dockerfile.to_str().unwrap()]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let archive = root.with_extension("tar");
    let saved = daemon.docker(&["save", "-o", archive.to_str().unwrap(), "ignored:1"]);
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    let mut names = BTreeSet::new();
    let mut outer = tar::Archive::new(std::fs::File::open(&archive).unwrap());
    for layer in outer.entries().unwrap().map(Result::unwrap) {
        if !layer.path().unwrap().ends_with("layer.tar") {
            continue;
        }
        for entry in tar::Archive::new(layer).entries().unwrap().map(Result::unwrap) {
            let kind = if entry.header().entry_type().is_symlink() { "@" } else { "" };
            names.insert(format!("{}{kind}", entry.path().unwrap().display()));
        }
    }
    names
}
