//! The `CloudFront` distribution of a site.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::bucket::BUCKET;
use super::domain;
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::names::limited_to_64;
use crate::workload::context::Context;
use crate::workload::model::{SiteDomain, StaticSite};
use crate::workload::stack::Stack;

/// Logical ID of the distribution.
pub(crate) const DISTRIBUTION: &str = "CloudFrontDistribution";
/// Logical ID of what lets it read the bucket.
pub(crate) const ACCESS_CONTROL: &str = "CloudFrontOriginAccessControl";
const REWRITE: &str = "CloudFrontViewerRequestRewriteFunction";

/// A request for a folder, or for a name without an extension, is one for the `index.html` in it. Deployed code.
const REWRITE_CODE: &str = "function handler(event){var request=event.request;var uri=request.uri;\
    if(uri.endsWith('/')){request.uri+='index.html'}else if(!uri.includes('.')){request.uri+='/index.html'}\
    return request}\n";

/// AWS's cache policy `CachingOptimized`.
const CACHE_POLICY: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// Adds the distribution and outputs of its names.
pub(crate) fn add(stack: &mut Stack, site: &StaticSite<'_>, cx: &Context<'_>) {
    let name = limited_to_64(&format!("{}-{}-{}", cx.app, cx.env, cx.name));
    let description = sub("Access control for static s3 origin for ${AppName}-${EnvName}-${WorkloadName}");
    let control = Resource::new("AWS::CloudFront::OriginAccessControl").properties(cfn!({
        "OriginAccessControlConfig": {
            "Description": description,
            "Name": as_written(&name),
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        },
    }));
    stack.resource(ACCESS_CONTROL, control.about("Access of CloudFront to the bucket"));
    let rewrite = Resource::new("AWS::CloudFront::Function").properties(cfn!({
        "AutoPublish": true,
        "FunctionCode": REWRITE_CODE,
        "FunctionConfig": {
            "Comment": "CloudFront Function to rewrite viewer request to index.html",
            "Runtime": "cloudfront-js-1.0",
        },
        "Name": as_written(&name),
    }));
    stack.resource(REWRITE, rewrite.about("Rewriting of requests for a folder to its `index.html`"));
    let alias = domain::name(site, cx);
    let distribution = distribution(site, alias.as_deref()).about("CloudFront distribution of the site");
    stack.resource(DISTRIBUTION, distribution);
    stack.export("CloudFrontDistributionDomainName", get_att(DISTRIBUTION, "DomainName"));
    if let Some(alias) = alias {
        stack.export("CloudFrontDistributionAlternativeDomainName", alias.into_owned());
    }
}

fn distribution(site: &StaticSite<'_>, alias: Option<&str>) -> Resource {
    let origin = sub("copilot-${AppName}-${EnvName}-${WorkloadName}");
    let aliases = alias.map(|alias| cfn!([alias.to_owned()]));
    Resource::new("AWS::CloudFront::Distribution").properties(cfn!({
        "DistributionConfig": {
            "Aliases"?: aliases,
            "DefaultCacheBehavior": {
                "Compress": true,
                "AllowedMethods": ["GET", "HEAD"],
                "FunctionAssociations":
                    [{ "EventType": "viewer-request", "FunctionARN": get_att(REWRITE, "FunctionARN") }],
                "ViewerProtocolPolicy": "redirect-to-https",
                "CachePolicyId": CACHE_POLICY,
                "TargetOriginId": origin.clone(),
            },
            "Enabled": true,
            "IPV6Enabled": true,
            "Origins": [{
                "Id": origin,
                "DomainName": get_att(BUCKET, "RegionalDomainName"),
                "OriginAccessControlId": reference(ACCESS_CONTROL),
                "S3OriginConfig": { "OriginAccessIdentity": "" },
            }],
            "ViewerCertificate"?: certificate(site),
        },
    }))
}

fn certificate(site: &StaticSite<'_>) -> Option<Value> {
    let arn = match site.domain? {
        SiteDomain::Imported { certificate, .. } => as_written(certificate),
        SiteDomain::Default | SiteDomain::Managed(_) => reference(domain::CERTIFICATE),
    };
    Some(cfn!({
        "AcmCertificateArn": arn,
        "MinimumProtocolVersion": "TLSv1",
        "SslSupportMethod": "sni-only",
    }))
}
