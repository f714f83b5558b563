//! Versions of objects, asked for without a request of S3's own.

use serde_json::{Value as Json, json};

use super::route::Target;
use super::{bucket, object};
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::Answer;

/// As many as a page has.
const PAGE: usize = 1000;

/// Versions and delete markers, by key and the newest first.
pub(crate) fn versions(world: &mut World, input: &Json) -> Answer {
    let target = Target { bucket: input.need("Bucket")?.to_owned(), key: String::new() };
    let bucket = bucket(world, &target)?;
    let all =
        bucket.objects.iter().flat_map(|(key, versions)| versions.iter().rev().map(move |one| (key, one)));
    let after = (input.text("KeyMarker"), input.text("VersionIdMarker"));
    let mut all: Vec<_> = match after {
        (Some(key), Some(id)) => {
            all.skip_while(|(name, one)| (name.as_str(), one.id.as_str()) != (key, id)).skip(1).collect()
        }
        _ => all.collect(),
    };
    let truncated = all.len() > PAGE;
    all.truncate(PAGE);
    let last = all.last().filter(|_| truncated);
    let shape = |deleted: bool| -> Json {
        let some = all.iter().filter(|(_, one)| one.deleted == deleted);
        some.map(|(key, one)| json!({"Key": key, "VersionId": one.id})).collect()
    };
    Ok(json!({
        "Versions": shape(false), "DeleteMarkers": shape(true), "IsTruncated": truncated,
        "NextKeyMarker": last.map(|(key, _)| key), "NextVersionIdMarker": last.map(|(_, one)| &one.id),
    }))
}

/// Removes versions.
pub(crate) fn delete_versions(world: &mut World, input: &Json) -> Answer {
    let name = input.need("Bucket")?;
    for one in input.get("Delete").unwrap_or(&Json::Null).list("Objects") {
        let target = Target { bucket: name.to_owned(), key: one.need("Key")?.to_owned() };
        object::remove(world, &target, one.text("VersionId"))?;
    }
    Ok(json!({}))
}
