//! Hosted zones and their records.

use serde_json::{Value as Json, json};

use super::Place;
use super::naming::physical;
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::route53;

const ZONE: &str = "AWS::Route53::HostedZone";
const GROUP: &str = "AWS::Route53::RecordSetGroup";

pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> Result<String, AwsError> {
    if kind == ZONE {
        let private = !properties.list("VPCs").is_empty();
        return Ok(route53::new_zone(world, caller, properties.need("Name")?, private));
    }
    put(world, caller, kind, properties)?;
    match properties.text("Name") {
        Some(name) if kind != GROUP => Ok(name.to_owned()),
        _ => Ok(physical(world, place, 128)),
    }
}

/// Puts the records as they are now. Those of a zone that nobody has made here go to another AWS.
pub(super) fn put(world: &mut World, caller: &Caller, kind: &str, properties: &Json) -> Result<(), AwsError> {
    change(world, caller, "UPSERT", kind, properties)
}

pub(super) fn delete(
    world: &mut World,
    caller: &Caller,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    if kind == ZONE {
        let input = json!({"Id": physical});
        return match route53::call(world, caller, "DeleteHostedZone", &input) {
            Err(error) if error.code != "NoSuchHostedZone" => Err(error),
            _ => Ok(()),
        };
    }
    match change(world, caller, "DELETE", kind, properties) {
        Err(error) if error.message.contains("it was not found") => Ok(()),
        done => done,
    }
}

fn change(
    world: &mut World,
    caller: &Caller,
    action: &str,
    kind: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    let one = std::slice::from_ref(properties);
    let records = if kind == GROUP { properties.list("RecordSets") } else { one };
    for record in records {
        let Some(id) = zone(world, caller, record).or_else(|| zone(world, caller, properties)) else {
            continue;
        };
        let mut record = record.clone();
        for key in ["HostedZoneId", "HostedZoneName", "Comment"] {
            record.as_object_mut().and_then(|members| members.remove(key));
        }
        let changes = [json!({"Action": action, "ResourceRecordSet": record})];
        let input = json!({"HostedZoneId": id, "ChangeBatch": {"Changes": changes}});
        route53::call(world, caller, "ChangeResourceRecordSets", &input)?;
    }
    Ok(())
}

/// The zone that a record names, if it exists here.
fn zone(world: &World, caller: &Caller, record: &Json) -> Option<String> {
    let own = |id: &str| {
        let found = world.state.zones.get_key_value(id).filter(|(_, zone)| zone.account == caller.account);
        found.map(|(id, _)| id.clone())
    };
    if let Some(id) = record.text("HostedZoneId") {
        return own(id);
    }
    let name = route53::normal(record.text("HostedZoneName")?);
    let found =
        world.state.zones.iter().find(|(_, zone)| zone.name == name && zone.account == caller.account);
    found.map(|(id, _)| id.clone())
}
