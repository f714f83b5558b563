//! The load balancer inside the VPC, with the zone in which its workloads have names. It is there once a workload needs it.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, cfn};

use super::parameters::INTERNAL_BALANCER;
use super::security_groups::INTERNAL_GROUP;
use super::settings::Settings;
use super::subnets;
use crate::template::About as _;
use crate::template::Stack;
use crate::template::as_written::items_as_written;

/// Its logical ID.
pub(super) const ID: &str = "InternalLoadBalancer";
/// Logical ID of the zone.
pub(super) const ZONE: &str = "InternalWorkloadsHostedZone";
/// The zone's name.
pub(super) const ZONE_NAME: &str = "${EnvironmentName}.${AppName}.internal";

/// Adds the load balancer, and the zone where no certificate says that names are the user's own.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let subnets = match &settings.internal.subnets {
        Some(chosen) => items_as_written(chosen),
        None => subnets::private(&settings.vpc),
    };
    let balancer = Resource::new("AWS::ElasticLoadBalancingV2::LoadBalancer").condition(INTERNAL_BALANCER);
    let balancer = balancer.properties(cfn!({
        "Scheme": "internal",
        "SecurityGroups": [get_att(INTERNAL_GROUP, "GroupId")],
        "Subnets": subnets,
        "Type": "application",
    }));
    stack.resource(ID, balancer.about("Load balancer within the network"));
    if settings.internal.certificates.is_empty() {
        let zone = Resource::new("AWS::Route53::HostedZone").condition(INTERNAL_BALANCER).properties(cfn!({
            "Name": sub(ZONE_NAME),
            "VPCs": [{ "VPCId": settings.vpc.id(), "VPCRegion": reference("AWS::Region") }],
        }));
        stack.resource(ZONE, zone.about("Hosted zone of the names on the internal load balancer"));
    }
}
