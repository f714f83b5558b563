//! The load balancer that the internet reaches. It is there once a workload needs it.

use copilot_cfn::intrinsic::get_att;
use copilot_cfn::{Resource, cfn};

use super::parameters::{PUBLIC_BALANCER, PUBLIC_HTTPS};
use super::security_groups::{PUBLIC_HTTP_GROUP, PUBLIC_HTTPS_GROUP};
use super::settings::Settings;
use super::{access_logs, subnets};
use crate::template::About as _;
use crate::template::Stack;
use crate::template::stack::only_if;

/// Its logical ID.
pub(super) const ID: &str = "PublicLoadBalancer";

/// Adds the load balancer.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let https = only_if(PUBLIC_HTTPS, get_att(PUBLIC_HTTPS_GROUP, "GroupId"));
    let balancer = Resource::new("AWS::ElasticLoadBalancingV2::LoadBalancer").condition(PUBLIC_BALANCER);
    let balancer = if settings.own_log_bucket().is_some() {
        balancer.depends_on(access_logs::BUCKET_POLICY)
    } else {
        balancer
    };
    let balancer = balancer.properties(cfn!({
        "LoadBalancerAttributes": access_logs::attributes(settings),
        "Scheme": "internet-facing",
        "SecurityGroups": [get_att(PUBLIC_HTTP_GROUP, "GroupId"), https],
        "Subnets": subnets::public(&settings.vpc),
        "Type": "application",
    }));
    stack.resource(ID, balancer.about("Load balancer that the internet reaches"));
}
