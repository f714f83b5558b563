//! What functions for names and certificates know and may do.

use copilot_cfn::intrinsic::sub_with;
use copilot_cfn::{Value, cfn};

use super::context::Context;
use super::iam::tagged_for_workload;
use super::stack::env_import;
use crate::template::as_written::as_written;

/// What Copilot wrote where a template asks for something of a domain and the application has none. The resources that
/// hold it are never created.
const NOTHING: &str = "<nil>";

/// The role that may change the application's hosted zone.
pub(crate) fn delegation_role(cx: &Context<'_>) -> Value {
    cx.dns_delegation_role().map_or_else(|| NOTHING.into(), |role| as_written(&role))
}

/// The application's domain.
pub(crate) fn domain(cx: &Context<'_>) -> Value {
    cx.domain().map_or_else(|| NOTHING.into(), as_written)
}

/// Changing records in the environment's hosted zone, and assuming the role for the application's.
pub(crate) fn zone_statements() -> [Value; 3] {
    let zone = sub_with(
        "arn:${AWS::Partition}:route53:::hostedzone/${EnvHostedZone}",
        [("EnvHostedZone", env_import("HostedZone"))],
    );
    let assume =
        cfn!({ "Sid": "AllowAssumeRole", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" });
    let update = cfn!({
        "Sid": "EnvHostedZoneUpdateAndWait",
        "Effect": "Allow",
        "Action": "route53:ChangeResourceRecordSets",
        "Resource": zone,
    });
    [assume, update, zone_read_statement("EnvHostedZoneRead")]
}

/// Reading records of hosted zones; the statement's name is part of deployed templates.
pub(crate) fn zone_read_statement(sid: &'static str) -> Value {
    cfn!({
        "Sid": sid,
        "Effect": "Allow",
        "Action": ["route53:ListResourceRecordSets", "route53:GetChange"],
        "Resource": "*",
    })
}

/// Asking for a certificate and deleting it again, told apart from others by its tags.
pub(crate) fn certificate_statements() -> [Value; 4] {
    let delete = cfn!({
        "Sid": "ServiceCertificateDelete",
        "Effect": "Allow",
        "Action": "acm:DeleteCertificate",
        "Resource": "*",
        "Condition": tagged_for_workload("aws"),
    });
    let find = cfn!({
        "Sid": "TaggedResourcesRead",
        "Effect": "Allow",
        "Action": "tag:GetResources",
        "Resource": "*",
    });
    let create = cfn!({
        "Sid": "ServiceCertificateCreate",
        "Effect": "Allow",
        "Action": ["acm:RequestCertificate", "acm:AddTagsToCertificate"],
        "Resource": "*",
        "Condition": tagged_for_workload("aws"),
    });
    let read = cfn!({
        "Sid": "CertificateRead",
        "Effect": "Allow",
        "Action": "acm:DescribeCertificate",
        "Resource": "*",
    });
    [delete, find, create, read]
}
