//! `CloudFront` before the public load balancer, with files that it serves from a bucket.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::parameters::{DOMAIN, PUBLIC_BALANCER};
use super::settings::{Cdn, Settings, StaticAssets};
use super::{certificates, public_load_balancer};
use crate::template::About as _;
use crate::template::as_written::{as_written, items_as_written};
use crate::template::stack::only_if;
use crate::template::{Function, Stack, iam};

/// Logical ID of the distribution.
pub(super) const ID: &str = "CloudFrontDistribution";
/// Hosted zone of all of `CloudFront`'s domain names.
pub(super) const HOSTED_ZONE: &str = "Z2FDTNDATAQYW2";

const ACCESS_CONTROL: &str = "CloudFrontOriginAccessControl";
const UNIQUE_ALIASES: &str = "UniqueAliasesAction";
/// Makes a list without repetition of the aliases of all workloads.
const UNIQUE: Function = Function {
    id: "UniqueJSONValuesFunction",
    role: "UniqueJSONValuesFunctionRole",
    handler: "index.handler",
    timeout: 600,
};

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"];
const BALANCER_ORIGIN: &str = "copilot-${AppName}-${EnvironmentName}-origin";
const BUCKET_ORIGIN: &str = "copilot-${AppName}-${EnvironmentName}-s3";
/// AWS's own policies `CachingDisabled`, `CachingOptimized` and `AllViewer`.
const NO_CACHING: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const CACHING: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const WHOLE_REQUEST: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";

/// Adds the distribution, if the environment has one.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let Some(cdn) = settings.cdn else { return };
    if settings.cdn_has_aliases() {
        add_aliases(stack, cdn, settings);
    }
    if cdn.assets.is_some() {
        let name = sub("copilot-${AppName}-${EnvironmentName}-origin-access-control");
        let kind = "AWS::CloudFront::OriginAccessControl";
        let control = Resource::new(kind).properties(cfn!({ "OriginAccessControlConfig": {
            "Description": "Access control for static s3 origin",
            "Name": name,
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        } }));
        stack.resource(ACCESS_CONTROL, control.about("Access of CloudFront to the bucket of static files"));
    }
    let distribution = Resource::new("AWS::CloudFront::Distribution")
        .about("CloudFront distribution before the public load balancer")
        .condition(PUBLIC_BALANCER);
    stack.resource(ID, distribution.property("DistributionConfig", config(cdn, settings)));
}

fn add_aliases(stack: &mut Stack, cdn: Cdn<'_>, settings: &Settings<'_>) {
    let role = iam::with_logs(iam::role(iam::lambda_trust(), settings.boundary)).condition(PUBLIC_BALANCER);
    stack.resource(UNIQUE.role, role.about("Role of the function that lists all aliases"));
    stack.resource(UNIQUE.id, UNIQUE.resource(settings.artifacts.code).condition(PUBLIC_BALANCER));
    let action = UNIQUE.action().about("List of all aliases").condition(PUBLIC_BALANCER).properties(cfn!({
        "Aliases": reference("Aliases"),
        "AdditionalStrings"?: cdn.assets.map(|assets| items_as_written(&[assets.alias])),
        "FilterFor": reference("ALBWorkloads"),
    }));
    stack.resource(UNIQUE_ALIASES, action);
}

fn config(cdn: Cdn<'_>, settings: &Settings<'_>) -> Value {
    let viewers = if cdn.terminates_tls { "redirect-to-https" } else { "allow-all" };
    let protocol = if cdn.terminates_tls { "http-only" } else { "match-viewer" };
    let aliases = settings.cdn_has_aliases().then(|| get_att(UNIQUE_ALIASES, "UniqueValues"));
    cfn!({
        "Aliases"?: aliases,
        "DefaultCacheBehavior": {
            "AllowedMethods": METHODS,
            "CachePolicyId": NO_CACHING,
            "TargetOriginId": sub(BALANCER_ORIGIN),
            "OriginRequestPolicyId": WHOLE_REQUEST,
            "ViewerProtocolPolicy": viewers,
        },
        "Enabled": true,
        "IPV6Enabled": true,
        "Origins": [
            {
                "Id": sub(BALANCER_ORIGIN),
                "DomainName": get_att(public_load_balancer::ID, "DNSName"),
                "CustomOriginConfig": { "OriginProtocolPolicy": protocol },
            },
            ..cdn.assets.map(bucket_origin),
        ],
        "CacheBehaviors"?: cdn.assets.map(|assets| cfn!([bucket_behavior(assets)])),
        "ViewerCertificate"?: viewer_certificate(cdn, settings),
    })
}

fn bucket_origin(assets: StaticAssets<'_>) -> Value {
    cfn!({
        "Id": sub(BUCKET_ORIGIN),
        "DomainName": as_written(assets.location),
        "OriginAccessControlId": reference(ACCESS_CONTROL),
        "S3OriginConfig": { "OriginAccessIdentity": "" },
    })
}

fn bucket_behavior(assets: StaticAssets<'_>) -> Value {
    cfn!({
        "AllowedMethods": METHODS,
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": CACHING,
        "TargetOriginId": sub(BUCKET_ORIGIN),
        "PathPattern": assets.path.to_owned(),
    })
}

/// The imported certificate, or else the copy of the load balancer's once the application has a domain.
fn viewer_certificate(cdn: Cdn<'_>, settings: &Settings<'_>) -> Option<Value> {
    let with = |arn: Value| cfn!({ "AcmCertificateArn": arn, "MinimumProtocolVersion": "TLSv1", "SslSupportMethod": "sni-only" });
    match cdn.certificate {
        Some(arn) => Some(with(as_written(arn))),
        None => settings
            .replicates_certificate()
            .then(|| only_if(DOMAIN, with(reference(certificates::REPLICATED)))),
    }
}
