//! Network Load Balancer: the load balancer, its listeners, certificates and records.

mod certificate;
mod dns;

use copilot_cfn::intrinsic::{get_att, reference, split, sub};
use copilot_cfn::{Resource, Str, Value, cfn};

use crate::template::About as _;
use crate::template::as_written::{as_written, items_as_written};
use crate::template::names::numbered;
use crate::workload::context::Context;
use crate::workload::model::{Listener, ListenerProtocol, Nlb};
use crate::workload::stack::{Stack, env_import};

const BALANCER: &str = "PublicNetworkLoadBalancerV2";
const SECURITY_GROUP: &str = "NetworkLoadBalancerSecurityGroup";
const TARGET_GROUP: &str = "NetworkLoadBalancerTargetGroup";
const LISTENER: &str = "NLBListener";
const DEFAULT_SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Adds the load balancer, the parameters `NLBAliases` and `NLBPort` and the output of its name.
pub(crate) fn add(stack: &mut Stack, nlb: &Nlb<'_>, cx: &Context<'_>) {
    stack.parameter_or("NLBAliases", "String", "");
    stack.parameter("NLBPort", "String");
    let balancer = Resource::new("AWS::ElasticLoadBalancingV2::LoadBalancer").properties(cfn!({
        "Scheme": "internet-facing",
        "Subnets": split(",", env_import("PublicSubnets")),
        "Type": "network",
        "SecurityGroups": [get_att(SECURITY_GROUP, "GroupId")],
    }));
    stack.resource(BALANCER, balancer.about("Network load balancer that the internet reaches"));
    add_security_group(stack, nlb);
    for (place, listener) in nlb.listeners.iter().enumerate() {
        stack.resource(numbered(LISTENER, place), self::listener(place, listener));
        stack.resource(numbered(TARGET_GROUP, place), target_group(listener));
    }
    if nlb.aliases.is_empty() {
        dns::add_default(stack);
    } else {
        dns::add_aliases(stack, nlb, cx);
    }
    if nlb.listeners.iter().any(|listener| listener.protocol == ListenerProtocol::Tls) {
        certificate::add(stack, nlb, cx);
    }
    stack.export("PublicNetworkLoadBalancerDNSName", get_att(BALANCER, "DNSName"));
}

fn add_security_group(stack: &mut Stack, nlb: &Nlb<'_>) {
    let ingress = nlb.listeners.iter().map(|listener| {
        let (port, protocol) = (listener.port, listener.protocol.of_targets());
        cfn!({
            "CidrIp": "0.0.0.0/0",
            "Description": format!("Allow {protocol} traffic from anyone on listener port {port}"),
            "FromPort": port,
            "IpProtocol": protocol,
            "ToPort": port,
        })
    });
    let group = Resource::new("AWS::EC2::SecurityGroup").properties(cfn!({
        "GroupDescription": "Allow traffic to the public facing load balancer on listener ports",
        "SecurityGroupIngress": ingress.collect::<Vec<_>>(),
        "VpcId": env_import("VpcId"),
        "Tags": [{ "Key": "Name", "Value": sub("copilot-${AppName}-${EnvName}-${WorkloadName}-nlb") }],
    }));
    let into_environment = Resource::new("AWS::EC2::SecurityGroupIngress").properties(cfn!({
        "GroupId": env_import("EnvironmentSecurityGroup"),
        "IpProtocol": -1,
        "SourceSecurityGroupId": get_att(SECURITY_GROUP, "GroupId"),
    }));
    stack.resource(SECURITY_GROUP, group.about("Security group of the network load balancer"));
    let into_environment =
        into_environment.about("Rule that lets the network load balancer reach the environment's workloads");
    stack.resource("EnvironmentSecurityGroupIngressFromNetworkLoadBalancerSecurityGroup", into_environment);
}

fn listener(place: usize, listener: &Listener<'_>) -> Resource {
    let tls = listener.protocol == ListenerProtocol::Tls;
    let certificates = tls.then(|| cfn!([{ "CertificateArn": reference(certificate::ACTION) }]));
    let policy = tls.then(|| listener.ssl_policy.map_or_else(|| DEFAULT_SSL_POLICY.into(), as_written));
    let about = format!("{} listener on port {}", listener.protocol.as_str(), listener.port);
    Resource::new("AWS::ElasticLoadBalancingV2::Listener").about(about).properties(cfn!({
        "DefaultActions":
            [{ "TargetGroupArn": reference(numbered(TARGET_GROUP, place)), "Type": "forward" }],
        "LoadBalancerArn": reference(BALANCER),
        "Port": listener.port,
        "Protocol": listener.protocol.as_str(),
        "Certificates"?: certificates,
        "SslPolicy"?: policy,
    }))
}

fn target_group(listener: &Listener<'_>) -> Resource {
    let stickiness = listener.stickiness.filter(|_| listener.protocol != ListenerProtocol::Tls);
    let stickiness = stickiness.map(|on| cfn!({ "Key": "stickiness.enabled", "Value": on }));
    let delay = listener.deregistration_delay;
    let about = format!("Tasks behind the network load balancer, port {}", listener.target_port);
    Resource::new("AWS::ElasticLoadBalancingV2::TargetGroup").about(about).properties(cfn!({
        "HealthyThresholdCount"?: listener.healthy_threshold,
        "UnhealthyThresholdCount"?: listener.unhealthy_threshold,
        "HealthCheckIntervalSeconds"?: listener.health_check_interval,
        "HealthCheckTimeoutSeconds"?: listener.health_check_timeout,
        "HealthCheckPort"?: listener.health_check_port,
        "Port": as_written(&listener.target_port),
        "Protocol": listener.protocol.of_targets(),
        "TargetGroupAttributes":
            [{ "Key": "deregistration_delay.timeout_seconds", "Value": delay }, ..stickiness],
        "TargetType": "ip",
        "VpcId": env_import("VpcId"),
    }))
}

/// Logical IDs of the listeners that the service waits for.
pub(crate) fn listener_ids(nlb: &Nlb<'_>) -> Vec<Str> {
    (0..nlb.listeners.len()).map(|place| numbered(LISTENER, place)).collect()
}

/// The target groups as the service lists them.
pub(crate) fn targets(nlb: &Nlb<'_>) -> Vec<Value> {
    let listeners = nlb.listeners.iter().enumerate();
    listeners
        .map(|(place, listener)| {
            cfn!({
                "ContainerName": as_written(listener.container),
                "ContainerPort": as_written(&listener.target_port),
                "TargetGroupArn": reference(numbered(TARGET_GROUP, place)),
            })
        })
        .collect()
}

/// What the functions for names and certificates get to know of the application.
fn naming(nlb: &Nlb<'_>, cx: &Context<'_>) -> Value {
    let aliases = items_as_written(&nlb.aliases);
    cfn!({
        "EnvHostedZoneId": env_import("HostedZone"),
        "EnvName": reference("EnvName"),
        "AppName": reference("AppName"),
        "ServiceName": reference("WorkloadName"),
        "RootDNSRole": crate::workload::dns::delegation_role(cx),
        "DomainName": crate::workload::dns::domain(cx),
        "Aliases": aliases,
    })
}
