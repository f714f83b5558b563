//! Bringing one object to its store: ask, then stream, retry, and leave nothing half-written.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use copilot_workspace::files::{self, LARGEST_ASSET};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::sync::Semaphore;

use crate::hash::hex;
use crate::keys::EXPIRING_PREFIX;
use crate::{
    Backoff, Body, Cancel, Error, Location, ObjectInfo, ObjectRequest, ObjectStore, Part, StoreError,
    StoreErrorKind, checksum,
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
    /// Written.
    Uploaded {
        /// Its size.
        bytes: u64,
        /// Why, if something was there.
        stale: Option<Stale>,
    },
    /// There already, with this content.
    Present,
    /// It would be written, but this run only looks.
    Planned,
}

/// Why an object is written again that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    /// It will soon be gone.
    Expiring,
    /// The store has no checksum of it that could be compared.
    Unknown,
    /// It has another content.
    Other,
}

impl Stale {
    /// For people; nothing where it is the ordinary course of things.
    pub(crate) fn why(self) -> Option<&'static str> {
        match self {
            Self::Expiring => None,
            Self::Unknown => Some("the bucket has it without a SHA-256 that could be compared"),
            Self::Other => Some("the bucket had another content in its place"),
        }
    }
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
    /// Uploads an object unless it is there with the same content. `starting` is called once bytes are about to be sent.
    pub(crate) async fn upload(
        &self,
        request: &ObjectRequest,
        starting: impl FnOnce(Option<Stale>),
    ) -> Result<Outcome, Error> {
        let mut content = None;
        let stale = match self.find(request).await? {
            None => None,
            Some(info) => match self.judge(request, &info, &mut content).await? {
                None => return Ok(Outcome::Present),
                stale => stale,
            },
        };
        if self.dry_run {
            return Ok(Outcome::Planned);
        }
        starting(stale);
        let content = match content {
            Some(content) => content,
            None => self.content(request).await?,
        };
        let bytes = match &content {
            Content::Bytes(bytes) => self.put(request, bytes.clone()).await?,
            Content::File { path, sha256, .. } => self.file(request, path, sha256).await?,
        };
        Ok(Outcome::Uploaded { bytes, stale })
    }

    async fn find(&self, request: &ObjectRequest) -> Result<Option<ObjectInfo>, Error> {
        match self.retry(&request.at, || self.store.head(&request.at)).await {
            // A role that may write but not list gets 403 for what is not there.
            Err(Error::Store(e)) if e.kind == StoreErrorKind::Denied => Ok(None),
            found => found,
        }
    }

    /// Why what is there has to be written again, if it has. A size proves nothing, and neither does the key: whoever may write
    /// to the bucket could have put anything there. What had to be made to tell is left in `content`.
    async fn judge(
        &self,
        request: &ObjectRequest,
        info: &ObjectInfo,
        content: &mut Option<Content>,
    ) -> Result<Option<Stale>, Error> {
        if request.at.key.starts_with(EXPIRING_PREFIX) && !self.is_fresh(info) {
            return Ok(Some(Stale::Expiring));
        }
        if request.size().is_some_and(|size| size != info.size) {
            return Ok(Some(Stale::Other));
        }
        let Some(sum) = &info.sha256 else { return Ok(Some(Stale::Unknown)) };
        let content = content.insert(self.content(request).await?);
        let expected = match sum.rsplit_once('-') {
            None => Some(content.sum()),
            Some((_, parts)) => self.sum_of_parts(content, info.size, parts).await?,
        };
        Ok(match expected {
            Some(expected) if expected == *sum => None,
            Some(_) => Some(Stale::Other),
            None => Some(Stale::Unknown),
        })
    }

    fn is_fresh(&self, info: &ObjectInfo) -> bool {
        info.modified
            .is_some_and(|modified| self.now.duration_since(modified).unwrap_or_default() < KEEP_EXPIRING_FOR)
    }

    /// The sum that a file has if it is sent in parts; none if it would be another number of parts.
    async fn sum_of_parts(&self, content: &Content, size: u64, parts: &str) -> Result<Option<String>, Error> {
        let part = self.part_of(size);
        let Content::File { path, .. } = content else { return Ok(None) };
        if parts != size.div_ceil(part).to_string() {
            return Ok(None);
        }
        let (path, cancel) = (path.clone(), self.cancel.clone());
        blocking(move || checksum::of_file_in_parts(&path, u64::MAX, part, &cancel)).await.map(Some)
    }

    /// Bytes in a part of a file of this size.
    fn part_of(&self, size: u64) -> u64 {
        size.div_ceil(MOST_PARTS).max(self.part_size as u64)
    }

    async fn content(&self, request: &ObjectRequest) -> Result<Content, Error> {
        match &request.body {
            Body::Bytes(bytes) => Ok(Content::Bytes(bytes.clone())),
            Body::File { path, sha256, .. } => {
                Ok(Content::File { path: path.clone(), sha256: sha256.clone(), _zip: None })
            }
            Body::Zip { root, path } => {
                let (root, path, cancel) = (root.clone(), path.clone(), self.cancel.clone());
                let temp_dir = self.temp_dir.clone();
                blocking(move || zip(&root, &path, &temp_dir, &cancel)).await
            }
        }
    }

    async fn put(&self, request: &ObjectRequest, bytes: Bytes) -> Result<u64, Error> {
        let sum = checksum::of_bytes(&bytes);
        let put = || self.store.put(&request.at, &request.content_type, &sum, bytes.clone());
        self.retry(&request.at, put).await?;
        Ok(bytes.len() as u64)
    }

    async fn file(&self, request: &ObjectRequest, path: &Path, expected: &str) -> Result<u64, Error> {
        let opened = path.to_owned();
        let file = blocking(move || {
            files::open(&opened, LARGEST_ASSET).map_err(|problem| Error::file(&opened, problem))
        });
        let mut file = tokio::fs::File::from_std(file.await?);
        let size = file.metadata().await.map_err(|e| Error::read(path, e))?.len();
        let changed = || Error::FileChanged { path: path.to_owned() };
        if size <= self.part_size as u64 || request.whole {
            let buffers = size.div_ceil(self.part_size as u64).max(1);
            let _buffer = self.buffer(u32::try_from(buffers).unwrap_or(u32::MAX)).await?;
            // One byte more than expected shows a file that grows.
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
            let mut limited = (&mut file).take(size + 1);
            limited.read_to_end(&mut bytes).await.map_err(|e| Error::read(path, e))?;
            if bytes.len() as u64 != size || expected != crate::sha256_hex(&bytes) {
                return Err(changed());
            }
            return self.put(request, bytes.into()).await;
        }
        let upload = self.retry(&request.at, || self.store.start(&request.at, &request.content_type)).await?;
        let result = self
            .parts(request, &upload, &mut file, path, size)
            .await
            .and_then(|(parts, hash)| if expected == hash { Ok(parts) } else { Err(changed()) });
        let result = match result {
            Ok(parts) => self.finish(request, &upload, &parts, expected).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            // The first failure is the one to tell; the bucket's lifecycle removes what this can not.
            let _ = tokio::time::timeout(CLEAN_UP, self.store.abort(&request.at, &upload)).await;
            return Err(error);
        }
        Ok(size)
    }

    async fn finish(
        &self,
        request: &ObjectRequest,
        upload: &str,
        parts: &[Part],
        sha256: &str,
    ) -> Result<(), Error> {
        let result = self.retry(&request.at, || self.store.finish(&request.at, upload, parts)).await;
        let Err(Error::Store(_)) = &result else { return result };
        // The answer to the last request may have been lost, and a second one finds the upload gone.
        let found = self.find(request).await.ok().flatten().and_then(|info| info.sha256);
        let sums =
            [checksum::of_hex(sha256), checksum::of_parts(parts.iter().map(|part| part.sha256.as_str()))];
        if found.is_some_and(|found| sums.contains(&found)) { Ok(()) } else { result }
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
        let part_size = self.part_of(size);
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
                let sum = checksum::of_bytes(&bytes);
                let send = || self.store.part(&request.at, upload, number, &sum, bytes.clone());
                let part = self.retry(&request.at, send).await;
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

/// The content of an object, ready to be sent.
enum Content {
    Bytes(Bytes),
    File {
        path: PathBuf,
        /// In hexadecimal.
        sha256: String,
        /// Is gone once nobody needs it.
        _zip: Option<tempfile::NamedTempFile>,
    },
}

impl Content {
    /// The checksum that S3 has of it if it is sent as a whole.
    fn sum(&self) -> String {
        match self {
            Self::Bytes(bytes) => checksum::of_bytes(bytes),
            Self::File { sha256, .. } => checksum::of_hex(sha256),
        }
    }
}

fn zip(root: &Path, path: &Path, temp_dir: &Path, cancel: &Cancel) -> Result<Content, Error> {
    let mut zip = tempfile::Builder::new()
        .prefix("copilot-")
        .suffix(".zip")
        .tempfile_in(temp_dir)
        .map_err(|e| Error::write(temp_dir, e))?;
    crate::assets::write_zip(root, path, zip.as_file_mut(), cancel)?;
    let (sha256, _) = crate::sha256_file(zip.path(), cancel)?;
    Ok(Content::File { path: zip.path().to_owned(), sha256, _zip: Some(zip) })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
}

fn keep(parts: &mut BTreeMap<i32, Part>, part: Result<Part, Error>) -> Result<(), Error> {
    let part = part?;
    parts.insert(part.number, part);
    Ok(())
}
