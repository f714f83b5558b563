//! Route 53: hosted zones with their records, and which changes of records are refused.

mod records;
pub(crate) mod rest;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// Zones of all accounts by id: whoever asks a name server does not say in which account.
pub(crate) type Zones = BTreeMap<String, Zone>;

/// A hosted zone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Zone {
    pub(crate) account: String,
    /// In lower case, with a dot at the end.
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) comment: Option<String>,
    /// Set by who made it; a second zone with the same one is refused.
    pub(crate) reference: String,
    /// In the shape in which they are listed.
    pub(crate) records: Vec<Json>,
}

/// A name as it is kept: in lower case, with a dot at the end.
pub(crate) fn normal(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())
}

/// The name servers of a zone.
pub(crate) fn servers(id: &str) -> Vec<String> {
    let mut number: String = id.bytes().map(|byte| char::from(b'0' + byte % 10)).skip(1).take(3).collect();
    while number.len() < 3 {
        number.push('0');
    }
    ["com", "net", "org", "co.uk"]
        .iter()
        .map(|domain| format!("ns-{number}.awsdns-{}.{domain}", &number[1..]))
        .collect()
}

/// Makes a zone, with the records that every zone has, and says its id.
pub(crate) fn new_zone(world: &mut World, caller: &Caller, name: &str, private: bool) -> String {
    let id = format!("Z{}", world.state.ids.upper(19));
    let name = normal(name);
    let servers = servers(&id);
    let authority = format!("{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", servers[0]);
    let values = |all: &[String]| all.iter().map(|value| json!({"Value": value})).collect::<Vec<_>>();
    let dotted: Vec<String> = servers.iter().map(|server| format!("{server}.")).collect();
    let records = vec![
        json!({"Name": name, "Type": "NS", "TTL": 172_800, "ResourceRecords": values(&dotted)}),
        json!({"Name": name, "Type": "SOA", "TTL": 900, "ResourceRecords": values(&[authority])}),
    ];
    let account = caller.account.clone();
    let zone = Zone { account, name, private, records, ..Zone::default() };
    world.state.zones.insert(id.clone(), zone);
    id
}

/// Whether a public zone has a record of this name and type with this value.
pub(crate) fn resolves(world: &World, name: &str, kind: &str, value: &str) -> bool {
    let name = normal(name);
    world.state.zones.values().filter(|zone| !zone.private).flat_map(|zone| &zone.records).any(|record| {
        record.text("Name") == Some(name.as_str())
            && record.text("Type") == Some(kind)
            && record.list("ResourceRecords").iter().any(|found| found.text("Value") == Some(value))
    })
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateHostedZone" => create(world, caller, input),
        "DeleteHostedZone" => {
            let (id, zone) = zone(world, caller, input.need("Id")?)?;
            if zone.records.iter().any(|record| !records::own(zone, record)) {
                return Err(AwsError::new(
                    "HostedZoneNotEmpty",
                    "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
                ));
            }
            world.state.zones.remove(&id);
            Ok(json!({"ChangeInfo": change(world)}))
        }
        "GetHostedZone" => {
            let (id, zone) = zone(world, caller, input.need("Id")?)?;
            let servers = (!zone.private).then(|| json!({"NameServers": servers(&id)}));
            Ok(json!({"HostedZone": shape(&id, zone), "DelegationSet": servers}))
        }
        "ListHostedZones" | "ListHostedZonesByName" => Ok(list(world, caller, input)),
        "ListResourceRecordSets" => {
            let (_, zone) = zone(world, caller, input.need("HostedZoneId")?)?;
            Ok(records::list(zone, input))
        }
        "ChangeResourceRecordSets" => {
            let (_, zone) = zone(world, caller, input.need("HostedZoneId")?)?;
            let batch = input.get("ChangeBatch").unwrap_or(&Json::Null);
            records::change(zone, batch.list("Changes"))?;
            Ok(json!({"ChangeInfo": change(world)}))
        }
        // All name servers know of a change at once.
        "GetChange" => Ok(json!({"ChangeInfo": {"Id": input.need("Id")?, "Status": "INSYNC"}})),
        _ => Err(AwsError::unknown_operation("route53", operation)),
    }
}

fn change(world: &mut World) -> Json {
    json!({
        "Id": format!("/change/C{}", world.state.ids.upper(19)), "Status": "PENDING",
        "SubmittedAt": crate::core::input::timestamp(world.now()),
    })
}

/// A zone of the caller's account, with its id without a folder.
fn zone<'a>(world: &'a mut World, caller: &Caller, id: &str) -> Result<(String, &'a mut Zone), AwsError> {
    let id = id.trim_start_matches("/hostedzone/");
    let found = world.state.zones.get_mut(id).filter(|zone| zone.account == caller.account);
    found.map(|zone| (id.to_owned(), zone)).ok_or_else(|| {
        AwsError::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}")).status(404)
    })
}

fn shape(id: &str, zone: &Zone) -> Json {
    json!({
        "Id": format!("/hostedzone/{id}"), "Name": zone.name, "CallerReference": zone.reference,
        "Config": {"Comment": zone.comment, "PrivateZone": zone.private},
        "ResourceRecordSetCount": zone.records.len(),
    })
}

fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let (name, reference) = (input.need("Name")?, input.need("CallerReference")?);
    if world.state.zones.values().any(|zone| zone.account == caller.account && zone.reference == reference) {
        let message = format!(
            "A hosted zone has already been created with the specified caller reference: {reference}"
        );
        return Err(AwsError::new("HostedZoneAlreadyExists", message).status(409));
    }
    let id = new_zone(world, caller, name, input.has("VPC"));
    let Some(zone) = world.state.zones.get_mut(&id) else { return Ok(Json::Null) };
    reference.clone_into(&mut zone.reference);
    let config = input.get("HostedZoneConfig");
    zone.comment = config.and_then(|config| config.text("Comment")).map(str::to_owned);
    let (shape, private) = (shape(&id, zone), zone.private);
    let servers = (!private).then(|| json!({"NameServers": servers(&id)}));
    Ok(json!({"HostedZone": shape, "ChangeInfo": change(world), "DelegationSet": servers}))
}

/// Zones of the caller's account by name, from the one on that is asked for.
fn list(world: &World, caller: &Caller, input: &Json) -> Json {
    let from = input.text("DNSName").map(order);
    let mut zones: Vec<(&String, &Zone)> =
        world.state.zones.iter().filter(|(_, zone)| zone.account == caller.account).collect();
    zones.sort_by_cached_key(|(id, zone)| (order(&zone.name), (*id).clone()));
    let first = input.text("HostedZoneId").or_else(|| input.text("Marker"));
    let first = first.map(|id| id.trim_start_matches("/hostedzone/"));
    let mut rest: Vec<(&String, &Zone)> = zones
        .into_iter()
        .skip_while(|(_, zone)| from.as_ref().is_some_and(|from| order(&zone.name) < *from))
        .skip_while(|(id, _)| first.is_some_and(|first| id.as_str() != first))
        .collect();
    let size = page_size(input, "MaxItems", 100);
    let next = (rest.len() > size).then(|| rest[size]);
    rest.truncate(size);
    let shapes: Vec<Json> = rest.into_iter().map(|(id, zone)| shape(id, zone)).collect();
    json!({
        "HostedZones": shapes, "IsTruncated": next.is_some(), "MaxItems": size.to_string(),
        "NextDNSName": next.map(|(_, zone)| &zone.name), "NextHostedZoneId": next.map(|(id, _)| id),
        "NextMarker": next.map(|(id, _)| id),
    })
}

/// Names are sorted by their labels from the last one on.
fn order(name: &str) -> Vec<String> {
    let name = normal(name);
    let mut labels: Vec<String> = name.trim_end_matches('.').split('.').map(str::to_owned).collect();
    labels.reverse();
    labels
}
