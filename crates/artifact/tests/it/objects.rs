//! Which objects are sent, how, and what happens when the store does not want them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use copilot_artifact::assets::{self, Bucket};
use copilot_artifact::execute::ObjectOutcome;
use copilot_artifact::{
    Backends, Body, Cancel, Error, Event, ImageSink, ObjectRequest, Options, Plan, Report, StoreErrorKind,
    execute, keys, sha256_file,
};

use crate::support::memory::MemoryStore;
use crate::support::options;

struct Stage {
    dir: tempfile::TempDir,
    store: Arc<MemoryStore>,
    options: Options,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = options(dir.path());
        Self { dir, store: Arc::default(), options }
    }

    async fn run(&self, plan: &Plan) -> Result<Report, Error> {
        let backends = Backends { images: ImageSink::Nowhere, objects: Some(self.store.clone()) };
        execute(plan, &backends, &self.options).await.map_err(|failure| failure.error)
    }

    /// A file of `size` bytes that do not repeat.
    fn file(&self, name: &str, size: usize) -> ObjectRequest {
        let path = self.dir.path().join(name);
        let bytes: Vec<u8> = (0..size).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
        std::fs::write(&path, bytes).unwrap();
        let (sha256, size) = sha256_file(&path, &Cancel::new()).unwrap();
        let at = bucket().at(keys::addons_asset("api", &sha256));
        ObjectRequest::new(at, Body::File { path, sha256, size }, name)
    }
}

fn bucket() -> Bucket {
    Bucket { region: "us-west-2".into(), name: "artifacts".into() }
}

fn template() -> ObjectRequest {
    bucket().text("Resources: {}\n", "addons template of api", |hash| keys::addons_template("api", hash))
}

fn one(object: ObjectRequest) -> Plan {
    let mut plan = Plan::new();
    plan.object(object);
    plan
}

fn zip(root: &Path) -> ObjectRequest {
    std::fs::create_dir_all(root).unwrap();
    std::fs::write(root.join("index.js"), "exports.handler = async () => {};\n").unwrap();
    let asset = assets::addon_asset(root, root, false, &Cancel::new()).unwrap();
    ObjectRequest::new(bucket().at(keys::addons_asset("api", &asset.hash)), asset.body, "function")
}

#[tokio::test]
async fn what_is_there_is_not_sent_again() {
    let stage = Stage::new();
    let mut plan = Plan::new();
    plan.objects_of([template(), stage.file("a.bin", 10), zip(&stage.dir.path().join("fn"))]);
    let first = stage.run(&plan).await.unwrap();
    assert_eq!(first.uploads(), 3);
    assert!(first.objects.iter().all(|o| o.outcome == ObjectOutcome::Uploaded && o.bytes.unwrap() > 0));
    let second = stage.run(&plan).await.unwrap();
    assert_eq!(second.uploads(), 0);
    assert!(second.objects.iter().all(|o| o.outcome == ObjectOutcome::Present));
    assert_eq!(stage.store.calls("put"), 3);
    let objects = stage.store.objects.lock().unwrap();
    assert_eq!(objects[&template().at.key].1, "text/x-yaml; charset=utf-8");
}

#[tokio::test]
async fn an_object_of_another_size_is_replaced() {
    let stage = Stage::new();
    let key = template().at.key;
    stage.store.plant(&key, b"Res", true);
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 1);
    assert_eq!(stage.store.objects.lock().unwrap()[&key].0, "Resources: {}\n");
}

#[tokio::test]
async fn an_object_of_the_same_size_but_other_content_is_replaced_and_said() {
    let stage = Stage::new();
    let why = |report: &Report| report.objects[0].why.clone();
    let (events, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let stage = Stage {
        options: Options {
            observer: Some(std::sync::Arc::new(move |event| drop(events.send(event)))),
            ..stage.options.clone()
        },
        ..stage
    };
    for (object, planted) in [
        (template(), b"Resources: []\n".to_vec()),
        (stage.file("a.bin", 10), b"0123456789".to_vec()),
        (zip(&stage.dir.path().join("fn")), b"PK".to_vec()),
    ] {
        let (key, plan) = (object.at.key.clone(), one(object));
        stage.store.plant(&key, &planted, true);
        let report = stage.run(&plan).await.unwrap();
        assert_eq!(why(&report).unwrap(), "the bucket had another content in its place");
        assert_ne!(stage.store.objects.lock().unwrap()[&key].0, planted);
        let again = stage.run(&plan).await.unwrap();
        assert_eq!((again.uploads(), why(&again)), (0, None));
    }
    let said = std::iter::from_fn(|| heard.try_recv().ok());
    assert_eq!(said.filter(|event| matches!(event, Event::Replacing { .. })).count(), 3);
}

#[tokio::test]
async fn an_object_without_a_checksum_is_sent_again_once() {
    let stage = Stage::new();
    stage.store.plant(&template().at.key, b"Resources: {}\n", false);
    let report = stage.run(&one(template())).await.unwrap();
    let why = report.objects[0].why.as_deref();
    assert_eq!(why, Some("the bucket has it without a SHA-256 that could be compared"));
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 0);
    assert_eq!((stage.store.calls("head"), stage.store.calls("put")), (2, 1));
}

#[tokio::test]
async fn a_large_object_is_compared_part_by_part() {
    let mut stage = Stage::new();
    stage.options.part_size = 1024;
    let object = stage.file("large.bin", 10_000);
    let (key, plan) = (object.at.key.clone(), one(object.clone()));
    assert_eq!(stage.run(&plan).await.unwrap().uploads(), 1);
    assert!(stage.store.sums.lock().unwrap()[&key].ends_with("=-10"));
    assert_eq!(stage.run(&plan).await.unwrap().uploads(), 0);
    // In parts of another size, and planted in parts of the same size.
    stage.options.part_size = 2048;
    assert_eq!(stage.run(&plan).await.unwrap().uploads(), 1);
    stage.store.sums.lock().unwrap().insert(key.clone(), "AAAA-5".to_owned());
    let report = stage.run(&plan).await.unwrap();
    let why = report.objects[0].why.as_deref();
    assert_eq!(why, Some("the bucket had another content in its place"));
    // As a whole, for those who don't have it.
    let parts = stage.store.calls("part");
    let whole = one(object.as_a_whole());
    stage.store.objects.lock().unwrap().clear();
    assert_eq!(stage.run(&whole).await.unwrap().uploads(), 1);
    assert!(!stage.store.sums.lock().unwrap()[&key].contains('-'));
    assert_eq!(stage.run(&plan).await.unwrap().uploads(), 0);
    assert_eq!(stage.store.calls("part"), parts);
}

#[tokio::test]
async fn objects_that_expire_are_sent_again_in_time() {
    let mut stage = Stage::new();
    let asset = bucket().bytes("<h1>", "index.html", keys::static_asset);
    let plan = one(asset);
    assert_eq!(stage.run(&plan).await.unwrap().uploads(), 1);
    let now = stage.options.now;
    for (days, uploads) in [(0, 0), (9, 0), (11, 1), (29, 1)] {
        stage.options.now = now + Duration::from_hours(days * 24);
        assert_eq!(stage.run(&plan).await.unwrap().uploads(), uploads, "after {days} days");
    }
    *stage.store.time.lock().unwrap() = Some(now);
    stage.options.now = now + Duration::from_hours(400 * 24);
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 1);
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 0, "others do not expire");
}

#[tokio::test]
async fn a_busy_store_and_a_broken_connection_are_retried() {
    let stage = Stage::new();
    stage.store.fail("head", StoreErrorKind::Unavailable, 2);
    stage.store.fail("put", StoreErrorKind::Connection, 2);
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 1);
    assert_eq!(stage.store.calls("put"), 3);
}

#[tokio::test]
async fn a_store_that_stays_busy_is_given_up() {
    let stage = Stage::new();
    stage.store.fail("put", StoreErrorKind::Unavailable, 3);
    let error = stage.run(&one(template())).await.unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("failed after 3 attempts: Unavailable for a test"), "{text}");
    assert!(error.help().unwrap().contains("run it again"));
}

#[tokio::test]
async fn a_role_that_may_write_but_not_read_can_upload_and_one_that_may_not_is_told_what_it_needs() {
    let stage = Stage::new();
    stage.store.fail("head", StoreErrorKind::Denied, 2);
    assert_eq!(stage.run(&one(template())).await.unwrap().uploads(), 1);
    stage.store.fail("put", StoreErrorKind::Denied, 1);
    let error = stage.run(&one(template())).await.unwrap_err();
    assert_eq!(stage.store.calls("put"), 2, "a refusal is not retried");
    assert!(error.help().unwrap().contains("s3:PutObject"));
}

#[tokio::test]
async fn a_large_file_goes_in_parts_with_bounded_memory() {
    let mut stage = Stage::new();
    stage.options.part_size = 64 * 1024;
    stage.options.part_buffers = 3;
    *stage.store.slow.lock().unwrap() = Duration::from_millis(2);
    let large = stage.file("large.bin", 2 * 1024 * 1024 + 17);
    let key = large.at.key.clone();
    let mut plan = one(large);
    plan.objects_of((0..4).map(|n| stage.file(&format!("small{n}"), 1000 + n)));
    stage.store.fail("part", StoreErrorKind::Unavailable, 1);
    let report = stage.run(&plan).await.unwrap();
    assert_eq!(report.uploads(), 5);
    assert_eq!(stage.store.calls("part"), 34);
    let held = stage.store.most_held.load(Ordering::SeqCst);
    assert!((2 * 64 * 1024..=3 * 64 * 1024).contains(&held), "{held} bytes at a time");
    let sent = stage.store.objects.lock().unwrap()[&key].0.clone();
    assert_eq!(copilot_artifact::sha256_hex(&sent), key.rsplit('/').next().unwrap());
}

#[tokio::test]
async fn a_part_that_fails_takes_the_upload_back() {
    let mut stage = Stage::new();
    stage.options.part_size = 1024;
    stage.store.fail("part", StoreErrorKind::Denied, 1);
    let error = stage.run(&one(stage.file("large.bin", 10_000))).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)));
    assert_eq!(stage.store.calls("abort"), 1);
    assert!(stage.store.objects.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_hashed_is_not_sent() {
    let mut stage = Stage::new();
    for size in [100, 10_000] {
        stage.options.part_size = 1024;
        let object = stage.file("x.bin", size);
        std::fs::write(stage.dir.path().join("x.bin"), vec![1; size]).unwrap();
        let error = stage.run(&one(object)).await.unwrap_err();
        assert!(matches!(error, Error::FileChanged { .. }), "{error}");
    }
    assert_eq!(stage.store.calls("abort"), 1);
    assert!(stage.store.objects.lock().unwrap().is_empty());
}

#[tokio::test]
async fn cancelling_takes_the_upload_back_and_leaves_no_temporary_file() {
    let mut stage = Stage::new();
    stage.options.part_size = 1024;
    *stage.store.slow.lock().unwrap() = Duration::from_mins(10);
    // Enough for all parts and the zip at the same time.
    stage.options.part_buffers = 32;
    let cancel = stage.options.cancel.clone();
    let store = Arc::clone(&stage.store);
    tokio::spawn(async move {
        while store.calls("part") == 0 || store.calls("put") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    });
    let temp = stage.dir.path().join("temp");
    std::fs::create_dir(&temp).unwrap();
    stage.options.temp_dir = temp.clone();
    let mut plan = one(stage.file("large.bin", 10_000));
    plan.object(zip(&stage.dir.path().join("fn")));
    assert!(matches!(stage.run(&plan).await, Err(Error::Cancelled)));
    assert_eq!(stage.store.calls("abort"), 1);
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 0);
}

#[tokio::test]
async fn without_a_store_objects_are_skipped() {
    let stage = Stage::new();
    let backends = Backends { images: ImageSink::Nowhere, objects: None };
    let report = execute(&one(template()), &backends, &stage.options).await.unwrap();
    assert_eq!(report.objects[0].outcome, ObjectOutcome::Skipped);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_as_such() {
    // `/dev/full` takes nothing: it stands for a disk without space.
    let error = std::fs::write("/dev/full", "x").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    let stage = Stage::new();
    stage.store.fail("put", StoreErrorKind::Full, 1);
    let error = stage.run(&one(template())).await.unwrap_err();
    assert!(error.help().unwrap().contains("space"));
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let mut stage = Stage::new();
    stage.options.dry_run = true;
    let report = stage.run(&one(template())).await.unwrap();
    assert_eq!(report.objects[0].outcome, ObjectOutcome::Planned);
    assert_eq!(stage.store.calls("put"), 0);
}

#[tokio::test]
async fn a_lost_answer_to_the_last_request_is_no_failure() {
    let mut stage = Stage::new();
    stage.options.part_size = 1024;
    let object = stage.file("large.bin", 10_000);
    let bytes = Bytes::from(std::fs::read(stage.dir.path().join("large.bin")).unwrap());
    stage.store.fail_after_write(&object.at.key, bytes);
    assert_eq!(stage.run(&one(object)).await.unwrap().uploads(), 1);
    assert_eq!(stage.store.calls("abort"), 0);
}
