//! Bringing one object to its store: ask, then stream, retry, and leave nothing half-written.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::sync::Semaphore;

use crate::hash::hex;
use crate::keys::EXPIRING_PREFIX;
use crate::{
    Backoff, Body, Cancel, Error, Location, ObjectInfo, ObjectRequest, ObjectStore, Part, StoreError,
    StoreErrorKind,
};

/// Objects under the expiring prefix live for 30 days. One younger than this is kept: a run that waits for an approval
/// still finds it.
const KEEP_EXPIRING_FOR: Duration = Duration::from_hours(10 * 24);
/// S3 accepts 10,000 parts; some room is left.
const MOST_PARTS: u64 = 9_000;
/// How long cleaning up may take after a cancellation.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Written; its size in bytes.
    Uploaded(u64),
    /// There already.
    Present,
    /// It would be written, but this run only looks.
    Planned,
}

/// Everything that uploads share.
pub(crate) struct Uploader {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) backoff: Backoff,
    /// Size in bytes of what is sent at once; larger objects go in parts of this size.
    pub(crate) part_size: usize,
    /// One permit for each buffer of `part_size` that may be in memory.
    pub(crate) buffers: Arc<Semaphore>,
    pub(crate) now: SystemTime,
    pub(crate) dry_run: bool,
    pub(crate) temp_dir: PathBuf,
    pub(crate) cancel: Cancel,
}

impl Uploader {
    /// Uploads an object unless it is there. `starting` is called once bytes are about to be sent.
    pub(crate) async fn upload(
        &self,
        request: &ObjectRequest,
        starting: impl FnOnce(),
    ) -> Result<Outcome, Error> {
        if self.is_present(request).await? {
            return Ok(Outcome::Present);
        }
        if self.dry_run {
            return Ok(Outcome::Planned);
        }
        starting();
        let uploaded = match &request.body {
            Body::Bytes(bytes) => self.put(request, bytes.clone()).await?,
            Body::File { path, sha256, .. } => self.file(request, path, Some(sha256)).await?,
            Body::Zip(path) => {
                let zip = self.zip(path.clone()).await?;
                self.file(request, zip.path(), None).await?
            }
        };
        Ok(Outcome::Uploaded(uploaded))
    }

    async fn is_present(&self, request: &ObjectRequest) -> Result<bool, Error> {
        match self.retry(&request.at, || self.store.head(&request.at)).await {
            Ok(info) => Ok(info.is_some_and(|info| self.is_good(request, &info))),
            // A role that may write but not list gets 403 for what is not there.
            Err(Error::Store(e)) if e.kind == StoreErrorKind::Denied => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_good(&self, request: &ObjectRequest, info: &ObjectInfo) -> bool {
        let same_size = request.size().is_none_or(|size| size == info.size);
        let fresh = !request.at.key.starts_with(EXPIRING_PREFIX)
            || info.modified.is_some_and(|modified| {
                self.now.duration_since(modified).unwrap_or_default() < KEEP_EXPIRING_FOR
            });
        same_size && fresh
    }

    async fn zip(&self, path: PathBuf) -> Result<tempfile::NamedTempFile, Error> {
        let (temp_dir, cancel) = (self.temp_dir.clone(), self.cancel.clone());
        let work = move || {
            let mut zip = tempfile::Builder::new()
                .prefix("copilot-")
                .suffix(".zip")
                .tempfile_in(&temp_dir)
                .map_err(|e| Error::write(&temp_dir, e))?;
            crate::assets::write_zip(&path, zip.as_file_mut(), &cancel)?;
            Ok(zip)
        };
        tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
    }

    async fn put(&self, request: &ObjectRequest, bytes: Bytes) -> Result<u64, Error> {
        let put = || self.store.put(&request.at, &request.content_type, bytes.clone());
        self.retry(&request.at, put).await?;
        Ok(bytes.len() as u64)
    }

    async fn file(&self, request: &ObjectRequest, path: &Path, expected: Option<&str>) -> Result<u64, Error> {
        let mut file = tokio::fs::File::open(path).await.map_err(|e| Error::read(path, e))?;
        let size = file.metadata().await.map_err(|e| Error::read(path, e))?.len();
        let changed = || Error::FileChanged { path: path.to_owned() };
        if size <= self.part_size as u64 {
            let _buffer = self.buffer(1).await?;
            // One byte more than expected shows a file that grows.
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
            let mut limited = (&mut file).take(size + 1);
            limited.read_to_end(&mut bytes).await.map_err(|e| Error::read(path, e))?;
            if bytes.len() as u64 != size || expected.is_some_and(|e| *e != crate::sha256_hex(&bytes)) {
                return Err(changed());
            }
            return self.put(request, bytes.into()).await;
        }
        let upload = self.retry(&request.at, || self.store.start(&request.at, &request.content_type)).await?;
        let result = self.parts(request, &upload, &mut file, path, size).await.and_then(|(parts, hash)| {
            if expected.is_some_and(|expected| *expected != hash) { Err(changed()) } else { Ok(parts) }
        });
        let result = match result {
            Ok(parts) => self.retry(&request.at, || self.store.finish(&request.at, &upload, &parts)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            // The answer to the last request may have been lost, and a second one finds the upload gone.
            if matches!(&error, Error::Store(_)) && self.is_present(request).await.unwrap_or_default() {
                return Ok(size);
            }
            // The first failure is the one to tell; the bucket's lifecycle removes what this can not.
            let _ = tokio::time::timeout(CLEAN_UP, self.store.abort(&request.at, &upload)).await;
            return Err(error);
        }
        Ok(size)
    }

    /// Sends a file in parts, several at a time, and returns them in order with the hash of all.
    async fn parts(
        &self,
        request: &ObjectRequest,
        upload: &str,
        file: &mut tokio::fs::File,
        path: &Path,
        size: u64,
    ) -> Result<(Vec<Part>, String), Error> {
        let part_size = size.div_ceil(MOST_PARTS).max(self.part_size as u64);
        let buffers = u32::try_from(part_size.div_ceil(self.part_size as u64)).unwrap_or(u32::MAX);
        let mut hasher = Sha256::new();
        let mut parts = BTreeMap::new();
        let mut sending = FuturesUnordered::new();
        let (mut number, mut left) = (0, size);
        while left > 0 {
            // Waiting for a buffer must not stop the parts that will free one.
            let permit = loop {
                tokio::select! {
                    permit = self.buffer(buffers) => break permit?,
                    Some(part) = sending.next(), if !sending.is_empty() => keep(&mut parts, part)?,
                }
            };
            let length = usize::try_from(left.min(part_size)).unwrap_or(usize::MAX);
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes).await.map_err(|e| Error::read(path, e))?;
            hasher.update(&bytes);
            left -= length as u64;
            number += 1;
            let bytes = Bytes::from(bytes);
            sending.push(async move {
                let part =
                    self.retry(&request.at, || self.store.part(&request.at, upload, number, bytes.clone()));
                let part = part.await;
                drop(permit);
                part
            });
        }
        while let Some(part) = sending.next().await {
            keep(&mut parts, part)?;
        }
        Ok((parts.into_values().collect(), hex(&hasher.finalize())))
    }

    async fn buffer(&self, count: u32) -> Result<tokio::sync::OwnedSemaphorePermit, Error> {
        // More than there are would never come.
        let all = u32::try_from(self.buffers.available_permits()).unwrap_or(u32::MAX);
        let count = if count > 1 { count.min(all.max(1)) } else { 1 };
        tokio::select! {
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            permit = Arc::clone(&self.buffers).acquire_many_owned(count) => permit.map_err(|_| Error::Cancelled),
        }
    }

    async fn retry<T, F>(&self, at: &Location, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut made = 1;
        loop {
            let result = tokio::select! {
                () = self.cancel.cancelled() => return Err(Error::Cancelled),
                result = attempt() => result,
            };
            match result {
                Ok(value) => return Ok(value),
                Err(error) if error.kind.is_transient() && made < self.backoff.attempts => {
                    self.backoff.wait(made, &at.key, &self.cancel).await?;
                    made += 1;
                }
                Err(error) => return Err(StoreError { attempts: made, ..error }.into()),
            }
        }
    }
}

fn keep(parts: &mut BTreeMap<i32, Part>, part: Result<Part, Error>) -> Result<(), Error> {
    let part = part?;
    parts.insert(part.number, part);
    Ok(())
}
