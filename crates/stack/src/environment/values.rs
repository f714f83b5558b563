//! The values of the stack's parameters, and its tags.

use super::settings::Settings;
use crate::facts::Facts;
use crate::template::StackParameters;

/// Parameters that belong to the workloads: whatever they have made of them stays.
const OF_WORKLOADS: [&str; 6] = [
    "Aliases",
    "ALBWorkloads",
    "InternalALBWorkloads",
    "EFSWorkloads",
    "NATWorkloads",
    "AppRunnerPrivateWorkloads",
];

/// Version of a stack that has nothing but its roles.
const BOOTSTRAP: &str = "bootstrap";

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
    let endpoint = kept("ServiceDiscoveryEndpoint").unwrap_or_else(|| match deployed {
        // Stacks from before the parameter have the application's name alone.
        Some(_) => format!("{app}.local"),
        None => format!("{name}.{app}.local"),
    });
    own.set("ServiceDiscoveryEndpoint", endpoint);
    own.set_tags(&facts.application, [("application", app), ("environment", name)]);
    own
}
