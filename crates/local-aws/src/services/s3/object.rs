//! Objects: putting, getting, copying, deleting.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;

use super::bucket::malformed;
use super::route::Target;
use super::{Bucket, Version, bucket, checksum};
use crate::core::ids::hex;
use crate::core::time::{http, iso};
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::chunked;
use crate::http::message::{Request, Response, percent_decode};
use crate::protocol::xml::{self, document, escape};

/// Headers that are kept with an object and given back with it.
const KEPT: [&str; 9] = [
    "content-type",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// The headers of a request that stay with the object it makes.
pub(super) fn kept_headers(request: &Request) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = request
        .headers
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()) || name.as_str().starts_with("x-amz-meta-"))
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    // The framing of the upload is no property of the object; what else was said about its encoding is.
    if let Some(encoding) = request.header("content-encoding") {
        let encoding: Vec<&str> = encoding
            .split(',')
            .map(str::trim)
            .filter(|part| *part != "aws-chunked" && !part.is_empty())
            .collect();
        if !encoding.is_empty() {
            kept.insert("content-encoding".into(), encoding.join(","));
        }
    }
    kept
}

/// The content of an upload without framing, checked against the checksums sent along.
pub(super) fn content(request: &Request) -> Result<(Bytes, Option<(String, String)>), AwsError> {
    let (content, trailers) = chunked::content(request)
        .ok_or_else(|| AwsError::new("IncompleteBody", "The request body terminated unexpectedly"))?;
    let checksum = checksum::verify(request, &content, &trailers)?;
    Ok((content, checksum))
}

/// Keeps `content` as the newest version of an object.
pub(super) fn store(
    world: &mut World,
    target: &Target,
    content: &Bytes,
    headers: BTreeMap<String, String>,
    etag: String,
) -> Result<Version, AwsError> {
    let (modified, id) = (world.now(), world.state.ids.hex(32));
    bucket(world, target)?;
    let blob = world.blobs.put(content).map_err(|error| {
        AwsError::new("InternalError", format!("cannot keep the object: {error}")).status(500)
    })?;
    let bucket = bucket(world, target)?;
    let id = if bucket.versioning.as_deref() == Some("Enabled") { id } else { "null".into() };
    let version = Version { id, blob, size: content.len() as u64, etag, modified, deleted: false, headers };
    add_version(bucket, &target.key, version.clone());
    Ok(version)
}

/// Puts a version on top; the unversioned one is replaced if it is one itself.
fn add_version(bucket: &mut Bucket, key: &str, version: Version) {
    let versions = bucket.objects.entry(key.to_owned()).or_default();
    if version.id == "null" {
        versions.retain(|old| old.id != "null");
    }
    versions.push(version);
}

pub(super) fn put(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let current = bucket(world, target)?.current(&target.key).map(|version| version.etag.clone());
    let failed = || {
        AwsError::new("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            .status(412)
    };
    if request.header("if-none-match") == Some("*") && current.is_some() {
        return Err(failed());
    }
    if let Some(wanted) = request.header("if-match")
        && current.as_deref() != Some(wanted.trim_matches('"'))
    {
        return Err(failed());
    }
    let (content, checksum) = content(request)?;
    let mut headers = kept_headers(request);
    let checksum = checksum.unwrap_or_else(|| checksum::usual(&content));
    checksum::set(&mut headers, checksum.clone());
    let etag = hex(&checksum::md5(&content));
    let version = store(world, target, &content, headers, etag)?;
    let mut response = Response::new(200).header("etag", &format!("\"{}\"", version.etag));
    if version.id != "null" {
        response = response.header("x-amz-version-id", &version.id);
    }
    for name in ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"] {
        response = response.header_if(name, version.headers.get(name).map(String::as_str));
    }
    let (name, value) = checksum;
    Ok(response.header(&name, &value).header(checksum::TYPE, "FULL_OBJECT"))
}

pub(super) fn no_such_key(key: &str) -> AwsError {
    let mut error = AwsError::new("NoSuchKey", "The specified key does not exist.").status(404);
    error.extra.insert("Key".into(), key.into());
    error
}

fn find<'a>(bucket: &'a Bucket, key: &str, version: Option<&str>) -> Result<&'a Version, AwsError> {
    let Some(id) = version else { return bucket.current(key).ok_or_else(|| no_such_key(key)) };
    let found = bucket.objects.get(key).and_then(|versions| versions.iter().find(|version| version.id == id));
    match found {
        Some(version) if version.deleted => Err(AwsError::new(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .status(405)),
        Some(version) => Ok(version),
        None => Err(AwsError::new("NoSuchVersion", "The specified version does not exist.").status(404)),
    }
}

pub(super) fn get(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let version = find(bucket(world, target)?, &target.key, request.parameter("versionId"))?.clone();
    let etag = format!("\"{}\"", version.etag);
    if request.header("if-none-match").is_some_and(|tag| tag == etag || tag == "*") {
        return Ok(Response::new(304).header("etag", &etag));
    }
    let content = world.blobs.get(&version.blob).ok_or_else(|| no_such_key(&target.key))?;
    let mut response = Response::new(200);
    let mut body = content.clone();
    if let Some((start, end)) = request.header("range").and_then(|range| range_of(range, content.len())) {
        if start >= content.len() {
            return Err(AwsError::new("InvalidRange", "The requested range is not satisfiable").status(416));
        }
        body = content.slice(start..end);
        response.status = 206;
        response = response.header("content-range", &format!("bytes {start}-{}/{}", end - 1, content.len()));
    }
    response = response
        .header("etag", &etag)
        .header("last-modified", &http(version.modified))
        .header("accept-ranges", "bytes");
    if version.id != "null" {
        response = response.header("x-amz-version-id", &version.id);
    }
    let checks = request.header("x-amz-checksum-mode").is_some() && response.status == 200;
    for (name, value) in &version.headers {
        let overridden = match name.as_str() {
            "content-type" => request.parameter("response-content-type"),
            "content-disposition" => request.parameter("response-content-disposition"),
            _ => None,
        };
        if checks || !name.starts_with(checksum::HEADER) {
            response = response.header(name, overridden.unwrap_or(value));
        }
    }
    if !version.headers.contains_key("content-type") {
        response = response.header("content-type", "binary/octet-stream");
    }
    if request.method == "HEAD" {
        return Ok(response.header("content-length", &body.len().to_string()));
    }
    Ok(response.body(body))
}

/// Start and end of `bytes=A-B`, `bytes=A-` or `bytes=-N`.
fn range_of(header: &str, length: usize) -> Option<(usize, usize)> {
    let (start, end) = header.strip_prefix("bytes=")?.split_once('-')?;
    if start.is_empty() {
        return Some((length.saturating_sub(end.parse().ok()?), length));
    }
    let start = start.parse().ok()?;
    let end = if end.is_empty() { length } else { end.parse::<usize>().ok()?.saturating_add(1).min(length) };
    (start < end || start >= length).then_some((start, end))
}

pub(super) fn copy(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let source = percent_decode(request.header("x-amz-copy-source").unwrap_or_default(), false);
    let (path, version) =
        source.split_once("?versionId=").map_or((source.as_str(), None), |(p, v)| (p, Some(v)));
    let (name, key) = path.trim_start_matches('/').split_once('/').ok_or_else(|| {
        AwsError::new("InvalidArgument", "Copy Source must mention the source bucket and key")
    })?;
    let from = Target { bucket: name.to_owned(), key: key.to_owned() };
    let original = find(bucket(world, &from)?, key, version)?.clone();
    let content = world.blobs.get(&original.blob).ok_or_else(|| no_such_key(key))?;
    let mut headers = if request.header("x-amz-metadata-directive") == Some("REPLACE") {
        kept_headers(request)
    } else {
        original.headers.clone()
    };
    // The copy is an object in one piece, also of one that came in parts.
    let wanted = request.header("x-amz-checksum-algorithm").map(str::to_ascii_lowercase);
    let algorithm = wanted.as_deref().or_else(|| checksum::algorithm(&original.headers));
    let sum = algorithm.and_then(|algorithm| {
        Some((format!("{}{algorithm}", checksum::HEADER), checksum::of(algorithm, &content)?))
    });
    checksum::set(&mut headers, sum.unwrap_or_else(|| checksum::usual(&content)));
    let copied = store(world, target, &content, headers, original.etag)?;
    Ok(document(
        200,
        &format!(
            "<CopyObjectResult><ETag>&quot;{}&quot;</ETag><LastModified>{}</LastModified></CopyObjectResult>",
            copied.etag,
            iso(copied.modified)
        ),
    ))
}

/// What deleting did: the id of the version concerned, and whether it is a marker.
pub(super) struct Deleted {
    version: Option<String>,
    marker: bool,
}

pub(super) fn remove(world: &mut World, target: &Target, version: Option<&str>) -> Result<Deleted, AwsError> {
    let (modified, id) = (world.now(), world.state.ids.hex(32));
    let bucket = bucket(world, target)?;
    let versioned = bucket.versioning.is_some();
    let Some(versions) = bucket.objects.get_mut(&target.key) else {
        return Ok(Deleted { version: version.map(str::to_owned), marker: false });
    };
    if let Some(wanted) = version {
        let marker = versions.iter().any(|old| old.id == wanted && old.deleted);
        versions.retain(|old| old.id != wanted);
        if versions.is_empty() {
            bucket.objects.remove(&target.key);
        }
        return Ok(Deleted { version: Some(wanted.to_owned()), marker });
    }
    if !versioned {
        bucket.objects.remove(&target.key);
        return Ok(Deleted { version: None, marker: false });
    }
    let id = if bucket.versioning.as_deref() == Some("Enabled") { id } else { "null".into() };
    let marker = Version { id: id.clone(), modified, deleted: true, ..Version::default() };
    add_version(bucket, &target.key, marker);
    Ok(Deleted { version: Some(id), marker: true })
}

pub(super) fn delete(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let deleted = remove(world, target, request.parameter("versionId"))?;
    Ok(Response::new(204)
        .header_if("x-amz-version-id", deleted.version.as_deref())
        .header_if("x-amz-delete-marker", deleted.marker.then_some("true")))
}

pub(super) fn delete_many(
    world: &mut World,
    request: &Request,
    target: &Target,
) -> Result<Response, AwsError> {
    let (body, _) = content(request)?;
    let root = std::str::from_utf8(&body).ok().and_then(xml::read).ok_or_else(malformed)?;
    let quiet = root.text_of("Quiet") == Some("true");
    let mut out = "<DeleteResult>".to_owned();
    let objects: Vec<_> = root.all("Object").collect();
    if objects.is_empty() || objects.len() > 1000 {
        return Err(malformed());
    }
    for object in objects {
        let key = object.text_of("Key").ok_or_else(malformed)?;
        let one = Target { bucket: target.bucket.clone(), key: key.to_owned() };
        let version = object.text_of("VersionId").filter(|id| !id.is_empty());
        let deleted = remove(world, &one, version)?;
        if !quiet {
            let _ = write!(out, "<Deleted><Key>{}</Key>", escape(key));
            if let Some(id) = version {
                let _ = write!(out, "<VersionId>{id}</VersionId>");
            }
            if let Some(id) = deleted.version.filter(|_| deleted.marker) {
                let _ = write!(
                    out,
                    "<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>{id}</DeleteMarkerVersionId>"
                );
            }
            out.push_str("</Deleted>");
        }
    }
    out.push_str("</DeleteResult>");
    Ok(document(200, &out))
}
