//! The zone of an application leads to those of its environments.

use serde_json::{Value as Json, json};

use super::values;
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::services::cloudformation::engine::Work;
use crate::services::route53;

/// How long others remember the record, in seconds.
const TTL: u32 = 60;

/// Delegates the subdomain, where the application's zone is kept here.
pub(super) fn put(work: &mut Work, properties: &Json) {
    let servers = properties.get("NameServers").map(values::items).unwrap_or_default();
    let servers: Vec<Json> = servers.iter().map(|server| json!({"Value": server})).collect();
    let record = json!({
        "Name": properties.text("SubdomainName"), "Type": "NS", "TTL": TTL, "ResourceRecords": servers,
    });
    change(work, properties, "UPSERT", &record);
}

/// Takes the delegation back.
pub(super) fn delete(work: &mut Work, properties: &Json) {
    let name = route53::normal(properties.text("SubdomainName").unwrap_or_default());
    let records = work.world.state.zones.values().flat_map(|zone| &zone.records);
    let mut own = records.filter(|record| {
        record.text("Name") == Some(name.as_str())
            && record.text("Type") == Some("NS")
            && record.number("TTL") == Some(i64::from(TTL))
    });
    if let Some(record) = own.next().cloned() {
        change(work, properties, "DELETE", &record);
    }
}

fn change(work: &mut Work, properties: &Json, action: &str, record: &Json) {
    let name = route53::normal(properties.text("DomainName").unwrap_or_default());
    let zones = &work.world.state.zones;
    let Some((id, zone)) = zones.iter().find(|(_, zone)| zone.name == name && !zone.private) else { return };
    let caller = Caller::service(&zone.account, &work.caller.region, "cloudformation");
    let changes = [json!({"Action": action, "ResourceRecordSet": record})];
    let input = json!({"HostedZoneId": id, "ChangeBatch": {"Changes": changes}});
    // A zone that has other records by now keeps them.
    let _ = route53::call(work.world, &caller, "ChangeResourceRecordSets", &input);
}
