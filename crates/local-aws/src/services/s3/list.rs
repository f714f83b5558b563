//! Listing objects and their versions.

use std::fmt::Write as _;

use super::route::Target;
use super::{Version, bucket};
use crate::core::time::iso;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::message::{Request, Response, percent_encode};
use crate::protocol::xml::{document, escape};

/// What a listing asks for.
struct Asked<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    most: usize,
    url: bool,
}

impl<'a> Asked<'a> {
    fn of(request: &'a Request) -> Self {
        Self {
            prefix: request.parameter("prefix").unwrap_or_default(),
            delimiter: request.parameter("delimiter").filter(|delimiter| !delimiter.is_empty()),
            most: request.parameter("max-keys").and_then(|n| n.parse().ok()).unwrap_or(1000).min(1000),
            url: request.parameter("encoding-type") == Some("url"),
        }
    }

    /// A key as it is written into the answer.
    fn key(&self, key: &str) -> String {
        if self.url { percent_encode(key, true) } else { escape(key) }
    }

    /// The common prefix that stands for `key`, if a delimiter groups it.
    fn group(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter?;
        let rest = &key[self.prefix.len()..];
        rest.find(delimiter).map(|at| key[..self.prefix.len() + at + delimiter.len()].to_owned())
    }

    fn head(&self, root: &str, bucket: &str, truncated: bool) -> String {
        let mut out = format!(
            "<{root}><Name>{bucket}</Name><Prefix>{}</Prefix><MaxKeys>{}</MaxKeys><IsTruncated>{truncated}</IsTruncated>",
            self.key(self.prefix),
            self.most
        );
        if let Some(delimiter) = self.delimiter {
            let _ = write!(out, "<Delimiter>{}</Delimiter>", self.key(delimiter));
        }
        if self.url {
            out.push_str("<EncodingType>url</EncodingType>");
        }
        out
    }
}

fn contents(out: &mut String, asked: &Asked, key: &str, version: &Version) {
    let _ = write!(
        out,
        "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
        asked.key(key),
        iso(version.modified),
        version.etag,
        version.size
    );
}

/// `ListObjects` and `ListObjectsV2`.
pub(super) fn objects(
    world: &mut World,
    request: &Request,
    target: &Target,
    second: bool,
) -> Result<Response, AwsError> {
    let asked = Asked::of(request);
    let token = request.parameter("continuation-token");
    let after = token
        .or_else(|| request.parameter(if second { "start-after" } else { "marker" }))
        .unwrap_or_default();
    let bucket = bucket(world, target)?;
    let mut items = String::new();
    let mut groups: Vec<String> = Vec::new();
    let (mut count, mut last, mut truncated) = (0, String::new(), false);
    for key in bucket.objects.keys().filter(|key| key.starts_with(asked.prefix) && key.as_str() > after) {
        let Some(version) = bucket.current(key) else { continue };
        let group = asked.group(key);
        if group.as_ref().is_some_and(|group| groups.contains(group) || after.starts_with(group.as_str())) {
            last.clone_from(key);
            continue;
        }
        if count == asked.most {
            truncated = true;
            break;
        }
        count += 1;
        last.clone_from(key);
        match group {
            Some(group) => groups.push(group),
            None => contents(&mut items, &asked, key, version),
        }
    }
    let mut out = asked.head("ListBucketResult", &target.bucket, truncated);
    if second {
        let _ = write!(out, "<KeyCount>{count}</KeyCount>");
        if truncated {
            let _ = write!(out, "<NextContinuationToken>{}</NextContinuationToken>", escape(&last));
        }
    } else if truncated {
        let _ = write!(out, "<NextMarker>{}</NextMarker>", asked.key(&last));
    }
    out.push_str(&items);
    for group in groups {
        let _ = write!(out, "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", asked.key(&group));
    }
    out.push_str("</ListBucketResult>");
    Ok(document(200, &out))
}

/// `ListObjectVersions`, the newest version of each key first.
pub(super) fn versions(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let asked = Asked::of(request);
    let after_key = request.parameter("key-marker").unwrap_or_default();
    let after_id = request.parameter("version-id-marker");
    let bucket = bucket(world, target)?;
    let mut all: Vec<(&String, &Version, bool)> = Vec::new();
    for (key, versions) in bucket.objects.iter().filter(|(key, _)| key.starts_with(asked.prefix)) {
        for (index, version) in versions.iter().rev().enumerate() {
            all.push((key, version, index == 0));
        }
    }
    let start = all.iter().position(|(key, version, _)| {
        key.as_str() > after_key || (key.as_str() == after_key && after_id.is_some_and(|id| id == version.id))
    });
    // The marker names the last version of the page before; without one the key's versions are all done.
    let start = match (start, after_id) {
        (Some(at), Some(id)) if all[at].1.id == id => at + 1,
        (Some(at), _) => at,
        (None, _) => all.len(),
    };
    let page = &all[start..all.len().min(start + asked.most)];
    let truncated = start + page.len() < all.len();
    let mut out = asked.head("ListVersionsResult", &target.bucket, truncated);
    if let Some((key, version, _)) = page.last().filter(|_| truncated) {
        let _ = write!(
            out,
            "<NextKeyMarker>{}</NextKeyMarker><NextVersionIdMarker>{}</NextVersionIdMarker>",
            asked.key(key),
            version.id
        );
    }
    for (key, version, latest) in page {
        let tag = if version.deleted { "DeleteMarker" } else { "Version" };
        let _ = write!(
            out,
            "<{tag}><Key>{}</Key><VersionId>{}</VersionId><IsLatest>{latest}</IsLatest><LastModified>{}</LastModified>",
            asked.key(key),
            version.id,
            iso(version.modified)
        );
        if !version.deleted {
            let _ = write!(out, "<ETag>&quot;{}&quot;</ETag><Size>{}</Size>", version.etag, version.size);
        }
        let _ = write!(out, "</{tag}>");
    }
    out.push_str("</ListVersionsResult>");
    Ok(document(200, &out))
}
