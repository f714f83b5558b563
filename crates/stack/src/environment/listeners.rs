//! Listeners of both load balancers with their certificates, and the target groups behind them that no workload has: what no
//! rule of a workload takes ends there.

use copilot_cfn::intrinsic::reference;
use copilot_cfn::{Resource, Value, cfn};

use super::parameters::{INTERNAL_BALANCER, INTERNAL_HTTPS, PUBLIC_BALANCER, PUBLIC_HTTPS};
use super::settings::Settings;
use super::{certificates, internal_load_balancer, public_load_balancer};
use crate::template::About as _;
use crate::template::Stack;
use crate::template::as_written::as_written;

/// What a load balancer's listeners have in common.
struct Listeners<'a> {
    balancer: &'static str,
    target_group: &'static str,
    /// Condition and logical ID of the listener for HTTP.
    http: (&'static str, &'static str),
    /// The same for HTTPS.
    https: (&'static str, &'static str),
    /// What the balancer is called.
    name: &'static str,
    /// Logical ID of further certificates, numbered from 2.
    further: &'static str,
    certificates: &'a [&'a str],
    /// The certificate where none is imported.
    managed: Option<Value>,
    ssl_policy: Option<&'a str>,
}

/// Adds target groups, listeners and certificates.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let public = Listeners {
        name: "the public load balancer",
        balancer: public_load_balancer::ID,
        target_group: "DefaultHTTPTargetGroup",
        http: (PUBLIC_BALANCER, "HTTPListener"),
        https: (PUBLIC_HTTPS, "HTTPSListener"),
        further: "HTTPSImportCertificate",
        certificates: &settings.public.certificates,
        managed: Some(reference(certificates::ID)),
        ssl_policy: settings.public.ssl_policy,
    };
    let internal = Listeners {
        name: "the internal load balancer",
        balancer: internal_load_balancer::ID,
        target_group: "DefaultInternalHTTPTargetGroup",
        http: (INTERNAL_BALANCER, "InternalHTTPListener"),
        https: (INTERNAL_HTTPS, "InternalHTTPSListener"),
        further: "InternalHTTPSImportCertificate",
        certificates: &settings.internal.certificates,
        managed: None,
        ssl_policy: settings.internal.ssl_policy,
    };
    for listeners in [public, internal] {
        listeners.add(stack, settings);
    }
}

impl Listeners<'_> {
    fn add(&self, stack: &mut Stack, settings: &Settings<'_>) {
        let (condition, id) = self.http;
        let group = Resource::new("AWS::ElasticLoadBalancingV2::TargetGroup").condition(condition);
        stack.resource(self.target_group, group.properties(target_group(settings)));
        let http = self.listener(condition).properties(cfn!({ "Port": 80, "Protocol": "HTTP" }));
        stack.resource(id, http.about(format!("HTTP listener of {}", self.name)));

        let (condition, id) = self.https;
        let imported = self.certificates.first().map(|arn| as_written(arn));
        let certificate = imported.or_else(|| self.managed.clone());
        let https = self.listener(condition).properties(cfn!({
            "Certificates"?: certificate.map(|arn| cfn!([{ "CertificateArn": arn }])),
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy"?: self.ssl_policy.map(as_written),
        }));
        stack.resource(id, https.about(format!("HTTPS listener of {}", self.name)));
        for (place, arn) in self.certificates.iter().enumerate().skip(1) {
            let kind = "AWS::ElasticLoadBalancingV2::ListenerCertificate";
            let certificate = Resource::new(kind).condition(condition).properties(cfn!({
                "ListenerArn": reference(id),
                "Certificates": [{ "CertificateArn": as_written(arn) }],
            }));
            stack.resource(format!("{}{}", self.further, place + 1), certificate);
        }
    }

    fn listener(&self, condition: &'static str) -> Resource {
        Resource::new("AWS::ElasticLoadBalancingV2::Listener").condition(condition).properties(cfn!({
            "DefaultActions": [{ "TargetGroupArn": reference(self.target_group), "Type": "forward" }],
            "LoadBalancerArn": reference(self.balancer),
        }))
    }
}

fn target_group(settings: &Settings<'_>) -> Value {
    cfn!({
        "HealthCheckIntervalSeconds": 10,
        "HealthyThresholdCount": 2,
        "HealthCheckTimeoutSeconds": 5,
        "Port": 80,
        "Protocol": "HTTP",
        "TargetGroupAttributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": 60 }],
        "TargetType": "ip",
        "VpcId": settings.vpc.id(),
    })
}
