//! The domain name of a site: its records, and the certificate that Copilot asks for.

use std::borrow::Cow;

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Value, cfn};

use super::distribution::DISTRIBUTION;
use crate::template::About as _;
use crate::template::function::Function;
use crate::workload::context::Context;
use crate::workload::dns::{certificate_statements, delegation_role, domain, zone_read_statement};
use crate::workload::iam::{function_role, policy};
use crate::workload::model::{SiteDomain, StaticSite};
use crate::workload::stack::{Stack, env_import};

/// Logical ID of the certificate.
pub(crate) const CERTIFICATE: &str = "CertificateValidatorAction";
const RECORDS: &str = "CustomDomainAction";

/// Hosted zone of all of `CloudFront`'s domain names.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

const CERTIFICATE_FUNCTION: Function = Function {
    id: "CertificateValidationFunction",
    role: "CertificateValidatorRole",
    handler: "index.handler",
    timeout: 900,
};

const RECORDS_FUNCTION: Function =
    Function { id: "CustomDomainFunction", role: "CustomDomainRole", handler: "index.handler", timeout: 900 };

/// Logical IDs of what [`add`] adds.
pub(crate) const IDS: [&str; 6] = [
    RECORDS,
    RECORDS_FUNCTION.id,
    RECORDS_FUNCTION.role,
    CERTIFICATE,
    CERTIFICATE_FUNCTION.id,
    CERTIFICATE_FUNCTION.role,
];

/// The site's domain name.
pub(crate) fn name<'a>(site: &StaticSite<'a>, cx: &Context<'_>) -> Option<Cow<'a, str>> {
    Some(match site.domain? {
        SiteDomain::Default => {
            format!("{}.{}.{}.{}", cx.name, cx.env, cx.app, cx.domain().unwrap_or_default()).into()
        }
        SiteDomain::Managed(alias) | SiteDomain::Imported { alias, .. } => alias.into(),
    })
}

/// The site's domain name if Copilot writes its records and asks for its certificate.
pub(crate) fn managed_name<'a>(site: &StaticSite<'a>, cx: &Context<'_>) -> Option<Cow<'a, str>> {
    name(site, cx).filter(|_| !matches!(site.domain, Some(SiteDomain::Imported { .. })))
}

/// Adds the functions that write the records and get the certificate.
pub(crate) fn add(stack: &mut Stack, alias: &str, cx: &Context<'_>) {
    let records = RECORDS_FUNCTION.action().properties(naming(alias, cx)).properties(cfn!({
        "PublicAccessHostedZoneID": CLOUDFRONT_ZONE,
        "PublicAccessDNS": get_att(DISTRIBUTION, "DomainName"),
    }));
    stack.resource(RECORDS, records.about("Domain name of the site"));
    stack.resource(RECORDS_FUNCTION.id, RECORDS_FUNCTION.resource(cx));
    let zone = cfn!({
        "Sid": "HostedZoneAccess",
        "Effect": "Allow",
        "Action": [
            "route53:ChangeResourceRecordSets",
            "route53:Get*",
            "route53:Describe*",
            "route53:ListResourceRecordSets",
            "route53:ListHostedZonesByName",
        ],
        "Resource": "*",
    });
    let policies = cfn!([policy("CustomDomainPolicy", cfn!([assume_delegation(cx), zone]))]);
    let role = function_role(cx, policies).about("Role of the function that writes the domain name");
    stack.resource(RECORDS_FUNCTION.role, role);

    let certificate =
        CERTIFICATE_FUNCTION.action().properties(naming(alias, cx)).property("IsCloudFrontCertificate", true);
    stack.resource(CERTIFICATE, certificate.about("Certificate of the site"));
    stack.resource(CERTIFICATE_FUNCTION.id, CERTIFICATE_FUNCTION.resource(cx));
    let policies = cfn!([policy("CertValidatorPolicy", certificate_access(cx))]);
    let role = function_role(cx, policies).about("Role of the function that gets the certificate");
    stack.resource(CERTIFICATE_FUNCTION.role, role);
}

fn naming(alias: &str, cx: &Context<'_>) -> Value {
    cfn!({
        "EnvHostedZoneId": env_import("HostedZone"),
        "EnvName": reference("EnvName"),
        "AppName": reference("AppName"),
        "ServiceName": reference("WorkloadName"),
        "RootDNSRole": delegation_role(cx),
        "DomainName": domain(cx),
        "Aliases": [alias.to_owned()],
    })
}

fn assume_delegation(cx: &Context<'_>) -> Value {
    cfn!({
        "Sid": "AllowAssumeRole",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": delegation_role(cx),
    })
}

fn certificate_access(cx: &Context<'_>) -> Value {
    let update = cfn!({
        "Sid": "HostedZoneUpdateAndWait",
        "Effect": "Allow",
        "Action": "route53:ChangeResourceRecordSets",
        "Resource": "*",
    });
    cfn!([assume_delegation(cx), update, zone_read_statement("HostedZoneRead"), ..certificate_statements()])
}
