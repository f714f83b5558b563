//! Buckets and their settings.

use std::fmt::Write as _;

use super::route::Target;
use super::{Bucket, bucket};
use crate::core::caller::Caller;
use crate::core::time::iso;
use crate::core::world::World;
use crate::error::AwsError;
use crate::http::message::{Request, Response};
use crate::protocol::xml::{self, document, escape};
use crate::services::tags::Tags;

/// Makes a bucket.
pub(crate) fn new_bucket(
    world: &mut World,
    caller: &Caller,
    name: &str,
    region: &str,
) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if !(3..=63).contains(&name.len()) || !name.chars().all(allowed) {
        return Err(AwsError::new("InvalidBucketName", "The specified bucket is not valid."));
    }
    if let Some(old) = world.state.buckets.get(name) {
        return Err(if old.account == caller.account {
            AwsError::new(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            )
        } else {
            AwsError::new("BucketAlreadyExists", "The requested bucket name is not available.")
        }
        .status(409));
    }
    let bucket = Bucket {
        account: caller.account.clone(),
        region: region.to_owned(),
        created: world.now(),
        ..Bucket::default()
    };
    world.state.buckets.insert(name.to_owned(), bucket);
    Ok(())
}

pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    request: &Request,
    target: &Target,
) -> Result<Response, AwsError> {
    let wanted = std::str::from_utf8(&request.body)
        .ok()
        .and_then(xml::read)
        .and_then(|root| root.text_of("LocationConstraint").map(str::to_owned));
    let region = wanted.unwrap_or_else(|| "us-east-1".into());
    if region != caller.region {
        let message = "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.";
        return Err(AwsError::new("IllegalLocationConstraintException", message));
    }
    new_bucket(world, caller, &target.bucket, &region)?;
    Ok(Response::new(200).header("location", &format!("/{}", target.bucket)))
}

pub(super) fn delete(world: &mut World, target: &Target) -> Result<Response, AwsError> {
    if !bucket(world, target)?.is_empty() {
        return Err(
            AwsError::new("BucketNotEmpty", "The bucket you tried to delete is not empty").status(409)
        );
    }
    world.state.buckets.remove(&target.bucket);
    Ok(Response::new(204))
}

pub(super) fn head(world: &mut World, target: &Target) -> Result<Response, AwsError> {
    let region = bucket(world, target)?.region.clone();
    Ok(Response::new(200).header("x-amz-bucket-region", &region))
}

pub(super) fn location(world: &mut World, target: &Target) -> Result<Response, AwsError> {
    let region = &bucket(world, target)?.region;
    let text = if region == "us-east-1" { "" } else { region };
    Ok(document(200, &format!("<LocationConstraint>{text}</LocationConstraint>")))
}

pub(super) fn list(world: &World, caller: &Caller) -> Response {
    let mut body = format!("<ListAllMyBucketsResult><Owner><ID>{}</ID></Owner><Buckets>", caller.account);
    for (name, bucket) in world.state.buckets.iter().filter(|(_, bucket)| bucket.account == caller.account) {
        let _ = write!(
            body,
            "<Bucket><Name>{name}</Name><CreationDate>{}</CreationDate><BucketRegion>{}</BucketRegion></Bucket>",
            iso(bucket.created),
            bucket.region
        );
    }
    body.push_str("</Buckets></ListAllMyBucketsResult>");
    document(200, &body)
}

pub(super) fn put_versioning(
    world: &mut World,
    request: &Request,
    target: &Target,
) -> Result<Response, AwsError> {
    let status = parsed(request)?.text_of("Status").map(str::to_owned);
    bucket(world, target)?.versioning = status;
    Ok(Response::new(200))
}

pub(super) fn get_versioning(world: &mut World, target: &Target) -> Result<Response, AwsError> {
    let status = bucket(world, target)?.versioning.as_ref();
    let status = status.map(|status| format!("<Status>{status}</Status>")).unwrap_or_default();
    Ok(document(200, &format!("<VersioningConfiguration>{status}</VersioningConfiguration>")))
}

fn parsed(request: &Request) -> Result<xml::Element, AwsError> {
    std::str::from_utf8(&request.body).ok().and_then(xml::read).ok_or_else(malformed)
}

pub(super) fn malformed() -> AwsError {
    AwsError::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn tagging(world: &mut World, request: &Request, target: &Target) -> Result<Response, AwsError> {
    let bucket = bucket(world, target)?;
    if request.method == "PUT" {
        let root = parsed(request)?;
        let set = root.all("TagSet").next().ok_or_else(malformed)?;
        bucket.tags = set
            .all("Tag")
            .filter_map(|tag| Some((tag.text_of("Key")?.to_owned(), tag.text_of("Value")?.to_owned())))
            .collect::<Tags>();
        return Ok(Response::new(204));
    }
    if bucket.tags.is_empty() {
        return Err(AwsError::new("NoSuchTagSet", "The TagSet does not exist").status(404));
    }
    let mut body = "<Tagging><TagSet>".to_owned();
    for (key, value) in &bucket.tags {
        let _ = write!(body, "<Tag><Key>{}</Key><Value>{}</Value></Tag>", escape(key), escape(value));
    }
    body.push_str("</TagSet></Tagging>");
    Ok(document(200, &body))
}

/// Puts, gets or deletes a setting that is kept as text.
pub(super) fn setting(
    world: &mut World,
    request: &Request,
    target: &Target,
    name: &str,
    code: &str,
) -> Result<Response, AwsError> {
    let settings = &mut bucket(world, target)?.settings;
    match request.method.as_str() {
        "PUT" => {
            settings.insert(name.to_owned(), String::from_utf8_lossy(&request.body).into_owned());
            Ok(Response::new(if name == "policy" { 204 } else { 200 }))
        }
        "DELETE" => {
            settings.remove(name);
            Ok(Response::new(204))
        }
        _ => match settings.get(name) {
            Some(text) => Ok(Response::new(200).body(text.clone().into_bytes())),
            None if matches!(name, "notification" | "logging") => {
                Ok(document(200, "<NotificationConfiguration/>"))
            }
            None => {
                let code = match name {
                    "policy" => "NoSuchBucketPolicy".to_owned(),
                    "encryption" => "ServerSideEncryptionConfigurationNotFoundError".into(),
                    "ownershipControls" => "OwnershipControlsNotFoundError".into(),
                    _ => format!("NoSuch{code}"),
                };
                Err(AwsError::new(code, format!("The {name} configuration was not found")).status(404))
            }
        },
    }
}
