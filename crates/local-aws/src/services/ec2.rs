//! EC2: describing subnets, attributes of VPCs and managed prefix lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::deployed::deployed;
use super::tags::Tags;
use crate::core::caller::{Caller, arn};
use crate::core::input::{Input, page, page_size};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// Subnets of a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Network {
    pub(crate) subnets: BTreeMap<String, Subnet>,
}

/// A subnet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) vpc: String,
    pub(crate) cidr: String,
    pub(crate) zone: String,
    pub(crate) tags: Tags,
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DescribeSubnets" => subnets(world, caller, input),
        "DescribeVpcAttribute" => vpc_attribute(world, caller, input),
        "DescribeManagedPrefixLists" => Ok(prefix_lists(caller, input)),
        "DescribeAvailabilityZones" => {
            let zones: Json = ["a", "b", "c"]
                .iter()
                .map(|zone| {
                    json!({"zoneName": format!("{}{zone}", caller.region), "zoneState": "available", "regionName": caller.region})
                })
                .collect();
            Ok(json!({"availabilityZoneInfo": zones}))
        }
        _ => Err(AwsError::unknown_operation("ec2", operation)),
    }
}

/// What a VPC of a stack says of itself, and of one that only subnets name, what most have.
fn vpc_attribute(world: &World, caller: &Caller, input: &Json) -> Answer {
    let (id, attribute) = (input.need("VpcId")?, input.need("Attribute")?);
    let (property, usual) = match attribute {
        "enableDnsSupport" => ("EnableDnsSupport", true),
        "enableDnsHostnames" => ("EnableDnsHostnames", false),
        _ => {
            let message = format!("Value ({attribute}) for parameter attribute is invalid.");
            return Err(AwsError::new("InvalidParameterValue", message));
        }
    };
    let of_stack = deployed(world, caller, "AWS::EC2::VPC").find(|vpc| vpc.physical() == id);
    let value = match of_stack {
        Some(vpc) if vpc.resource.properties.has(property) => vpc.resource.properties.flag(property),
        Some(_) => usual,
        None => {
            let here = world.state.regional.get(&caller.scope());
            let named = here.is_some_and(|here| here.network.subnets.values().any(|subnet| subnet.vpc == id));
            if !named {
                let message = format!("The vpc ID '{id}' does not exist");
                return Err(AwsError::new("InvalidVpcID.NotFound", message));
            }
            true
        }
    };
    Ok(json!({"vpcId": id, attribute: {"value": value}}))
}

/// Whether every filter has one of its values among those that `values` finds under its name.
fn passes(input: &Json, values: impl Fn(&str) -> Vec<String>) -> bool {
    input.list("Filter").iter().all(|filter| {
        let wanted = filter.texts("Value");
        let found = values(filter.text("Name").unwrap_or_default());
        found.iter().any(|value| wanted.contains(value))
    })
}

fn subnets(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let ids = input.texts("SubnetId");
    let subnets = &world.state.at(&caller.scope()).network.subnets;
    if let Some(id) = ids.iter().find(|id| !subnets.contains_key(*id)) {
        return Err(AwsError::new(
            "InvalidSubnetID.NotFound",
            format!("The subnet ID '{id}' does not exist"),
        ));
    }
    let found: Vec<Json> = subnets
        .iter()
        .filter(|(id, subnet)| {
            (ids.is_empty() || ids.contains(id))
                && passes(input, |name| match name {
                    "vpc-id" => vec![subnet.vpc.clone()],
                    "subnet-id" => vec![(*id).clone()],
                    "availability-zone" => vec![subnet.zone.clone()],
                    "tag-key" => subnet.tags.keys().cloned().collect(),
                    _ => name
                        .strip_prefix("tag:")
                        .and_then(|key| subnet.tags.get(key))
                        .map(|value| vec![value.clone()])
                        .unwrap_or_default(),
                })
        })
        .map(|(id, subnet)| {
            let tags: Json =
                subnet.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
            json!({
                "subnetId": id, "vpcId": subnet.vpc, "cidrBlock": subnet.cidr, "state": "available",
                "availabilityZone": subnet.zone, "ownerId": caller.account, "tagSet": tags,
                "subnetArn": arn("ec2", &caller.region, &caller.account, &format!("subnet/{id}")),
            })
        })
        .collect();
    let (page, next) = page(&found, input.text("NextToken"), page_size(input, "MaxResults", 1000));
    Ok(json!({"subnetSet": page, "nextToken": next}))
}

/// The lists that AWS itself manages, one of which holds CloudFront's addresses.
fn prefix_lists(caller: &Caller, input: &Json) -> Json {
    let lists = [
        ("pl-82a045eb", "com.amazonaws.global.cloudfront.origin-facing".to_owned()),
        ("pl-68a54001", format!("com.amazonaws.{}.s3", caller.region)),
        ("pl-00a54069", format!("com.amazonaws.{}.dynamodb", caller.region)),
    ];
    let ids = input.texts("PrefixListId");
    let found: Json = lists
        .iter()
        .filter(|(id, name)| {
            (ids.is_empty() || ids.iter().any(|wanted| wanted == id))
                && passes(input, |filter| match filter {
                    "prefix-list-name" => vec![name.clone()],
                    "prefix-list-id" => vec![(*id).to_owned()],
                    "owner-id" => vec!["AWS".into()],
                    _ => Vec::new(),
                })
        })
        .map(|(id, name)| {
            json!({
                "prefixListId": id, "prefixListName": name, "addressFamily": "IPv4", "state": "create-complete",
                "maxEntries": 55, "version": 1, "ownerId": "AWS",
                "prefixListArn": format!("arn:aws:ec2:{}:aws:prefix-list/{id}", caller.region),
            })
        })
        .collect();
    json!({"prefixListSet": found})
}
