//! The values of the stack's parameters, and its tags.

use super::settings::Settings;
use crate::facts::Facts;
use crate::template::StackParameters;

/// Parameters that belong to the workloads: whatever they have made of them stays. The functions behind workloads' stacks
/// write there which of them need a load balancer, a file system and the like.
const OF_WORKLOADS: [&str; 6] = [
    "Aliases",
    "ALBWorkloads",
    "InternalALBWorkloads",
    "EFSWorkloads",
    "NATWorkloads",
    "AppRunnerPrivateWorkloads",
];

/// Version of a stack that has nothing but its roles.
pub const BOOTSTRAP: &str = "bootstrap";

/// Domain of the namespace for service discovery, which a stack keeps for good: another one would replace the namespace.
const DISCOVERY_ENDPOINT: &str = "ServiceDiscoveryEndpoint";

/// The parameters that keep the value of the deployed stack where it has them: nothing that is rendered may change them.
pub fn kept_parameters() -> impl Iterator<Item = &'static str> {
    OF_WORKLOADS.into_iter().chain([DISCOVERY_ENDPOINT])
}

/// All parameters and tags.
pub(super) fn parameters(settings: &Settings<'_>, facts: &Facts) -> StackParameters {
    let mut own = StackParameters::default();
    let (app, name) = (settings.app, settings.name);
    own.set("AppName", app);
    own.set("EnvironmentName", name);
    own.set("ToolsAccountPrincipalARN", facts.root_user_arn());
    own.set("AppDNSName", settings.domain.unwrap_or_default());
    own.set("AppDNSDelegationRole", facts.dns_delegation_role().unwrap_or_default());
    let https = !settings.public.certificates.is_empty() || settings.domain.is_some();
    own.set("CreateHTTPSListener", https.to_string());
    own.set("CreateInternalHTTPSListener", (!settings.internal.certificates.is_empty()).to_string());
    let version = settings.deployed.version.as_deref();
    let deployed = version.filter(|version| *version != BOOTSTRAP).map(|_| &settings.deployed.parameters);
    let kept = |parameter: &str| deployed.and_then(|deployed| deployed.get(parameter)).cloned();
    for parameter in OF_WORKLOADS {
        own.set(parameter, kept(parameter).unwrap_or_default());
    }
    let endpoint = kept(DISCOVERY_ENDPOINT).unwrap_or_else(|| match deployed {
        // Stacks from before the parameter have the application's name alone.
        Some(_) => format!("{app}.local"),
        None => format!("{name}.{app}.local"),
    });
    own.set(DISCOVERY_ENDPOINT, endpoint);
    own.set_tags(&facts.application, [("application", app), ("environment", name)]);
    own
}
