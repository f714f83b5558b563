//! The subnets of Copilot's own VPC, and how other parts name subnets of either VPC.

use copilot_cfn::intrinsic::{get_azs, reference, select};
use copilot_cfn::{Resource, Value, cfn};

use super::settings::{OwnVpc, Settings, Vpc};
use super::tags;
use crate::template::About as _;
use crate::template::Stack;
use crate::template::as_written::{as_written, items_as_written};

/// Adds the subnets. Private ones have no route table of their own until there are NAT gateways.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Vpc::Own(vpc) = &settings.vpc else { return };
    for (place, cidr) in vpc.public.iter().enumerate() {
        let subnet = subnet(vpc, place, cidr, true).property("Tags", tags::name(&format!("-pub{place}")));
        let about = format!("Public subnet {}, with a way from the internet", place + 1);
        stack.resource(public_id(place), subnet.about(about));
    }
    for (place, cidr) in vpc.private.iter().enumerate() {
        let subnet = subnet(vpc, place, cidr, false).property("Tags", tags::name(&format!("-priv{place}")));
        let about = format!("Private subnet {}, without a way from the internet", place + 1);
        stack.resource(private_id(place), subnet.about(about));
    }
    for place in 0..vpc.public.len() {
        let association = Resource::new("AWS::EC2::SubnetRouteTableAssociation").properties(cfn!({
            "RouteTableId": reference("PublicRouteTable"),
            "SubnetId": reference(public_id(place)),
        }));
        stack.resource(format!("{}RouteTableAssociation", public_id(place)), association);
    }
}

fn subnet(vpc: &OwnVpc<'_>, place: usize, cidr: &str, public: bool) -> Resource {
    let zone = match vpc.zones.get(place) {
        Some(zone) => as_written(zone),
        None => select(count(place), get_azs("")),
    };
    Resource::new("AWS::EC2::Subnet").properties(cfn!({
        "CidrBlock": as_written(cidr),
        "VpcId": reference("VPC"),
        "AvailabilityZone": zone,
        "MapPublicIpOnLaunch": public,
    }))
}

fn count(place: usize) -> Value {
    i64::try_from(place).map_or(Value::Null, Value::Int)
}

/// Logical ID of a public subnet.
pub(super) fn public_id(place: usize) -> String {
    format!("PublicSubnet{}", place + 1)
}

/// Logical ID of a private subnet.
pub(super) fn private_id(place: usize) -> String {
    format!("PrivateSubnet{}", place + 1)
}

/// The public subnets as a list names them.
pub(super) fn public(vpc: &Vpc<'_>) -> Vec<Value> {
    match vpc {
        Vpc::Own(own) => (0..own.public.len()).map(|place| reference(public_id(place))).collect(),
        Vpc::Imported { public, .. } => items_as_written(public),
    }
}

/// The private subnets as a list names them.
pub(super) fn private(vpc: &Vpc<'_>) -> Vec<Value> {
    match vpc {
        Vpc::Own(own) => (0..own.private.len()).map(|place| reference(private_id(place))).collect(),
        Vpc::Imported { private, .. } => items_as_written(private),
    }
}
