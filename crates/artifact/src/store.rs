//! What uploads need from an object store, and a store in a local directory.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use futures::future::BoxFuture;

/// A bucket and a key in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Location {
    /// AWS region of the bucket.
    pub region: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
}

/// What a store knows about an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// In bytes.
    pub size: u64,
    /// When it was last written, if the store says so.
    pub modified: Option<SystemTime>,
}

/// A part of a multipart upload that the store has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: i32,
    /// The store's name for the content of the part.
    pub etag: String,
}

/// What uploads need from an object store. An upload is a `head`, then a `put` or a multipart upload; retries,
/// concurrency and memory are the caller's business, so an implementation tries once.
pub trait ObjectStore: Send + Sync {
    /// Asks for an object. `None` if there is none.
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>>;

    /// Writes a whole object. An empty content type is not sent.
    fn put<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Starts an object that comes in parts, and returns the id of the upload.
    fn start<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
    ) -> BoxFuture<'a, Result<String, StoreError>>;

    /// Writes one part; `number` counts from 1.
    fn part<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        number: i32,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Part, StoreError>>;

    /// Makes the object of its parts, which come in order.
    fn finish<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        parts: &'a [Part],
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets an upload and its parts.
    fn abort<'a>(&'a self, at: &'a Location, upload: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Why an object store did not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} `s3://{}/{}` failed{}: {reason}", at.bucket, at.key, after(*attempts))]
pub struct StoreError {
    /// What was tried, such as `uploading`.
    pub action: &'static str,
    /// The object.
    pub at: Location,
    /// The kind of failure.
    pub kind: StoreErrorKind,
    /// The store's own words.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// The kinds of failure of an object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The credentials do not allow it.
    Denied,
    /// The credentials are no longer, or not yet, valid.
    Expired,
    /// The bucket does not exist.
    NoBucket,
    /// The store is overloaded or broken for a moment.
    Unavailable,
    /// The connection broke or timed out.
    Connection,
    /// There is no space left (a store in a directory).
    Full,
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    /// True if the same request may succeed a moment later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::Connection)
    }
}

impl StoreError {
    /// A failure of the first attempt.
    pub fn new(action: &'static str, at: &Location, kind: StoreErrorKind, reason: impl Into<String>) -> Self {
        Self { action, at: at.clone(), kind, reason: reason.into(), attempts: 1 }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self.kind {
            StoreErrorKind::Denied => format!(
                "the role needs `s3:PutObject` and `s3:PutObjectAcl` on bucket `{}` and `kms:GenerateDataKey` on its key; \
                 environments older than v1.9.0 lack them until they are deployed again",
                self.at.bucket
            ),
            StoreErrorKind::Expired => "sign in again, or check that the clock is right".to_owned(),
            StoreErrorKind::NoBucket => format!(
                "the application's stack set creates the bucket: is {} a region of one of its environments?",
                self.at.region
            ),
            StoreErrorKind::Unavailable | StoreErrorKind::Connection => {
                "check the network and run it again: what was uploaded is not uploaded twice".to_owned()
            }
            StoreErrorKind::Full => "free some space and run it again".to_owned(),
            StoreErrorKind::Other => "run it again; if it persists, the reason above is S3's own".to_owned(),
        }
    }
}

fn after(attempts: u32) -> String {
    if attempts > 1 { format!(" after {attempts} attempts") } else { String::new() }
}

impl Location {
    /// The `s3://bucket/key` form.
    pub fn s3_uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    /// The ARN of the object.
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}/{}", partition(&self.region), self.bucket, self.key)
    }

    /// The virtual-hosted URL, percent-encoded; `us-east-1` is not named in it, as the SDK for Go writes it.
    pub fn url(&self) -> String {
        let region = if self.region == "us-east-1" { String::new() } else { format!(".{}", self.region) };
        let suffix = if self.region.starts_with("cn-") { "com.cn" } else { "com" };
        format!("https://{}.s3{region}.amazonaws.{suffix}/{}", self.bucket, percent_encode(&self.key))
    }
}

/// The AWS partition of a region.
pub fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ => "aws",
    }
}

/// Everything but unreserved characters and `/` is encoded.
fn percent_encode(key: &str) -> String {
    use std::fmt::Write as _;
    key.bytes().fold(String::with_capacity(key.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A store in a local directory: objects are files `{root}/{bucket}/{key}`. For trying the build stage on a laptop.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// A store below `root`, which is created when the first object is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, at: &Location) -> PathBuf {
        let safe = at.key.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        safe.fold(self.root.join(&at.bucket), |path, part| path.join(part))
    }

    fn parts(&self, upload: &str) -> PathBuf {
        self.root.join(".parts").join(upload)
    }
}

impl ObjectStore for DirectoryStore {
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>> {
        Box::pin(async move {
            match tokio::fs::metadata(self.path(at)).await {
                Ok(m) => Ok(Some(ObjectInfo { size: m.len(), modified: m.modified().ok() })),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(io_error("looking up", at, &e)),
            }
        })
    }

    fn put<'a>(&'a self, at: &'a Location, _: &'a str, body: Bytes) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let path = self.path(at);
            write(&path, &body).await.map_err(|e| io_error("writing", at, &e))
        })
    }

    fn start<'a>(&'a self, at: &'a Location, _: &'a str) -> BoxFuture<'a, Result<String, StoreError>> {
        Box::pin(async move { Ok(crate::hash::sha256_hex(at.s3_uri())) })
    }

    fn part<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        number: i32,
        body: Bytes,
    ) -> BoxFuture<'a, Result<Part, StoreError>> {
        Box::pin(async move {
            let path = self.parts(upload).join(number.to_string());
            write(&path, &body).await.map_err(|e| io_error("writing", at, &e))?;
            Ok(Part { number, etag: String::new() })
        })
    }

    fn finish<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        parts: &'a [Part],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let folder = self.parts(upload);
            join(&folder, parts, &self.path(at)).await.map_err(|e| io_error("writing", at, &e))
        })
    }

    fn abort<'a>(&'a self, at: &'a Location, upload: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match tokio::fs::remove_dir_all(self.parts(upload)).await {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io_error("removing", at, &e)),
                _ => Ok(()),
            }
        })
    }
}

async fn write(path: &Path, body: &[u8]) -> std::io::Result<()> {
    let Some(parent) = path.parent() else { return Err(std::io::ErrorKind::InvalidInput.into()) };
    tokio::fs::create_dir_all(parent).await?;
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    tokio::fs::write(&partial, body).await?;
    tokio::fs::rename(&partial, path).await
}

async fn join(folder: &Path, parts: &[Part], path: &Path) -> std::io::Result<()> {
    let whole = folder.join("whole");
    let mut out = tokio::fs::File::create(&whole).await?;
    for part in parts {
        let mut part = tokio::fs::File::open(folder.join(part.number.to_string())).await?;
        tokio::io::copy(&mut part, &mut out).await?;
    }
    tokio::io::AsyncWriteExt::flush(&mut out).await?;
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await?;
    }
    tokio::fs::rename(&whole, path).await?;
    tokio::fs::remove_dir_all(folder).await
}

fn io_error(action: &'static str, at: &Location, error: &std::io::Error) -> StoreError {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        std::io::ErrorKind::PermissionDenied => StoreErrorKind::Denied,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(action, at, kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(region: &str, key: &str) -> Location {
        Location { region: region.into(), bucket: "b".into(), key: key.into() }
    }

    #[test]
    fn urls_follow_the_region() {
        assert_eq!(at("us-east-1", "a/b.yml").url(), "https://b.s3.amazonaws.com/a/b.yml");
        assert_eq!(at("us-west-2", "a b+ü").url(), "https://b.s3.us-west-2.amazonaws.com/a%20b%2B%C3%BC");
        assert_eq!(at("cn-north-1", "k").url(), "https://b.s3.cn-north-1.amazonaws.com.cn/k");
        assert_eq!(at("us-gov-west-1", "k").arn(), "arn:aws-us-gov:s3:::b/k");
        assert_eq!(at("eu-west-1", "k").s3_uri(), "s3://b/k");
    }

    #[tokio::test]
    async fn a_directory_keeps_objects_and_joins_parts() {
        let dir = tempfile::tempdir().unwrap();
        let store = DirectoryStore::new(dir.path());
        let object = at("r", "../x/y");
        assert_eq!(store.head(&object).await.unwrap(), None);
        store.put(&object, "", Bytes::from_static(b"hello")).await.unwrap();
        assert_eq!(store.head(&object).await.unwrap().unwrap().size, 5);
        let upload = store.start(&object, "").await.unwrap();
        let one = store.part(&object, &upload, 1, Bytes::from_static(b"ab")).await.unwrap();
        let two = store.part(&object, &upload, 2, Bytes::from_static(b"c")).await.unwrap();
        store.finish(&object, &upload, &[one, two]).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join("b/x/y")).unwrap(), b"abc");
    }
}
