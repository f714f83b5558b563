//! NAT gateways, over which workloads in private subnets reach the internet: one for each private subnet.

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Resource, cfn};

use super::parameters::NAT_GATEWAYS;
use super::settings::{Settings, Vpc};
use super::subnets::{private_id, public_id};
use super::tags;
use crate::template::About as _;
use crate::template::Stack;

/// Adds gateways with their addresses, and the routes to them.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Vpc::Own(vpc) = &settings.vpc else { return };
    for place in 0..vpc.private.len() {
        add_gateway(stack, place);
    }
}

/// Logical ID of a private subnet's route table.
pub(super) fn route_table_id(place: usize) -> String {
    format!("PrivateRouteTable{}", place + 1)
}

fn add_gateway(stack: &mut Stack, place: usize) {
    let number = place + 1;
    let [gateway, address] = [format!("NatGateway{number}"), format!("NatGateway{number}Attachment")];
    let resource = |kind: &'static str| Resource::new(kind).condition(NAT_GATEWAYS);
    let elastic = resource("AWS::EC2::EIP")
        .about(format!("Address of NAT gateway {number}"))
        .depends_on("InternetGatewayAttachment")
        .property("Domain", "vpc");
    stack.resource(address.clone(), elastic);
    let about = format!("NAT gateway {number}, for private subnet {number}");
    let nat = resource("AWS::EC2::NatGateway").about(about).properties(cfn!({
        "AllocationId": get_att(address, "AllocationId"),
        "SubnetId": reference(public_id(place)),
        "Tags": tags::name(&format!("-{place}")),
    }));
    stack.resource(gateway.clone(), nat);
    let table = resource("AWS::EC2::RouteTable").property("VpcId", reference("VPC"));
    stack.resource(route_table_id(place), table);
    let route = resource("AWS::EC2::Route").properties(cfn!({
        "RouteTableId": reference(route_table_id(place)),
        "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": reference(gateway),
    }));
    stack.resource(format!("PrivateRoute{number}"), route);
    let association = resource("AWS::EC2::SubnetRouteTableAssociation").properties(cfn!({
        "RouteTableId": reference(route_table_id(place)),
        "SubnetId": reference(private_id(place)),
    }));
    stack.resource(format!("{}Association", route_table_id(place)), association);
}
