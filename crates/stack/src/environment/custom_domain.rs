//! Records for the aliases of workloads, below the application's domain.

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Value, cfn};

use super::hosted_zone::ROLE;
use super::parameters::ALIASES;
use super::settings::Settings;
use super::{cdn, public_load_balancer};
use crate::template::About as _;
use crate::template::{Function, Stack};

const RECORDS: Function =
    Function { id: "CustomDomainFunction", role: ROLE, handler: "index.handler", timeout: 600 };

/// Adds what writes the records, which lead to `CloudFront` or else to the public load balancer.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    if !settings.manages_domain() {
        return;
    }
    stack.resource(RECORDS.id, RECORDS.resource(settings.artifacts.code).condition(ALIASES));
    let (name, zone) = if settings.cdn.is_some() {
        (get_att(cdn::ID, "DomainName"), Value::from(cdn::HOSTED_ZONE))
    } else {
        let balancer = |attribute| get_att(public_load_balancer::ID, attribute);
        (balancer("DNSName"), balancer("CanonicalHostedZoneID"))
    };
    let action = RECORDS.action().condition(ALIASES).properties(cfn!({
        "AppName": reference("AppName"),
        "EnvName": reference("EnvironmentName"),
        "Aliases": reference("Aliases"),
        "AppDNSRole": reference("AppDNSDelegationRole"),
        "DomainName": reference("AppDNSName"),
        "PublicAccessDNS": name,
        "PublicAccessHostedZone": zone,
    }));
    stack.resource("CustomDomainAction", action.about("Records of the workloads' aliases"));
}
