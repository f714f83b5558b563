//! Names of a Network Load Balancer.

use copilot_cfn::intrinsic::{get_att, join, sub};
use copilot_cfn::{Resource, cfn};

use super::{BALANCER, naming};
use crate::template::About as _;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::dns::zone_statements;
use crate::workload::iam::{function_role, policy};
use crate::workload::model::Nlb;
use crate::workload::stack::{Stack, env_import};

/// Copilot made these only where the application has a domain; the role is always there.
pub(super) const CONDITION: &str = "HasAssociatedDomain";

const FUNCTION: Function = Function {
    id: "NLBCustomDomainFunction",
    role: "NLBCustomDomainRole",
    handler: "index.handler",
    timeout: 900,
};

/// The name below the environment's domain.
pub(super) fn add_default(stack: &mut Stack) {
    let name = join(".", cfn!([sub("${WorkloadName}-nlb"), env_import("SubDomain"), ""]));
    let records = Resource::new("AWS::Route53::RecordSetGroup").condition(CONDITION).properties(cfn!({
        "HostedZoneId": env_import("HostedZone"),
        "Comment": sub("Default NetworkLoadBalancer alias for service ${WorkloadName}"),
        "RecordSets": [{
            "Name": name,
            "Type": "A",
            "AliasTarget": {
                "HostedZoneId": get_att(BALANCER, "CanonicalHostedZoneID"),
                "DNSName": get_att(BALANCER, "DNSName"),
            },
        }],
    }));
    let records = records.about("Name of the network load balancer below the environment's domain");
    stack.resource("NLBDNSAlias", records);
}

/// The names of the manifest, set by a function because their zone may be in another account.
pub(super) fn add_aliases(stack: &mut Stack, nlb: &Nlb<'_>, cx: &Context<'_>) {
    let action = FUNCTION.action().condition(CONDITION).properties(naming(nlb, cx)).properties(cfn!({
        "PublicAccessHostedZoneID": get_att(BALANCER, "CanonicalHostedZoneID"),
        "PublicAccessDNS": get_att(BALANCER, "DNSName"),
    }));
    stack.resource("NLBCustomDomainAction", action.about("Aliases of the network load balancer"));
    stack.resource(FUNCTION.id, FUNCTION.resource(cx).condition(CONDITION));
    let policies = cfn!([policy("NLBCustomDomainPolicy", cfn!([..zone_statements()]))]);
    let role = function_role(cx, policies);
    stack.resource(FUNCTION.role, role.about("Role of the function that writes the aliases"));
}
