//! Which operation a request asks for.

use hyper::Method;

use super::{bucket, list, multipart, object};
use crate::core::caller::Caller;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::message::{Request, Response};

/// The bucket and key that a request addresses; empty if it addresses none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Target {
    pub(super) fn of(request: &Request) -> Self {
        let path = request.path.trim_start_matches('/');
        if let Some(bucket) = virtual_bucket(request) {
            return Self { bucket: bucket.to_owned(), key: request.path[1..].to_owned() };
        }
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        Self { bucket: bucket.to_owned(), key: key.to_owned() }
    }
}

/// The bucket in a request's host name.
pub(super) fn virtual_bucket(request: &Request) -> Option<&str> {
    bucket_of_host(request.host())
}

/// The bucket in `BUCKET.s3.REGION.amazonaws.com` and its relatives, or in `BUCKET.localhost`.
pub(super) fn bucket_of_host(host: &str) -> Option<&str> {
    if let Some(bucket) = host.strip_suffix(".localhost") {
        return Some(bucket.strip_suffix(".s3").unwrap_or(bucket));
    }
    if !host.ends_with(".amazonaws.com") && !host.ends_with(".amazonaws.com.cn") {
        return None;
    }
    let at = host.find(".s3.").or_else(|| host.find(".s3-"))?;
    Some(&host[..at])
}

/// Subresources of a bucket that are kept as they are put.
const SETTINGS: [(&str, &str); 9] = [
    ("policy", "Policy"),
    ("encryption", "Encryption"),
    ("lifecycle", "LifecycleConfiguration"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("cors", "Cors"),
    ("ownershipControls", "OwnershipControls"),
    ("notification", "NotificationConfiguration"),
    ("website", "Website"),
    ("logging", "Logging"),
];

fn has(request: &Request, name: &str) -> bool {
    request.parameter(name).is_some()
}

/// The operation's name, as in the permissions and the counts.
pub(super) fn operation(request: &Request, target: &Target) -> &'static str {
    if target.bucket.is_empty() {
        return "ListBuckets";
    }
    if target.key.is_empty() { of_bucket(request) } else { of_object(request) }
}

fn of_bucket(request: &Request) -> &'static str {
    let method = &request.method;
    if has(request, "versioning") {
        return if method == Method::PUT { "PutBucketVersioning" } else { "GetBucketVersioning" };
    }
    if has(request, "tagging") {
        return if method == Method::PUT { "PutBucketTagging" } else { "GetBucketTagging" };
    }
    if SETTINGS.iter().any(|(name, _)| has(request, name)) {
        return match method.as_str() {
            "PUT" => "PutBucketSetting",
            "DELETE" => "DeleteBucketSetting",
            _ => "GetBucketSetting",
        };
    }
    match method.as_str() {
        "PUT" => "CreateBucket",
        "DELETE" => "DeleteBucket",
        "HEAD" => "HeadBucket",
        "POST" if has(request, "delete") => "DeleteObjects",
        "GET" if has(request, "location") => "GetBucketLocation",
        "GET" if has(request, "versions") => "ListObjectVersions",
        "GET" if has(request, "uploads") => "ListMultipartUploads",
        "GET" if request.parameter("list-type") == Some("2") => "ListObjectsV2",
        "GET" => "ListObjects",
        _ => "Unknown",
    }
}

fn of_object(request: &Request) -> &'static str {
    let copies = request.header("x-amz-copy-source").is_some();
    match request.method.as_str() {
        "PUT" if has(request, "partNumber") => "UploadPart",
        "PUT" if has(request, "tagging") || has(request, "acl") => "PutObjectSetting",
        "PUT" if copies => "CopyObject",
        "PUT" => "PutObject",
        "GET" if has(request, "uploadId") => "ListParts",
        "GET" if has(request, "tagging") => "GetObjectTagging",
        "GET" => "GetObject",
        "HEAD" => "HeadObject",
        "DELETE" if has(request, "uploadId") => "AbortMultipartUpload",
        "DELETE" => "DeleteObject",
        "POST" if has(request, "uploads") => "CreateMultipartUpload",
        "POST" if has(request, "uploadId") => "CompleteMultipartUpload",
        _ => "Unknown",
    }
}

/// Carries out the operation.
pub(super) fn act(
    world: &mut World,
    caller: &Caller,
    request: &Request,
    target: &Target,
    operation: &str,
) -> Result<Response, AwsError> {
    match operation {
        "ListBuckets" => Ok(bucket::list(world, caller)),
        "CreateBucket" => bucket::create(world, caller, request, target),
        "DeleteBucket" => bucket::delete(world, target),
        "HeadBucket" => bucket::head(world, target),
        "GetBucketLocation" => bucket::location(world, target),
        "PutBucketVersioning" => bucket::put_versioning(world, request, target),
        "GetBucketVersioning" => bucket::get_versioning(world, target),
        "PutBucketTagging" | "GetBucketTagging" => bucket::tagging(world, request, target),
        "PutBucketSetting" | "GetBucketSetting" | "DeleteBucketSetting" => {
            let found = SETTINGS.iter().find(|(name, _)| has(request, name));
            let (name, code) = found.copied().unwrap_or(("policy", "Policy"));
            bucket::setting(world, request, target, name, code)
        }
        "ListObjectsV2" | "ListObjects" => {
            list::objects(world, request, target, operation == "ListObjectsV2")
        }
        "ListObjectVersions" => list::versions(world, request, target),
        "DeleteObjects" => object::delete_many(world, request, target),
        "PutObject" => object::put(world, request, target),
        "CopyObject" => object::copy(world, request, target),
        "GetObject" | "HeadObject" => object::get(world, request, target),
        "DeleteObject" => object::delete(world, request, target),
        "PutObjectSetting" => Ok(Response::new(200)),
        "GetObjectTagging" => Ok(crate::protocol::xml::document(200, "<Tagging><TagSet/></Tagging>")),
        "CreateMultipartUpload" => multipart::create(world, request, target),
        "UploadPart" => multipart::upload_part(world, request, target),
        "CompleteMultipartUpload" => multipart::complete(world, request, target),
        "AbortMultipartUpload" => multipart::abort(world, request, target),
        "ListMultipartUploads" => multipart::list(world, target),
        "ListParts" => multipart::list_parts(world, request, target),
        _ => Err(AwsError::new(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .status(405)),
    }
}
