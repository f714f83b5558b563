//! The targets of each rule.

use copilot_cfn::{Resource, Value, cfn};

use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::names::numbered;
use crate::workload::model::{Http, Rule};
use crate::workload::stack::{Stack, env_import};

/// A port that speaks TLS.
const TLS: &str = "443";

/// Logical ID of the first target group; those after it have numbers.
pub(super) fn base_id(http: &Http<'_>) -> &'static str {
    if http.imported.is_some() { "TargetGroupForImportedALB" } else { "TargetGroup" }
}

pub(super) fn add(stack: &mut Stack, http: &Http<'_>) {
    for (place, rule) in http.rules.iter().enumerate() {
        stack.resource(numbered(base_id(http), place), target_group(rule));
    }
}

fn target_group(rule: &Rule<'_>) -> Resource {
    let check = &rule.health_check;
    let check_port = check.port.map(|port| port.to_string());
    let check_protocol = match check_port.as_deref() {
        Some(TLS) => Some("HTTPS"),
        None if rule.port == TLS => Some("HTTPS"),
        Some(_) if rule.port == TLS => Some("HTTP"),
        _ => None,
    };
    let matcher: Option<Value> = check.success_codes.map(|codes| cfn!({ "HttpCode": as_written(codes) }));
    let group = Resource::new("AWS::ElasticLoadBalancingV2::TargetGroup");
    group.about(format!("Tasks behind the load balancer, port {}", rule.port)).properties(cfn!({
        "HealthCheckPath": as_written(&check.path),
        "HealthCheckPort"?: check.port,
        "Matcher"?: matcher,
        "HealthyThresholdCount"?: check.healthy_threshold,
        "UnhealthyThresholdCount"?: check.unhealthy_threshold,
        "HealthCheckIntervalSeconds"?: check.interval,
        "HealthCheckTimeoutSeconds"?: check.timeout,
        "HealthCheckProtocol"?: check_protocol,
        "Port": as_written(&rule.port),
        "Protocol": if rule.port == TLS { "HTTPS" } else { "HTTP" },
        "ProtocolVersion"?: rule.version.clone(),
        "TargetGroupAttributes": [
            { "Key": "deregistration_delay.timeout_seconds", "Value": rule.deregistration_delay },
            { "Key": "stickiness.enabled", "Value": rule.stickiness },
        ],
        "TargetType": "ip",
        "VpcId": env_import("VpcId"),
    }))
}
