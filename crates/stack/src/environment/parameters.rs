//! The template's parameters and conditions, which are the same for all environments.
//!
//! What workloads ask of their environment arrives in parameters that list them: the function behind `EnvControllerAction`
//! in a workload's stack updates the environment's stack with its name in the list.

use copilot_cfn::Value;
use copilot_cfn::intrinsic::{and, condition, equals, not, reference};

use crate::template::Stack;

/// Parameters that list workloads, with the condition that holds when one does.
const DEMANDS: [(&str, &str); 5] = [
    ("CreateALB", "ALBWorkloads"),
    ("CreateInternalALB", "InternalALBWorkloads"),
    ("CreateEFS", "EFSWorkloads"),
    ("CreateNATGateways", "NATWorkloads"),
    ("CreateAppRunnerVPCEndpoint", "AppRunnerPrivateWorkloads"),
];

/// There is a public load balancer.
pub(super) const PUBLIC_BALANCER: &str = "CreateALB";
/// It has a listener for HTTPS.
pub(super) const PUBLIC_HTTPS: &str = "ExportHTTPSListener";
/// There is an internal load balancer.
pub(super) const INTERNAL_BALANCER: &str = "CreateInternalALB";
/// It has a listener for HTTPS.
pub(super) const INTERNAL_HTTPS: &str = "ExportInternalHTTPSListener";
/// There is a file system.
pub(super) const FILE_SYSTEM: &str = "CreateEFS";
/// There are NAT gateways.
pub(super) const NAT_GATEWAYS: &str = "CreateNATGateways";
/// There is an endpoint for private App Runner services.
pub(super) const APP_RUNNER: &str = "CreateAppRunnerVPCEndpoint";
/// The application has a domain.
pub(super) const DOMAIN: &str = "DelegateDNS";
/// Workloads have aliases below the application's domain.
pub(super) const ALIASES: &str = "ManagedAliases";

/// Adds all parameters and conditions.
pub(super) fn add(stack: &mut Stack) {
    for name in ["AppName", "EnvironmentName"].into_iter().chain(DEMANDS.map(|(_, parameter)| parameter)) {
        stack.parameter(name, "String");
    }
    for name in ["ToolsAccountPrincipalARN", "AppDNSName", "AppDNSDelegationRole", "Aliases"] {
        stack.parameter(name, "String");
    }
    stack.flag("CreateHTTPSListener");
    stack.flag("CreateInternalHTTPSListener");
    stack.parameter("ServiceDiscoveryEndpoint", "String");

    for (name, parameter) in DEMANDS {
        stack.condition(name, is_set(parameter));
    }
    stack.condition(DOMAIN, is_set("AppDNSName"));
    for (name, balancer, parameter) in [
        (PUBLIC_HTTPS, PUBLIC_BALANCER, "CreateHTTPSListener"),
        (INTERNAL_HTTPS, INTERNAL_BALANCER, "CreateInternalHTTPSListener"),
    ] {
        stack.condition(name, and([condition(balancer), equals(reference(parameter), true)]));
    }
    stack.condition(ALIASES, and([condition(DOMAIN), is_set("Aliases"), condition(PUBLIC_BALANCER)]));
}

fn is_set(parameter: &'static str) -> Value {
    not(equals(reference(parameter), ""))
}
