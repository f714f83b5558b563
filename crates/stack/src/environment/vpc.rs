//! Copilot's own VPC with its way to the internet. An imported one has both already.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Resource, cfn};

use super::settings::{Settings, Vpc};
use super::tags;
use crate::template::About as _;
use crate::template::Stack;
use crate::template::as_written::as_written;

/// Adds the VPC, its internet gateway and the route to it.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Vpc::Own(vpc) = &settings.vpc else { return };
    let own = Resource::new("AWS::EC2::VPC").properties(cfn!({
        "CidrBlock": as_written(vpc.cidr),
        "EnableDnsHostnames": true,
        "EnableDnsSupport": true,
        "InstanceTenancy": "default",
        "Tags": tags::name(""),
    }));
    stack.resource("VPC", own.about("Network of the environment"));
    let table = cfn!({ "VpcId": reference("VPC"), "Tags": tags::name("") });
    let table = Resource::new("AWS::EC2::RouteTable").properties(table);
    stack.resource("PublicRouteTable", table.about("Routes of the public subnets"));
    let route = Resource::new("AWS::EC2::Route").depends_on("InternetGatewayAttachment").properties(cfn!({
        "RouteTableId": reference("PublicRouteTable"),
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": reference("InternetGateway"),
    }));
    stack.resource("DefaultPublicRoute", route);
    let gateway = Resource::new("AWS::EC2::InternetGateway").property("Tags", tags::name(""));
    stack.resource("InternetGateway", gateway.about("Gateway between network and internet"));
    let attachment = Resource::new("AWS::EC2::VPCGatewayAttachment").properties(cfn!({
        "InternetGatewayId": reference("InternetGateway"),
        "VpcId": reference("VPC"),
    }));
    stack.resource("InternetGatewayAttachment", attachment);
}
