//! An engine, a registry and a store in memory, which fail when they are told to.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use copilot_artifact::engine::{BuildRequest, Call, EngineInfo};
use copilot_artifact::{
    Credentials, Engine, Error, Location, ObjectInfo, ObjectStore, Part, Registry, RemoteImage, StoreError,
    StoreErrorKind, s3_checksum, sha256_hex,
};
use futures::future::BoxFuture;

/// Local images by name, registry images by reference, and a record of what was asked.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) log: Mutex<Vec<String>>,
    local: Mutex<BTreeMap<String, String>>,
    pub(crate) remote: Mutex<BTreeMap<String, String>>,
    pub(crate) pushed_at: Mutex<Option<SystemTime>>,
    /// Errors of the next pushes, builds and pulls, by call: `push`, `build`, `pull`.
    failures: Mutex<VecDeque<(&'static str, Error)>>,
    pub(crate) immutable: Mutex<bool>,
    /// True if pushes do not tell their digest.
    pub(crate) silent: Mutex<bool>,
    /// What happens while a build runs.
    pub(crate) during_build: Mutex<Option<Box<dyn Fn() + Send>>>,
    pub(crate) build_takes: Mutex<Duration>,
    running: AtomicUsize,
    pub(crate) most_running: AtomicUsize,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn fail(&self, call: &'static str, error: Error) {
        self.failures.lock().unwrap().push_back((call, error));
    }

    pub(crate) fn calls(&self, name: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.split(' ').next() == Some(name)).count()
    }

    pub(crate) fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    fn called(&self, line: String) -> Result<(), Error> {
        let call = line.split(' ').next().unwrap().to_owned();
        self.log.lock().unwrap().push(line);
        let mut failures = self.failures.lock().unwrap();
        match failures.iter().position(|(name, _)| *name == call) {
            Some(at) => Err(failures.remove(at).unwrap().1),
            None => Ok(()),
        }
    }

    /// Images have the digest of their identity tag, so that the same image has the same digest everywhere.
    fn put(&self, reference: &str, digest: &str) -> Result<(), Error> {
        let mut remote = self.remote.lock().unwrap();
        let moved = remote.get(reference).is_some_and(|old| old != digest);
        if moved && *self.immutable.lock().unwrap() {
            let (repository, tag) = reference.rsplit_once(':').unwrap();
            return Err(Error::TagImmutable { repository: repository.to_owned(), tag: tag.to_owned() });
        }
        remote.insert(reference.to_owned(), digest.to_owned());
        Ok(())
    }
}

impl Engine for World {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn check<'a>(&'a self, _: &'a Call) -> BoxFuture<'a, Result<EngineInfo, Error>> {
        Box::pin(async {
            self.called("check".into())?;
            Ok(EngineInfo { os: "linux".into(), arch: "amd64".into(), buildkit: true })
        })
    }

    fn logs_in_by_itself(&self, host: &str) -> bool {
        host == "helped"
    }

    fn login<'a>(
        &'a self,
        host: &'a str,
        credentials: &'a Credentials,
        _: &'a Call,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.called(format!("login {host} {}", credentials.user)) })
    }

    fn build<'a>(&'a self, request: BuildRequest<'a>, call: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.called(format!("build {}", request.names.join(" ")))?;
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_running.fetch_max(running, Ordering::SeqCst);
            (call.lines)("a line");
            if let Some(during) = self.during_build.lock().unwrap().as_ref() {
                during();
            }
            let takes = *self.build_takes.lock().unwrap();
            let result = tokio::select! {
                () = call.cancel.cancelled() => Err(Error::Cancelled),
                () = tokio::time::sleep(takes) => Ok(()),
            };
            self.running.fetch_sub(1, Ordering::SeqCst);
            result?;
            // A build of the same content gives another image, as it does where times get into layers.
            let nth = self.calls("build");
            let digest = format!("sha256:{}", sha256_hex(format!("{nth}")));
            for name in request.names {
                self.local.lock().unwrap().insert(name.clone(), digest.clone());
            }
            Ok(())
        })
    }

    fn tag<'a>(&'a self, image: &'a str, name: &'a str, _: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.called(format!("name {image} {name}"))?;
            let mut local = self.local.lock().unwrap();
            let id = local.get(image).cloned().unwrap();
            local.insert(name.to_owned(), id);
            Ok(())
        })
    }

    fn pull<'a>(&'a self, reference: &'a str, _: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.called(format!("pull {reference}"))?;
            let digest = self.remote.lock().unwrap().get(reference).cloned().unwrap();
            self.local.lock().unwrap().insert(reference.to_owned(), digest);
            Ok(())
        })
    }

    fn push<'a>(&'a self, reference: &'a str, _: &'a Call) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            self.called(format!("push {reference}"))?;
            let digest = self.local.lock().unwrap().get(reference).cloned().unwrap();
            self.put(reference, &digest)?;
            Ok((!*self.silent.lock().unwrap()).then_some(digest))
        })
    }

    fn image_id<'a>(&'a self, image: &'a str, _: &'a Call) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move { Ok(self.local.lock().unwrap().get(image).cloned()) })
    }

    fn save<'a>(&'a self, _: &'a str, _: &'a Path, _: &'a Call) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async { Err(Error::Internal("not in memory".into())) })
    }
}

impl Registry for World {
    fn credentials<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<Credentials>, Error>> {
        Box::pin(async move {
            self.called(format!("token {host}"))?;
            Ok(Some(Credentials { user: "AWS".into(), password: "secret".into() }))
        })
    }

    fn find<'a>(
        &'a self,
        repository: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<Option<RemoteImage>, Error>> {
        Box::pin(async move {
            self.called(format!("find {repository}:{tag}"))?;
            let remote = self.remote.lock().unwrap();
            let Some(digest) = remote.get(&format!("{repository}:{tag}")).cloned() else { return Ok(None) };
            let tags = remote
                .iter()
                .filter(|(_, d)| **d == digest)
                .filter_map(|(r, _)| r.strip_prefix(&format!("{repository}:")).map(str::to_owned))
                .collect();
            let pushed = *self.pushed_at.lock().unwrap();
            Ok(Some(RemoteImage { digest, tags, pushed }))
        })
    }

    fn tag<'a>(
        &'a self,
        repository: &'a str,
        digest: &'a str,
        tag: &'a str,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.called(format!("tag {repository}:{tag}"))?;
            self.put(&format!("{repository}:{tag}"), digest)
        })
    }
}

/// A store that keeps objects, and fails when it is told to.
#[derive(Default)]
pub(crate) struct MemoryStore {
    pub(crate) objects: Mutex<BTreeMap<String, (Bytes, String, SystemTime)>>,
    /// Checksums by key, as S3 writes them.
    pub(crate) sums: Mutex<BTreeMap<String, String>>,
    pub(crate) log: Mutex<Vec<String>>,
    parts: Mutex<BTreeMap<i32, Bytes>>,
    failures: Mutex<VecDeque<(&'static str, StoreErrorKind)>>,
    written: Mutex<Option<(String, Bytes)>>,
    pub(crate) time: Mutex<Option<SystemTime>>,
    /// Bytes in memory now and at most.
    pub(crate) held: AtomicUsize,
    pub(crate) most_held: AtomicUsize,
    pub(crate) slow: Mutex<Duration>,
}

impl MemoryStore {
    pub(crate) fn fail(&self, call: &'static str, kind: StoreErrorKind, times: usize) {
        self.failures.lock().unwrap().extend(std::iter::repeat_n((call, kind), times));
    }

    /// The next `finish` writes the object and then fails as if the upload were unknown.
    pub(crate) fn fail_after_write(&self, key: &str, bytes: Bytes) {
        *self.written.lock().unwrap() = Some((key.to_owned(), bytes));
        self.fail("finish", StoreErrorKind::Other, 1);
    }

    /// Puts an object there behind the program's back, with a checksum if the store has one.
    pub(crate) fn plant(&self, key: &str, body: &[u8], with_sum: bool) {
        let object = (Bytes::copy_from_slice(body), String::new(), self.now());
        self.objects.lock().unwrap().insert(key.to_owned(), object);
        self.sums.lock().unwrap().remove(key);
        if with_sum {
            self.sums.lock().unwrap().insert(key.to_owned(), sum_of(body));
        }
    }

    pub(crate) fn calls(&self, name: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| *line == name).count()
    }

    fn called(&self, call: &'static str, at: &Location) -> Result<(), StoreError> {
        self.log.lock().unwrap().push(call.to_owned());
        let mut failures = self.failures.lock().unwrap();
        match failures.iter().position(|(name, _)| *name == call) {
            Some(index) => {
                let (_, kind) = failures.remove(index).unwrap();
                Err(StoreError::new("uploading", at, kind, format!("{kind:?} for a test")))
            }
            None => Ok(()),
        }
    }

    async fn hold(&self, bytes: usize) {
        let held = self.held.fetch_add(bytes, Ordering::SeqCst) + bytes;
        self.most_held.fetch_max(held, Ordering::SeqCst);
        let slow = *self.slow.lock().unwrap();
        tokio::time::sleep(slow).await;
        self.held.fetch_sub(bytes, Ordering::SeqCst);
    }

    fn now(&self) -> SystemTime {
        self.time.lock().unwrap().unwrap_or_else(super::now)
    }
}

fn sum_of(body: &[u8]) -> String {
    s3_checksum(&sha256_hex(body))
}

impl ObjectStore for MemoryStore {
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>> {
        Box::pin(async move {
            self.called("head", at)?;
            let sha256 = self.sums.lock().unwrap().get(&at.key).cloned();
            let objects = self.objects.lock().unwrap();
            Ok(objects.get(&at.key).map(|(body, _, time)| ObjectInfo {
                size: body.len() as u64,
                modified: Some(*time),
                sha256,
            }))
        })
    }

    fn put<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.called("put", at)?;
            assert_eq!(sha256, sum_of(&body));
            self.sums.lock().unwrap().insert(at.key.clone(), sha256.to_owned());
            self.hold(body.len()).await;
            let object = (body, content_type.to_owned(), self.now());
            self.objects.lock().unwrap().insert(at.key.clone(), object);
            Ok(())
        })
    }

    fn start<'a>(&'a self, at: &'a Location, _: &'a str) -> BoxFuture<'a, Result<String, StoreError>> {
        Box::pin(async move { self.called("start", at).map(|()| "upload-1".to_owned()) })
    }

    fn part<'a>(
        &'a self,
        at: &'a Location,
        _: &'a str,
        number: i32,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Part, StoreError>> {
        Box::pin(async move {
            self.called("part", at)?;
            assert_eq!(sha256, sum_of(&body));
            self.hold(body.len()).await;
            self.parts.lock().unwrap().insert(number, body);
            Ok(Part { number, etag: number.to_string(), sha256: sha256.to_owned() })
        })
    }

    fn finish<'a>(
        &'a self,
        at: &'a Location,
        _: &'a str,
        parts: &'a [Part],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if let Some((key, bytes)) = self.written.lock().unwrap().take() {
                self.plant(&key, &bytes, true);
            }
            self.called("finish", at)?;
            let all = std::mem::take(&mut *self.parts.lock().unwrap());
            assert!(parts.iter().map(|p| p.number).eq(1..=i32::try_from(all.len()).unwrap()));
            let body = all.into_values().flatten().collect::<Bytes>();
            let sums = parts.iter().flat_map(|part| STANDARD.decode(&part.sha256).unwrap());
            let whole = sum_of(&sums.collect::<Vec<u8>>());
            self.sums.lock().unwrap().insert(at.key.clone(), format!("{whole}-{}", parts.len()));
            self.objects.lock().unwrap().insert(at.key.clone(), (body, String::new(), self.now()));
            Ok(())
        })
    }

    fn abort<'a>(&'a self, at: &'a Location, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.parts.lock().unwrap().clear();
            self.called("abort", at)
        })
    }
}
