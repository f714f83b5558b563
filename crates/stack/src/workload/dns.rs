//! What functions for names and certificates know and may do.

use copilot_cfn::intrinsic::sub_with;
use copilot_cfn::{Value, cfn};

use super::as_written::as_written;
use super::context::Context;
use super::iam::tagged_for_workload;
use super::stack::env_import;

/// What Copilot wrote where a template asks for something of a domain and the application has none. The resources that
/// hold it are never created.
const NOTHING: &str = "<nil>";

/// The role that may change the application's hosted zone.
pub fn delegation_role(cx: &Context<'_>) -> Value {
    cx.dns_delegation_role().map_or_else(|| NOTHING.into(), |role| as_written(&role))
}

/// The application's domain.
pub fn domain(cx: &Context<'_>) -> Value {
    as_written(cx.domain().unwrap_or_default())
}

/// Changing records in the environment's hosted zone, and assuming the role for the application's.
pub fn zone_statements() -> Value {
    let zone = sub_with(
        "arn:${AWS::Partition}:route53:::hostedzone/${EnvHostedZone}",
        [("EnvHostedZone", env_import("HostedZone"))],
    );
    cfn!([
        { "Sid": "AllowAssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" },
        {
            "Sid": "EnvHostedZoneUpdateAndWait",
            "Effect": "Allow",
            "Action": "route53:ChangeResourceRecordSets",
            "Resource": zone,
        },
        zone_read_statement(),
    ])
}

/// Reading records of hosted zones.
pub fn zone_read_statement() -> Value {
    cfn!({
        "Sid": "EnvHostedZoneRead",
        "Effect": "Allow",
        "Action": ["route53:ListResourceRecordSets", "route53:GetChange"],
        "Resource": "*",
    })
}

/// Asking for a certificate and deleting it again, told apart from others by its tags.
pub fn certificate_statements() -> Value {
    cfn!([
        {
            "Sid": "ServiceCertificateDelete",
            "Effect": "Allow",
            "Action": "acm:DeleteCertificate",
            "Resource": "*",
            "Condition": tagged_for_workload("aws"),
        },
        { "Sid": "TaggedResourcesRead", "Effect": "Allow", "Action": "tag:GetResources", "Resource": "*" },
        {
            "Sid": "ServiceCertificateCreate",
            "Effect": "Allow",
            "Action": ["acm:RequestCertificate", "acm:AddTagsToCertificate"],
            "Resource": "*",
            "Condition": tagged_for_workload("aws"),
        },
        { "Sid": "CertificateRead", "Effect": "Allow", "Action": "acm:DescribeCertificate", "Resource": "*" },
    ])
}
