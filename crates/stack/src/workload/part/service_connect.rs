//! Service Connect: proxies between services.

use copilot_cfn::intrinsic::{join, reference};
use copilot_cfn::{Value, cfn};

use super::log_group;
use crate::template::as_written::as_written;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::stack::not_in_gov_cloud;

/// The service's configuration. Where it is off, it is switched off, because a service keeps what it had.
pub(crate) fn configuration(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Value {
    let Some(connect) = workload.network.connect else {
        return not_in_gov_cloud(cfn!({ "Enabled": false }));
    };
    let services = workload.connect_target.as_ref().map(|_| {
        cfn!([{
            "PortName": "target",
            "DiscoveryName": join("-", cfn!([reference("WorkloadName"), "sc"])),
            "ClientAliases": [{
                "Port": reference("TargetPort"),
                "DnsName": connect
                    .alias
                    .filter(|alias| !alias.is_empty())
                    .map_or_else(|| reference("WorkloadName"), as_written),
            }],
        }])
    });
    cfn!({
        "Enabled": true,
        "Namespace": as_written(&cx.service_discovery_endpoint()),
        "LogConfiguration": log_group::log_configuration(),
        "Services"?: services,
    })
}
