//! What uploads need from an object store.

mod directory;

use std::time::SystemTime;

use bytes::Bytes;
use futures::future::BoxFuture;

pub use directory::DirectoryStore;

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
    /// The store's own SHA-256 of the content, if it has one, as S3 writes it: Base64; with `-N` behind it, it is the sum of the
    /// sums of `N` parts.
    pub sha256: Option<String>,
}

/// A part of a multipart upload that the store has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: i32,
    /// The store's name for the content of the part.
    pub etag: String,
    /// The SHA-256 of the content in Base64.
    pub sha256: String,
}

/// What uploads need from an object store. An upload is a `head`, then a `put` or a multipart upload; retries,
/// concurrency and memory are the caller's business, so an implementation tries once.
pub trait ObjectStore: Send + Sync {
    /// Asks for an object and its checksum. `None` if there is none.
    fn head<'a>(&'a self, at: &'a Location) -> BoxFuture<'a, Result<Option<ObjectInfo>, StoreError>>;

    /// Writes a whole object, whose SHA-256 in Base64 the store checks and keeps. An empty content type is not sent.
    fn put<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
        sha256: &'a str,
        body: Bytes,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Starts an object that comes in parts, and returns the id of the upload.
    fn start<'a>(
        &'a self,
        at: &'a Location,
        content_type: &'a str,
    ) -> BoxFuture<'a, Result<String, StoreError>>;

    /// Writes one part, whose SHA-256 in Base64 the store checks and keeps; `number` counts from 1.
    fn part<'a>(
        &'a self,
        at: &'a Location,
        upload: &'a str,
        number: i32,
        sha256: &'a str,
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
}
