//! DNS names by which services find each other.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Resource, cfn};

use crate::template::About as _;
use crate::workload::stack::{Stack, env_import};

/// Adds the service to the environment's namespace.
pub(crate) fn add(stack: &mut Stack) {
    let service = Resource::new("AWS::ServiceDiscovery::Service").properties(cfn!({
        "Description": "Discovery Service for the Copilot services",
        "DnsConfig": {
            "RoutingPolicy": "MULTIVALUE",
            "DnsRecords": [{ "TTL": 10, "Type": "A" }, { "TTL": 10, "Type": "SRV" }],
        },
        "HealthCheckCustomConfig": { "FailureThreshold": 1 },
        "Name": reference("WorkloadName"),
        "NamespaceId": env_import("ServiceDiscoveryNamespaceID"),
    }));
    stack.resource("DiscoveryService", service.about("Name of the service within the environment"));
}
