//! DNS records that point to a load balancer.

use copilot_cfn::intrinsic::{join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::Balancer;
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::workload::model::Http;
use crate::workload::stack::{Stack, env_import, from_environment};

/// What an alias record points to.
pub(super) fn target(hosted_zone: Value, dns_name: Value) -> Value {
    cfn!({ "HostedZoneId": hosted_zone, "DNSName": dns_name })
}

fn record_group(zone: Value, comment: String, records: Vec<Value>) -> Resource {
    Resource::new("AWS::Route53::RecordSetGroup").properties(cfn!({
        "HostedZoneId": zone,
        "Comment": sub(comment),
        "RecordSets": records,
    }))
}

fn record(name: Value, target: Value) -> Value {
    cfn!({ "Name": name, "Type": "A", "AliasTarget": target })
}

/// The name of a service on the internal load balancer.
pub(super) fn internal_name() -> Value {
    join(".", cfn!([reference("WorkloadName"), from_environment("InternalWorkloadsHostedZoneName")]))
}

pub(super) fn add_internal(stack: &mut Stack, balancer: Balancer) {
    let target = target(from_environment(balancer.hosted_zone), from_environment(balancer.dns_name));
    let records = vec![record(internal_name(), target)];
    let comment = "Load balancer alias for service ${WorkloadName}".to_owned();
    let zone = from_environment("InternalWorkloadsHostedZone");
    let group =
        record_group(zone, comment, records).about("Name of the service on the internal load balancer");
    stack.resource("LoadBalancerInternalDNSAlias", group);
}

/// The name below the environment's domain.
pub(super) fn add_default(stack: &mut Stack, balancer: Balancer) {
    let name = join(".", cfn!([reference("WorkloadName"), env_import("SubDomain"), ""]));
    let target = target(from_environment(balancer.hosted_zone), from_environment(balancer.dns_name));
    let comment = "LoadBalancer alias for service ${WorkloadName}".to_owned();
    let records = vec![record(name, target)];
    let group = record_group(env_import("HostedZone"), comment, records)
        .about("Name of the service below the environment's domain");
    stack.resource("LoadBalancerDNSAlias", group);
}

/// Records of the main rule's aliases, one group for each hosted zone that the manifest names.
pub(super) fn add_aliases(stack: &mut Stack, http: &Http<'_>, target: &Value) {
    let zones = http.rules.first().map(|rule| rule.zones.as_slice()).unwrap_or_default();
    for (zone, names) in zones {
        let comment = format!("LoadBalancer aliases for service ${{WorkloadName}} in hosted zone {zone}");
        let records = names.iter().map(|name| record((*name).to_owned().into(), target.clone())).collect();
        let group = record_group(as_written(zone), comment, records)
            .about(format!("Aliases of the service in hosted zone {zone}"));
        stack.resource(format!("LoadBalancerDNSAlias{zone}"), group);
    }
}
