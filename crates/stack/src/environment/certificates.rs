//! Certificates that Copilot asks for: that of the public load balancer, and its copy for `CloudFront`.

use copilot_cfn::cfn;
use copilot_cfn::intrinsic::reference;

use super::hosted_zone::{self, DELEGATION, ROLE};
use super::parameters::DOMAIN;
use super::settings::Settings;
use crate::template::About as _;
use crate::template::{Function, Stack};

/// Logical ID of the load balancer's certificate.
pub(super) const ID: &str = "HTTPSCert";
/// Logical ID of its copy in the region where `CloudFront` wants it.
pub(super) const REPLICATED: &str = "CertificateReplicator";

const REQUEST: Function = Function {
    id: "CertificateValidationFunction",
    role: ROLE,
    handler: "index.certificateRequestHandler",
    timeout: 900,
};

const REPLICATE: Function = Function {
    id: "CertificateReplicatorFunction",
    role: ROLE,
    handler: "index.certificateReplicateHandler",
    timeout: 900,
};

/// Adds the certificates, unless others are imported.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    if !settings.manages_domain() {
        return;
    }
    stack.resource(REQUEST.id, REQUEST.resource(settings.artifacts.code).condition(DOMAIN));
    let others = [REQUEST.id, hosted_zone::ID, DELEGATION];
    let certificate = REQUEST.action().condition(DOMAIN).depends_on_all(others).properties(cfn!({
        "AppName": reference("AppName"),
        "EnvName": reference("EnvironmentName"),
        "DomainName": reference("AppDNSName"),
        "Aliases": reference("Aliases"),
        "EnvHostedZoneId": reference(hosted_zone::ID),
        "Region": reference("AWS::Region"),
        "RootDNSRole": reference("AppDNSDelegationRole"),
    }));
    stack.resource(ID, certificate.about("Certificate of the public load balancer"));
    if settings.replicates_certificate() {
        stack.resource(REPLICATE.id, REPLICATE.resource(settings.artifacts.code).condition(DOMAIN));
        let copy = REPLICATE.action().condition(DOMAIN).properties(cfn!({
            "AppName": reference("AppName"),
            "EnvName": reference("EnvironmentName"),
            "TargetRegion": "us-east-1",
            "EnvRegion": reference("AWS::Region"),
            "CertificateArn": reference(ID),
        }));
        stack.resource(REPLICATED, copy.about("Copy of the certificate for CloudFront"));
    }
}
