//! Uploads in parts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::BytesMut;
use serde::{Deserialize, Serialize};

use super::bucket::malformed;
use super::object::{content, kept_headers, store};
use super::route::Target;
use super::{bucket, checksum};
use crate::core::ids::hex;
use crate::core::time::iso;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::message::{Request, Response};
use crate::protocol::xml::{self, document, escape};

/// An upload that is not complete yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Upload {
    key: String,
    created: i64,
    headers: BTreeMap<String, String>,
    /// The algorithm that the checksums of parts have, if the client chose one.
    #[serde(default)]
    algorithm: Option<String>,
    /// By number.
    parts: BTreeMap<u32, Part>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Part {
    blob: String,
    size: u64,
    md5: [u8; 16],
    /// In the upload's algorithm.
    #[serde(default)]
    checksum: Option<String>,
}

/// The smallest part but the last, in bytes.
const LEAST: u64 = 5 << 20;

pub(super) fn create(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let algorithm = request.header("x-amz-checksum-algorithm").map(str::to_ascii_lowercase);
    if algorithm.as_ref().is_some_and(|algorithm| !checksum::ALGORITHMS.contains(&algorithm.as_str())) {
        return Err(AwsError::new("InvalidRequest", "Checksum algorithm provided is unsupported."));
    }
    let (id, created) = (world.state.ids.hex(48), world.now());
    let upload = Upload {
        key: target.key.clone(),
        created,
        headers: kept_headers(request),
        algorithm: algorithm.clone(),
        parts: BTreeMap::new(),
    };
    bucket(world, target)?.uploads.insert(id.clone(), upload);
    let response = document(
        200,
        &format!(
            "<InitiateMultipartUploadResult><Bucket>{}</Bucket><Key>{}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
            target.bucket,
            escape(&target.key)
        ),
    );
    let algorithm = algorithm.map(|algorithm| algorithm.to_uppercase());
    Ok(response.header_if("x-amz-checksum-algorithm", algorithm.as_deref()))
}

fn upload<'a>(world: &'a mut World, request: &Request, target: &Target) -> Result<&'a mut Upload, AwsError> {
    let id = request.parameter("uploadId").unwrap_or_default();
    let found = bucket(world, target)?.uploads.get_mut(id).filter(|upload| upload.key == target.key);
    found.ok_or_else(|| {
        AwsError::new("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
            .status(404)
    })
}

pub(super) fn upload_part(
    world: &mut World,
    request: &Request,
    target: &Target,
) -> Result<Response, AwsError> {
    let algorithm = upload(world, request, target)?.algorithm.clone();
    let number =
        request.parameter("partNumber").and_then(|n| n.parse().ok()).filter(|n| (1..=10_000).contains(n));
    let number = number.ok_or_else(|| {
        AwsError::new("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    })?;
    let (content, checksum) = content(request)?;
    let blob = world.blobs.put(&content).map_err(|error| {
        AwsError::new("InternalError", format!("cannot keep the part: {error}")).status(500)
    })?;
    let sent = checksum.as_ref().and_then(|(name, _)| name.strip_prefix(checksum::HEADER));
    if let (Some(wanted), Some(sent)) = (&algorithm, sent)
        && wanted != sent
    {
        let message = format!(
            "Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual checksum Type: {sent}"
        );
        return Err(AwsError::new("InvalidRequest", message));
    }
    let part = Part {
        blob,
        size: content.len() as u64,
        md5: checksum::md5(&content),
        checksum: algorithm.and_then(|algorithm| checksum::of(&algorithm, &content)),
    };
    let etag = format!("\"{}\"", hex(&part.md5));
    upload(world, request, target)?.parts.insert(number, part);
    let mut response = Response::new(200).header("etag", &etag);
    if let Some((name, value)) = checksum {
        response = response.header(&name, &value);
    }
    Ok(response)
}

pub(super) fn complete(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let root = std::str::from_utf8(&request.body).ok().and_then(xml::read).ok_or_else(malformed)?;
    let upload = upload(world, request, target)?.clone();
    let mut whole = BytesMut::new();
    let (mut digests, mut sums) = (Vec::new(), Vec::new());
    let listed: Vec<_> = root.all("Part").collect();
    let invalid = || AwsError::new("InvalidPart", "One or more of the specified parts could not be found.");
    let mut before = 0;
    for (index, part) in listed.iter().enumerate() {
        let number: u32 = part.text_of("PartNumber").and_then(|n| n.parse().ok()).ok_or_else(malformed)?;
        if number <= before {
            return Err(AwsError::new("InvalidPartOrder", "The list of parts was not in ascending order."));
        }
        before = number;
        let kept = upload.parts.get(&number).ok_or_else(invalid)?;
        let etag = part.text_of("ETag").unwrap_or_default().trim_matches('"');
        if etag != hex(&kept.md5) {
            return Err(invalid());
        }
        if kept.size < LEAST && index + 1 < listed.len() {
            return Err(AwsError::new(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            ));
        }
        if let Some(algorithm) = &upload.algorithm {
            let sum = kept.checksum.clone().unwrap_or_default();
            check_sum(algorithm, part, number, &sum)?;
            sums.push(sum);
        }
        whole.extend_from_slice(&world.blobs.get(&kept.blob).ok_or_else(invalid)?);
        digests.extend(kept.md5);
    }
    if listed.is_empty() {
        return Err(malformed());
    }
    let etag = format!("{}-{}", hex(&checksum::md5(&digests)), listed.len());
    let whole = whole.freeze();
    let mut headers = upload.headers;
    match upload.algorithm.as_deref() {
        Some(algorithm) if algorithm != "crc64nvme" => {
            checksum::set_composite(&mut headers, algorithm, &sums);
        }
        _ => checksum::set(&mut headers, checksum::usual(&whole)),
    }
    let version = store(world, target, &whole, headers, etag)?;
    bucket(world, target)?.uploads.remove(request.parameter("uploadId").unwrap_or_default());
    let body = format!(
        "<CompleteMultipartUploadResult><Location>{}/{}/{}</Location><Bucket>{}</Bucket><Key>{}</Key><ETag>&quot;{}&quot;</ETag>{}</CompleteMultipartUploadResult>",
        world.endpoint,
        target.bucket,
        escape(&target.key),
        target.bucket,
        escape(&target.key),
        version.etag,
        checksum_elements(&version.headers)
    );
    let id = (version.id != "null").then_some(version.id.as_str());
    Ok(document(200, &body).header_if("x-amz-version-id", id))
}

/// An upload with an algorithm wants the sum of each part once more.
fn check_sum(algorithm: &str, part: &xml::Element, number: u32, kept: &str) -> Result<(), AwsError> {
    if algorithm == "crc64nvme" {
        return Ok(());
    }
    match part.text_of(&format!("Checksum{}", algorithm.to_uppercase())) {
        Some(sent) if sent == kept => Ok(()),
        Some(_) => Err(AwsError::new(
            "InvalidPart",
            "One or more of the specified parts could not be found. The checksum did not match.",
        )),
        None => Err(AwsError::new(
            "InvalidRequest",
            format!(
                "The upload was created using a {algorithm} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
            ),
        )),
    }
}

/// The checksum of an object as the answer to its last request has it.
fn checksum_elements(headers: &BTreeMap<String, String>) -> String {
    let Some(algorithm) = checksum::algorithm(headers) else { return String::new() };
    let name = format!("Checksum{}", algorithm.to_uppercase());
    let value = headers.get(&format!("{}{algorithm}", checksum::HEADER)).map_or("", String::as_str);
    let kind = headers.get(checksum::TYPE).map_or("", String::as_str);
    format!("<{name}>{value}</{name}><ChecksumType>{kind}</ChecksumType>")
}

pub(super) fn abort(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    upload(world, request, target)?;
    bucket(world, target)?.uploads.remove(request.parameter("uploadId").unwrap_or_default());
    Ok(Response::new(204))
}

pub(super) fn list(world: &mut World, target: &Target) -> Result<Response, AwsError> {
    let mut out = format!(
        "<ListMultipartUploadsResult><Bucket>{}</Bucket><IsTruncated>false</IsTruncated>",
        target.bucket
    );
    for (id, upload) in &bucket(world, target)?.uploads {
        let _ = write!(
            out,
            "<Upload><Key>{}</Key><UploadId>{id}</UploadId><Initiated>{}</Initiated></Upload>",
            escape(&upload.key),
            iso(upload.created)
        );
    }
    out.push_str("</ListMultipartUploadsResult>");
    Ok(document(200, &out))
}

pub(super) fn list_parts(
    world: &mut World,
    request: &Request,
    target: &Target,
) -> Result<Response, AwsError> {
    let mut out = "<ListPartsResult><IsTruncated>false</IsTruncated>".to_owned();
    for (number, part) in &upload(world, request, target)?.parts {
        let _ = write!(
            out,
            "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{}&quot;</ETag><Size>{}</Size></Part>",
            hex(&part.md5),
            part.size
        );
    }
    out.push_str("</ListPartsResult>");
    Ok(document(200, &out))
}
