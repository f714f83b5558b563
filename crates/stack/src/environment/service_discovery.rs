//! The namespace in which services find each other by name.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Resource, cfn};

use super::settings::Settings;
use crate::template::About as _;
use crate::template::Stack;

/// Adds the namespace.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let namespace = Resource::new("AWS::ServiceDiscovery::PrivateDnsNamespace").properties(cfn!({
        "Name": reference("ServiceDiscoveryEndpoint"),
        "Vpc": settings.vpc.id(),
    }));
    let namespace = namespace.about("Namespace in which services find each other");
    stack.resource("ServiceDiscoveryNamespace", namespace);
}
