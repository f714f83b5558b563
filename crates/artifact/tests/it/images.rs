//! Which images are built, pushed, copied and found again.

use std::sync::Arc;
use std::time::Duration;

use copilot_artifact::execute::{Counts, ImageOutcome, Reuse};
use copilot_artifact::{Backends, Error, Event, ImageSink, Options, Plan, Report, execute};

use crate::support::memory::World;
use crate::support::{context, image, now, options, tree};

fn registry(world: &Arc<World>) -> Backends {
    let images = ImageSink::Registry { engine: world.clone(), registry: world.clone() };
    Backends { images, objects: None }
}

struct Stage {
    dir: tempfile::TempDir,
    world: Arc<World>,
    options: Options,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        context(&dir.path().join("api"));
        let options = options(dir.path());
        Self { dir, world: World::new(), options }
    }

    /// A service in two environments of one region and one of another.
    fn plan(&self) -> Plan {
        let context = self.dir.path().join("api");
        let mut plan = Plan::new();
        plan.image(image(&context, "api", "test", "west/app/api"))
            .image(image(&context, "api", "prod", "west/app/api"))
            .image(image(&context, "api", "eu", "east/app/api"));
        plan
    }

    async fn run(&self, plan: &Plan) -> Result<Report, Error> {
        execute(plan, &registry(&self.world), &self.options).await.map_err(|failure| failure.error)
    }
}

fn counts(builds: u64, pulls: u64, pushes: u64) -> Counts {
    Counts { builds, pulls, pushes, ..Counts::default() }
}

fn of(report: &Report) -> Counts {
    counts(report.counts.builds, report.counts.pulls, report.counts.pushes)
}

#[tokio::test]
async fn an_image_is_built_once_and_pushed_once_to_each_repository() {
    let stage = Stage::new();
    let report = stage.run(&stage.plan()).await.unwrap();
    assert_eq!(of(&report), counts(1, 0, 2));
    assert_eq!(report.counts.logins, 2);
    let digest = report.image("api", "api", "test").unwrap().digest.clone().unwrap();
    assert!(report.images.iter().all(|i| i.digest.as_ref() == Some(&digest)));
    assert_eq!(report.images[2].reference(), format!("east/app/api@{digest}"));
    let remote = stage.world.remote.lock().unwrap().clone();
    let names: Vec<_> = remote.keys().map(|n| n.split("cp-").next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "east/app/api:",
            "east/app/api:eu",
            "east/app/api:latest",
            "west/app/api:",
            "west/app/api:latest",
            "west/app/api:prod",
            "west/app/api:test",
        ]
    );
    let build = stage.world.log.lock().unwrap().iter().find(|l| l.starts_with("build")).cloned().unwrap();
    assert!(
        build.starts_with("build west/app/api:latest west/app/api:test west/app/api:prod west/app/api:cp-")
    );
}

#[tokio::test]
async fn a_second_run_asks_the_registry_and_does_nothing() {
    let stage = Stage::new();
    let first = stage.run(&stage.plan()).await.unwrap();
    stage.world.forget();
    let second = stage.run(&stage.plan()).await.unwrap();
    assert_eq!(second.counts, Counts::default());
    let asked = stage.world.log.lock().unwrap().clone();
    assert!(asked.iter().all(|call| call.starts_with("find ")), "{asked:?}");
    assert!(second.images.iter().all(|i| i.outcome == ImageOutcome::Reused));
    let digests = |report: &Report| report.images.iter().map(|i| i.digest.clone()).collect::<Vec<_>>();
    assert_eq!(digests(&first), digests(&second));
}

#[tokio::test]
async fn a_change_of_content_mode_or_argument_builds_again_and_a_touch_does_not() {
    let stage = Stage::new();
    let root = stage.dir.path().join("api");
    stage.run(&stage.plan()).await.unwrap();
    let builds = async || stage.run(&stage.plan()).await.unwrap().counts.builds;
    tree(&root, &[("app.txt", "hello\n")]);
    assert_eq!(builds().await, 0, "the same bytes, written again");
    tree(&root, &[("app.txt", "changed\n")]);
    assert_eq!(builds().await, 1);
    tree(&root, &[(".dockerignore", "*.md\n")]);
    assert_eq!(builds().await, 1, ".dockerignore is a file of the context");
    tree(&root, &[("notes.md", "ignored\n")]);
    assert_eq!(builds().await, 0, "an ignored file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::os::unix::fs::symlink("app.txt", root.join("link")).unwrap();
        assert_eq!(builds().await, 1, "a new link");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(root.join("app.txt"), mode).unwrap();
        assert_eq!(builds().await, 1, "a new mode");
    }
    let mut plan = Plan::new();
    for mut request in stage.plan().images().to_vec() {
        request.build.args.insert("A".into(), "1".into());
        plan.image(request);
    }
    assert_eq!(stage.run(&plan).await.unwrap().counts.builds, 1, "an argument");
    let mut plan = Plan::new();
    for mut request in stage.plan().images().to_vec() {
        request.build.labels.insert(copilot_artifact::VERSION_LABEL.into(), "v2".into());
        plan.image(request);
    }
    assert_eq!(stage.run(&plan).await.unwrap().counts.builds, 0, "a new version of this tool");
}

#[tokio::test]
async fn a_repository_that_lacks_an_image_gets_it_from_one_that_has_it() {
    let stage = Stage::new();
    stage.run(&stage.plan()).await.unwrap();
    stage.world.remote.lock().unwrap().retain(|name, _| name.starts_with("west"));
    let report = stage.run(&stage.plan()).await.unwrap();
    assert_eq!(of(&report), counts(0, 1, 1));
    let eu = report.image("api", "api", "eu").unwrap();
    assert_eq!(eu.outcome, ImageOutcome::Copied);
    assert_eq!(eu.digest, report.images[0].digest);

    stage.world.remote.lock().unwrap().retain(|name, _| name.starts_with("west"));
    let gone =
        Error::Registry { action: "pulling", reference: "x".into(), attempts: 1, reason: "reset".into() };
    stage.world.fail("pull", gone);
    let report = stage.run(&stage.plan()).await.unwrap();
    assert_eq!(report.counts.builds, 1, "a pull that fails is made good by a build");
    assert_eq!(report.warnings.len(), 1);
}

#[tokio::test]
async fn tags_move_without_a_push() {
    let stage = Stage::new();
    stage.run(&stage.plan()).await.unwrap();
    let mut plan = Plan::new();
    for mut request in stage.plan().images().to_vec() {
        request.tags = vec!["latest".into(), "next".into()];
        plan.image(request);
    }
    let report = stage.run(&plan).await.unwrap();
    assert_eq!(of(&report), counts(0, 0, 0));
    assert_eq!(report.counts.tags, 2, "`next` in both repositories; `latest` is there");
}

#[tokio::test]
async fn a_push_is_retried_and_an_expired_token_renewed_once() {
    let stage = Stage::new();
    let expired = || Error::TokenExpired { registry: "west".into(), reason: "expired".into() };
    let reset =
        Error::Registry { action: "pushing", reference: "r".into(), attempts: 1, reason: "reset".into() };
    let mut plan = Plan::new();
    plan.image(stage.plan().images()[0].clone());
    stage.world.fail("push", expired());
    stage.world.fail("push", reset);
    let report = stage.run(&plan).await.unwrap();
    assert_eq!(of(&report), counts(1, 0, 3));
    assert_eq!(report.counts.logins, 2);

    stage.world.remote.lock().unwrap().clear();
    stage.world.fail("push", expired());
    stage.world.fail("push", expired());
    assert!(matches!(stage.run(&plan).await, Err(Error::TokenExpired { .. })));
}

#[tokio::test]
async fn a_push_that_keeps_failing_says_how_often_it_was_tried() {
    let stage = Stage::new();
    let mut plan = Plan::new();
    plan.image(stage.plan().images()[0].clone());
    for _ in 0..3 {
        let (reference, reason) = ("west/app/api:x".to_owned(), "connection refused".to_owned());
        stage.world.fail("push", Error::Registry { action: "pushing", reference, attempts: 1, reason });
    }
    let failure = execute(&plan, &registry(&stage.world), &stage.options).await.unwrap_err();
    insta::assert_snapshot!(failure, @"pushing `west/app/api:x` failed after 3 attempts: connection refused");
    assert_eq!(failure.report.images[0].outcome, ImageOutcome::Failed);
}

#[tokio::test]
async fn an_engine_that_does_not_tell_the_digest_is_made_good_by_the_registry() {
    let stage = Stage::new();
    *stage.world.silent.lock().unwrap() = true;
    let report = stage.run(&stage.plan()).await.unwrap();
    assert!(report.images.iter().all(|i| i.digest.as_ref().unwrap().starts_with("sha256:")));
}

#[tokio::test]
async fn a_helper_of_the_engine_makes_a_login_unnecessary() {
    let stage = Stage::new();
    let mut plan = Plan::new();
    plan.image(image(&stage.dir.path().join("api"), "api", "test", "helped/app/api"));
    assert_eq!(stage.run(&plan).await.unwrap().counts.logins, 0);
    assert_eq!(stage.world.calls("token"), 0);
}

#[tokio::test]
async fn immutable_tags_are_a_warning_and_a_forced_build_gets_a_tag_of_its_own() {
    let mut stage = Stage::new();
    *stage.world.immutable.lock().unwrap() = true;
    let mut plan = Plan::new();
    plan.image(stage.plan().images()[0].clone());
    let first = stage.run(&plan).await.unwrap();
    assert!(first.warnings.is_empty());
    stage.options.reuse = Reuse::Never;
    let second = stage.run(&plan).await.unwrap();
    assert_ne!(first.images[0].digest, second.images[0].digest);
    assert_eq!(second.warnings.len(), 2, "{:?}", second.warnings);
    let digest = second.images[0].digest.clone().unwrap();
    let remote = stage.world.remote.lock().unwrap();
    assert!(
        remote.values().any(|d| *d == digest),
        "the new image has a tag, so no lifecycle rule removes it"
    );
}

#[tokio::test]
async fn an_image_that_is_too_old_is_built_again() {
    let mut stage = Stage::new();
    stage.run(&stage.plan()).await.unwrap();
    *stage.world.pushed_at.lock().unwrap() = Some(now() - Duration::from_hours(3 * 24));
    stage.options.reuse = Reuse::YoungerThan(Duration::from_hours(4 * 24));
    assert_eq!(stage.run(&stage.plan()).await.unwrap().counts.builds, 0);
    stage.options.reuse = Reuse::YoungerThan(Duration::from_hours(2 * 24));
    assert_eq!(stage.run(&stage.plan()).await.unwrap().counts.builds, 1);
}

#[tokio::test]
async fn files_that_change_during_the_build_are_not_published() {
    let stage = Stage::new();
    let path = stage.dir.path().join("api/app.txt");
    let during = move || std::fs::write(&path, "changed meanwhile").unwrap();
    *stage.world.during_build.lock().unwrap() = Some(Box::new(during));
    let error = stage.run(&stage.plan()).await.unwrap_err();
    assert!(matches!(error, Error::ContextChanged { path, .. } if path.ends_with("app.txt")));
    assert!(stage.world.remote.lock().unwrap().is_empty());
}

#[tokio::test]
async fn builds_are_bounded_and_the_first_failure_stops_the_rest() {
    let mut stage = Stage::new();
    stage.options.builds = 2;
    *stage.world.build_takes.lock().unwrap() = Duration::from_millis(50);
    let mut plan = Plan::new();
    for n in 0..6 {
        let root = stage.dir.path().join(format!("svc{n}"));
        context(&root);
        plan.image(image(&root, &format!("svc{n}"), "test", &format!("west/app/svc{n}")));
    }
    let report = stage.run(&plan).await.unwrap();
    assert_eq!(report.counts.builds, 6, "labels differ, so they are six images");
    assert_eq!(stage.world.most_running.load(std::sync::atomic::Ordering::SeqCst), 2);

    stage.world.remote.lock().unwrap().clear();
    let failed = Error::BuildFailed { image: "svc".into(), layer: None, tail: vec!["boom".into()] };
    stage.world.fail("build", failed);
    let failure = execute(&plan, &registry(&stage.world), &stage.options).await.unwrap_err();
    assert!(matches!(failure.error, Error::BuildFailed { .. }));
    let of = |outcome| failure.report.images.iter().filter(|i| i.outcome == outcome).count();
    assert_eq!(of(ImageOutcome::Failed), 1);
    assert_eq!(of(ImageOutcome::NotDone), 5);
}

#[tokio::test]
async fn cancelling_ends_in_one_error_and_a_report_of_what_was_not_done() {
    let stage = Stage::new();
    *stage.world.build_takes.lock().unwrap() = Duration::from_mins(10);
    let cancel = stage.options.cancel.clone();
    let world = Arc::clone(&stage.world);
    tokio::spawn(async move {
        while world.calls("build") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    });
    let failure = execute(&stage.plan(), &registry(&stage.world), &stage.options).await.unwrap_err();
    assert!(matches!(failure.error, Error::Cancelled));
    assert!(failure.report.images.iter().all(|i| i.outcome == ImageOutcome::NotDone));
    assert_eq!(stage.world.calls("push"), 0);
}

#[tokio::test]
async fn a_missing_dockerfile_is_told_before_anything_happens() {
    let stage = Stage::new();
    std::fs::remove_file(stage.dir.path().join("api/Dockerfile")).unwrap();
    let error = stage.run(&stage.plan()).await.unwrap_err();
    assert!(matches!(error, Error::DockerfileMissing { .. }));
    assert!(stage.world.log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn events_tell_the_story_and_the_report_is_json() {
    let mut stage = Stage::new();
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    stage.options.observer = Some(std::sync::Arc::new(move |event| drop(sender.send(event))));
    let mut plan = Plan::new();
    plan.image(stage.plan().images()[0].clone());
    let report = stage.run(&plan).await.unwrap();
    let mut story = Vec::new();
    while let Ok(event) = events.try_recv() {
        story.push(match event {
            Event::ImageQueued { image, environments, .. } => format!("queued {image} for {environments:?}"),
            Event::Building { image, line } => format!("building {image}: {line}"),
            Event::Built { image, .. } => format!("built {image}"),
            Event::Pushing { image, .. } => format!("pushing {image}"),
            Event::Pushed { image, .. } => format!("pushed {image}"),
            other => format!("{other:?}"),
        });
    }
    assert_eq!(
        story,
        ["queued api for [\"test\"]", "building api: a line", "built api", "pushing api", "pushed api"]
    );
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[tokio::test]
async fn without_a_registry_the_engine_keeps_the_images() {
    let stage = Stage::new();
    let backends = Backends { images: ImageSink::Engine(stage.world.clone()), objects: None };
    let report = execute(&stage.plan(), &backends, &stage.options).await.unwrap();
    assert_eq!(of(&report), counts(1, 0, 0));
    assert!(report.images[0].image_id.as_ref().unwrap().starts_with("sha256:"));
    let again = execute(&stage.plan(), &backends, &stage.options).await.unwrap();
    assert_eq!(again.counts.builds, 0);
    assert_eq!(again.images[0].image_id, report.images[0].image_id);
}

#[tokio::test]
async fn nowhere_means_nothing_is_built() {
    let stage = Stage::new();
    let backends = Backends { images: ImageSink::Nowhere, objects: None };
    let report = execute(&stage.plan(), &backends, &stage.options).await.unwrap();
    assert!(report.images.iter().all(|i| i.outcome == ImageOutcome::Skipped));
}

#[tokio::test]
async fn a_dry_run_looks_and_changes_nothing() {
    let mut stage = Stage::new();
    stage.options.dry_run = true;
    let report = stage.run(&stage.plan()).await.unwrap();
    assert!(report.images.iter().all(|i| i.outcome == ImageOutcome::Planned && i.digest.is_none()));
    assert_eq!(report.images[0].why, "west/app/api has no image of this content");
    let asked = stage.world.log.lock().unwrap().clone();
    assert!(asked.iter().all(|call| call.starts_with("find ")), "{asked:?}");
    stage.options.dry_run = false;
    stage.run(&stage.plan()).await.unwrap();
    stage.options.dry_run = true;
    let report = stage.run(&stage.plan()).await.unwrap();
    assert!(report.images.iter().all(|i| i.outcome == ImageOutcome::Reused && i.digest.is_some()));
}
