//! The records of a zone.

use serde_json::{Value as Json, json};

use super::{Zone, normal, order};
use crate::core::input::{Input, page_size};
use crate::error::AwsError;

/// Whether a record belongs to the zone itself, so that it can't be removed.
pub(super) fn own(zone: &Zone, record: &Json) -> bool {
    record.text("Name") == Some(zone.name.as_str()) && matches!(record.text("Type"), Some("NS" | "SOA"))
}

/// A record as it is kept: names normal, the time to live a number, nothing that is absent.
fn kept(record: &Json) -> Json {
    let mut kept = serde_json::Map::new();
    for (key, value) in record.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let value = match key.as_str() {
            "Name" => json!(normal(value.as_str().unwrap_or_default())),
            "TTL" => json!(record.number("TTL")),
            "ResourceRecords" => record
                .list("ResourceRecords")
                .iter()
                .filter_map(|record| record.text("Value").or(record.as_str()))
                .map(|value| json!({"Value": value}))
                .collect(),
            "AliasTarget" => json!({
                "HostedZoneId": value.text("HostedZoneId"),
                "DNSName": normal(value.text("DNSName").unwrap_or_default()),
                "EvaluateTargetHealth": value.flag("EvaluateTargetHealth"),
            }),
            _ => value.clone(),
        };
        kept.insert(key.clone(), value);
    }
    Json::Object(kept)
}

/// What records are told apart by.
fn identity(record: &Json) -> (Option<&str>, Option<&str>, Option<&str>) {
    (record.text("Name"), record.text("Type"), record.text("SetIdentifier"))
}

/// Changes records: all of them, or none if one is refused.
pub(super) fn change(zone: &mut Zone, changes: &[Json]) -> Result<(), AwsError> {
    let mut records = zone.records.clone();
    let mut refused = Vec::new();
    for change in changes {
        let record = kept(change.get("ResourceRecordSet").unwrap_or(&Json::Null));
        let label = format!(
            "resource record set [name='{}', type='{}']",
            record.text("Name").unwrap_or_default(),
            record.text("Type").unwrap_or_default()
        );
        let name = record.text("Name").unwrap_or_default();
        if name != zone.name && !name.ends_with(&format!(".{}", zone.name)) {
            refused.push(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name));
            continue;
        }
        let place = records.iter().position(|old| identity(old) == identity(&record));
        match (change.text("Action").unwrap_or_default(), place) {
            ("DELETE", None) => refused.push(format!("Tried to delete {label} but it was not found")),
            ("DELETE", Some(place)) if !same(&records[place], &record) => refused.push(format!(
                "Tried to delete {label} but the values provided do not match the current values"
            )),
            ("DELETE", Some(place)) if own(zone, &records[place]) => {
                refused.push(format!("A HostedZone must contain exactly one {label}"));
            }
            ("DELETE", Some(place)) => drop(records.remove(place)),
            ("CREATE", Some(_)) => refused.push(format!("Tried to create {label} but it already exists")),
            ("UPSERT", Some(place)) => records[place] = record,
            ("CREATE" | "UPSERT", None) => records.push(record),
            (action, _) => refused.push(format!("Invalid action {action}")),
        }
    }
    if refused.is_empty() {
        zone.records = records;
        return Ok(());
    }
    Err(AwsError::new("InvalidChangeBatch", format!("[{}]", refused.join(", "))))
}

/// Whether two records say the same; the order of values does not matter.
fn same(a: &Json, b: &Json) -> bool {
    let sorted = |record: &Json| {
        let mut record = record.clone();
        if let Some(values) = record.get_mut("ResourceRecords").and_then(Json::as_array_mut) {
            values.sort_by_key(ToString::to_string);
        }
        record
    };
    sorted(a) == sorted(b)
}

/// Records by name and type, from the one on that is asked for.
pub(super) fn list(zone: &Zone, input: &Json) -> Json {
    let key = |record: &Json| {
        (
            order(record.text("Name").unwrap_or_default()),
            record.text("Type").unwrap_or_default().to_owned(),
            record.text("SetIdentifier").unwrap_or_default().to_owned(),
        )
    };
    let mut sorted: Vec<&Json> = zone.records.iter().collect();
    sorted.sort_by_cached_key(|record| key(record));
    let from = input.text("StartRecordName").map(|name| {
        let text = |name: &str| input.text(name).unwrap_or_default().to_owned();
        (order(name), text("StartRecordType"), text("StartRecordIdentifier"))
    });
    let mut rest: Vec<&Json> = sorted
        .into_iter()
        .skip_while(|record| from.as_ref().is_some_and(|from| key(record) < *from))
        .collect();
    let size = page_size(input, "MaxItems", 300);
    let next = (rest.len() > size).then(|| rest[size]);
    rest.truncate(size);
    json!({
        "ResourceRecordSets": rest, "IsTruncated": next.is_some(), "MaxItems": size.to_string(),
        "NextRecordName": next.and_then(|next| next.text("Name")),
        "NextRecordType": next.and_then(|next| next.text("Type")),
        "NextRecordIdentifier": next.and_then(|next| next.text("SetIdentifier")),
    })
}
