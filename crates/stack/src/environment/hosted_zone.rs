//! The environment's zone below the application's domain, to which the application's zone delegates.
//!
//! All of it is there where the load balancer brings no certificates of its own; whether the application has a domain shows
//! in a parameter.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::parameters::DOMAIN;
use super::settings::Settings;
use crate::template::About as _;
use crate::template::{Function, Stack, iam};

/// Logical ID of the zone.
pub(super) const ID: &str = "EnvironmentHostedZone";
/// Logical ID of the role of all functions for names and certificates.
pub(super) const ROLE: &str = "CustomResourceRole";
/// Logical ID of the delegation.
pub(super) const DELEGATION: &str = "DelegateDNSAction";
/// The zone's name.
pub(super) const NAME: &str = "${EnvironmentName}.${AppName}.${AppDNSName}";

/// Writes the zone's name servers into the application's zone.
const DELEGATE: Function = Function {
    id: "DNSDelegationFunction",
    role: ROLE,
    handler: "index.domainDelegationHandler",
    timeout: 600,
};

/// Adds the zone and its delegation.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    if !settings.manages_domain() {
        return;
    }
    let policy = iam::policy("DNSandACMAccess", statements());
    let role = iam::role(iam::lambda_trust(), settings.boundary)
        .condition(DOMAIN)
        .properties(cfn!({ "Path": "/", "Policies": [policy] }));
    stack.resource(ROLE, role.about("Role of the functions for names and certificates"));
    let comment = format!("HostedZone for environment ${{EnvironmentName}} - {NAME}");
    let zone = Resource::new("AWS::Route53::HostedZone")
        .condition(DOMAIN)
        .properties(cfn!({ "HostedZoneConfig": { "Comment": sub(comment) }, "Name": sub(NAME) }));
    stack.resource(ID, zone.about("Hosted zone of the environment's domain"));
    stack.resource(DELEGATE.id, DELEGATE.resource(settings.artifacts.code).condition(DOMAIN));
    let action = DELEGATE.action().condition(DOMAIN).depends_on_all([DELEGATE.id, ID]).properties(cfn!({
        "DomainName": sub("${AppName}.${AppDNSName}"),
        "SubdomainName": sub(NAME),
        "NameServers": get_att(ID, "NameServers"),
        "RootDNSRole": reference("AppDNSDelegationRole"),
    }));
    stack.resource(DELEGATION, action.about("Delegation of the environment's domain"));
}

fn statements() -> Value {
    cfn!([{
        "Effect": "Allow",
        "Action": [
            "acm:ListCertificates",
            "acm:RequestCertificate",
            "acm:DescribeCertificate",
            "acm:GetCertificate",
            "acm:DeleteCertificate",
            "acm:AddTagsToCertificate",
            "sts:AssumeRole",
            "logs:*",
            "route53:ChangeResourceRecordSets",
            "route53:Get*",
            "route53:Describe*",
            "route53:ListResourceRecordSets",
            "route53:ListHostedZonesByName",
        ],
        "Resource": ["*"],
    }])
}
