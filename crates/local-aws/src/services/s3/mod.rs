//! Simple Storage Service, by path and by virtual host.

mod bucket;
mod checksum;
mod list;
mod multipart;
mod object;
mod route;
mod versions;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::caller::Caller;
use crate::core::time::from_compact;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::auth::Credential;
use crate::http::dispatch::guarded;
use crate::http::message::{Request, Response};
use crate::protocol::{Protocol, write_error};
use route::Target;

/// A bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) created: i64,
    /// `Enabled`, `Suspended` or never switched on.
    pub(crate) versioning: Option<String>,
    /// Versions by key, the oldest first.
    pub(crate) objects: BTreeMap<String, Vec<Version>>,
    pub(crate) uploads: BTreeMap<String, multipart::Upload>,
    /// Settings as they were put, by the name of their subresource (`policy`, `encryption`, `lifecycle` ...).
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) tags: crate::services::tags::Tags,
    /// Whether callers lack `s3:ListBucket`: then what is not there is forbidden instead of missing.
    #[serde(default)]
    pub(crate) unlisted: bool,
}

/// A version of an object, or a marker that says it was deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Version {
    /// `null` in a bucket without versioning.
    pub(crate) id: String,
    /// SHA-256 of the content.
    pub(crate) blob: String,
    pub(crate) size: u64,
    /// Without quotation marks.
    pub(crate) etag: String,
    pub(crate) modified: i64,
    pub(crate) deleted: bool,
    /// Headers to give back: content type, metadata, encryption, checksums.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Bucket {
    /// The object under a key, unless it is deleted.
    pub(crate) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last().filter(|version| !version.deleted)
    }

    /// Removes all that is in it, old versions too.
    pub(crate) fn clear(&mut self) {
        self.objects.clear();
        self.uploads.clear();
    }

    /// Whether nothing is in it, not even an old version.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// Whether an unsigned request can only be meant for S3: a read of an object by path or virtual host.
pub(crate) fn is_anonymous_read(request: &Request) -> bool {
    matches!(request.method.as_str(), "GET" | "HEAD")
        && (route::virtual_bucket(request).is_some() || request.path.trim_start_matches('/').contains('/'))
}

fn denied() -> AwsError {
    AwsError::new("AccessDenied", "Access Denied").status(403)
}

/// Answers a request for S3.
pub(crate) fn respond(world: &mut World, request: &Request, credential: Option<&Credential>) -> Response {
    let request_id = world.requests.upper(16);
    let target = Target::of(request);
    let operation = route::operation(request, &target);
    let anonymous = Credential {
        access_key: world.options.account_id.clone(),
        region: world.options.region.clone(),
        service: "s3".into(),
        token: None,
    };
    let signed = credential.is_some();
    let credential = credential.unwrap_or(&anonymous);
    let answer = guarded(world, Protocol::S3, credential, operation, |world, caller| {
        if presign_expired(request, world.now()) {
            return Err(AwsError::new("AccessDenied", "Request has expired").status(403));
        }
        if signed {
            in_region(world, caller, &target, operation)?;
        }
        let unlisted = world.state.buckets.get(&target.bucket).is_some_and(|bucket| bucket.unlisted);
        if unlisted && operation.starts_with("ListObject") {
            return Err(denied());
        }
        let answer = route::act(world, caller, request, &target, operation);
        answer.map_err(|error| if unlisted && error.code == "NoSuchKey" { denied() } else { error })
    });
    let mut response = match answer.result {
        Ok(response) => response,
        Err(error) => {
            let region = error.extra.get("Region").and_then(|region| region.as_str()).map(str::to_owned);
            write_error(Protocol::S3, &error, &request_id).header_if("x-amz-bucket-region", region.as_deref())
        }
    };
    if request.method == "HEAD" && response.status >= 400 {
        response.body = bytes::Bytes::new();
    }
    response.headers.push(("x-amz-request-id".into(), request_id));
    response.mishap = answer.mishap;
    response
}

fn presign_expired(request: &Request, now: i64) -> bool {
    let date = request.parameter("X-Amz-Date").and_then(from_compact);
    let seconds = request.parameter("X-Amz-Expires").and_then(|seconds| seconds.parse::<i64>().ok());
    date.zip(seconds).is_some_and(|(date, seconds)| date + seconds * 1000 < now)
}

/// A bucket answers in its own region only.
fn in_region(world: &World, caller: &Caller, target: &Target, operation: &str) -> Result<(), AwsError> {
    let Some(bucket) = world.state.buckets.get(&target.bucket) else { return Ok(()) };
    if bucket.region == caller.region
        || matches!(operation, "CreateBucket" | "GetBucketLocation" | "ListBuckets")
    {
        return Ok(());
    }
    let mut error = AwsError::new(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    )
    .status(301);
    error.extra.insert("Region".into(), bucket.region.clone().into());
    error.extra.insert("Bucket".into(), target.bucket.clone().into());
    error
        .extra
        .insert("Endpoint".into(), format!("{}.s3.{}.amazonaws.com", target.bucket, bucket.region).into());
    Err(error)
}

/// The bucket of a request, which must be there.
fn bucket<'a>(world: &'a mut World, target: &Target) -> Result<&'a mut Bucket, AwsError> {
    world.state.buckets.get_mut(&target.bucket).ok_or_else(|| {
        let mut error = AwsError::new("NoSuchBucket", "The specified bucket does not exist").status(404);
        error.extra.insert("BucketName".into(), target.bucket.clone().into());
        error
    })
}

pub(crate) use bucket::new_bucket;
pub(crate) use versions::{delete_versions, versions};

/// Puts an object into a bucket without a request.
pub(crate) fn put_object(world: &mut World, bucket: &str, key: &str, content: &bytes::Bytes) -> bool {
    let target = Target { bucket: bucket.to_owned(), key: key.to_owned() };
    let mut headers = BTreeMap::new();
    checksum::set(&mut headers, checksum::usual(content));
    let etag = crate::core::ids::hex(&checksum::md5(content));
    world.dirty = true;
    object::store(world, &target, content, headers, etag).is_ok()
}

/// The bucket and key in one of the URLs that AWS gives objects, or one of this server.
pub(crate) fn object_url(url: &str, endpoint: &str) -> Option<(String, String)> {
    let rest = url.split_once("://")?.1;
    let rest = rest.split('?').next()?;
    let (host, path) = rest.split_once('/')?;
    let path = crate::http::message::percent_decode(path, false);
    let own = host == endpoint.trim_start_matches("http://");
    if own || host.starts_with("s3.") || host.starts_with("s3-") {
        let (bucket, key) = path.split_once('/')?;
        return Some((bucket.to_owned(), key.to_owned()));
    }
    let bucket = route::bucket_of_host(host.rsplit_once(':').map_or(host, |(name, _)| name))?;
    Some((bucket.to_owned(), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_objects() {
        let own = "http://127.0.0.1:4566";
        let found = Some(("b".to_owned(), "k/t.yml".to_owned()));
        for url in [
            "https://b.s3.us-west-2.amazonaws.com/k/t.yml",
            "https://b.s3.amazonaws.com/k/t.yml",
            "https://b.s3-us-west-2.amazonaws.com/k/t.yml",
            "https://s3.us-west-2.amazonaws.com/b/k/t.yml",
            "https://s3.amazonaws.com/b/k%2Ft.yml",
            "http://127.0.0.1:4566/b/k/t.yml?versionId=1",
        ] {
            assert_eq!(object_url(url, own), found, "{url}");
        }
        assert_eq!(object_url("https://example.com/b/k", own), None);
        assert_eq!(object_url("nonsense", own), None);
    }
}
