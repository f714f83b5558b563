//! Security groups: who may talk to load balancers, and they and the workloads to each other.

use copilot_cfn::intrinsic::{join, reference};
use copilot_cfn::{Map, Resource, Value, cfn};

use super::parameters::{INTERNAL_BALANCER, INTERNAL_HTTPS, PUBLIC_BALANCER, PUBLIC_HTTPS};
use super::settings::{PublicBalancer, Rule, Settings};
use super::tags;
use crate::template::About as _;
use crate::template::Stack;
use crate::template::as_written::as_written;

/// Group of the public load balancer for requests over HTTP.
pub(super) const PUBLIC_HTTP_GROUP: &str = "PublicHTTPLoadBalancerSecurityGroup";
/// The same for HTTPS.
pub(super) const PUBLIC_HTTPS_GROUP: &str = "PublicHTTPSLoadBalancerSecurityGroup";
/// Group of the internal load balancer.
pub(super) const INTERNAL_GROUP: &str = "InternalLoadBalancerSecurityGroup";
/// Group of all workloads of the environment.
pub(super) const ENVIRONMENT_GROUP: &str = "EnvironmentSecurityGroup";

/// Adds the groups and the rules between them.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    for (id, condition, protocol, port, suffix) in [
        (PUBLIC_HTTP_GROUP, PUBLIC_BALANCER, "HTTP", 80, "-lb-http"),
        (PUBLIC_HTTPS_GROUP, PUBLIC_HTTPS, "HTTPS", 443, "-lb-https"),
    ] {
        let description = format!("{protocol} access to the public facing load balancer");
        let about = format!("Security group of the public load balancer for {protocol}");
        let group = group(settings, description, suffix).about(about).condition(condition);
        stack.resource(id, group.property("SecurityGroupIngress", public_ingress(&settings.public, port)));
    }
    let internal = group(settings, "Access to the internal load balancer", "-internal-lb")
        .about("Security group of the internal load balancer");
    stack.resource(INTERNAL_GROUP, internal.condition(INTERNAL_BALANCER));
    let description =
        join("", cfn!([reference("AppName"), "-", reference("EnvironmentName"), ENVIRONMENT_GROUP]));
    let environment = group(settings, description, "-env")
        .about("Security group of all workloads, which lets them talk to each other")
        .property_opt("SecurityGroupIngress", own_rules(&settings.ingress))
        .property_opt("SecurityGroupEgress", own_rules(&settings.egress));
    stack.resource(ENVIRONMENT_GROUP, environment);
    add_ingress_between(stack);
    if settings.internal.takes_vpc_traffic {
        add_vpc_ingress(stack);
    }
}

/// ID of `CloudFront`'s prefix list as a deployed template names it, if it restricts its load balancer to `CloudFront`.
pub fn deployed_prefix_list(template: &Value) -> Option<&str> {
    let group = template.get("Resources")?.get(PUBLIC_HTTP_GROUP)?.get("Properties")?;
    let rules = group.get("SecurityGroupIngress")?.as_list()?;
    rules.iter().find_map(|rule| rule.get("SourcePrefixListId")?.as_str())
}

/// A group of the environment's VPC.
pub(super) fn group(settings: &Settings<'_>, description: impl Into<Value>, suffix: &str) -> Resource {
    Resource::new("AWS::EC2::SecurityGroup").properties(cfn!({
        "GroupDescription": description.into(),
        "VpcId": settings.vpc.id(),
        "Tags": tags::name(suffix),
    }))
}

/// A rule that lets all traffic from one group into another.
pub(super) fn ingress(to: &'static str, from: &'static str, description: &'static str) -> Resource {
    Resource::new("AWS::EC2::SecurityGroupIngress").properties(cfn!({
        "Description": description,
        "GroupId": reference(to),
        "IpProtocol": -1,
        "SourceSecurityGroupId": reference(from),
    }))
}

/// From where the public load balancer takes requests: from CloudFront, from certain addresses, or from anywhere.
fn public_ingress(public: &PublicBalancer<'_>, port: i64) -> Vec<Value> {
    let entry = |source: &'static str, from: Value, who: &str| {
        cfn!({
            (source): from,
            "Description": format!("Allow {who} on port {port}"),
            "FromPort": port,
            "IpProtocol": "tcp",
            "ToPort": port,
        })
    };
    let lists = public.prefix_list.into_iter().map(|list| {
        entry("SourcePrefixListId", as_written(list), &format!("ingress from prefix list {list}"))
    });
    let blocks = public
        .source_ips
        .iter()
        .map(|cidr| entry("CidrIp", as_written(cidr), &format!("ingress from source IP {cidr}")));
    let restricted: Vec<Value> = lists.chain(blocks).collect();
    if restricted.is_empty() { vec![entry("CidrIp", "0.0.0.0/0".into(), "from anyone")] } else { restricted }
}

/// The manifest's own rules. A list of what may go out replaces the group's default, which lets everything out.
fn own_rules(rules: &[Rule<'_>]) -> Option<Vec<Value>> {
    let entry = |rule: &Rule<'_>| {
        cfn!({
            "IpProtocol": as_written(rule.protocol),
            "FromPort": rule.from,
            "ToPort": rule.to,
            "CidrIp": as_written(rule.cidr),
        })
    };
    (!rules.is_empty()).then(|| rules.iter().map(entry).collect())
}

fn add_ingress_between(stack: &mut Stack) {
    for (id, condition, from, description) in [
        (
            "EnvironmentHTTPSecurityGroupIngressFromPublicALB",
            PUBLIC_BALANCER,
            PUBLIC_HTTP_GROUP,
            "HTTP ingress from the public ALB",
        ),
        (
            "EnvironmentHTTPSSecurityGroupIngressFromPublicALB",
            PUBLIC_HTTPS,
            PUBLIC_HTTPS_GROUP,
            "HTTPS ingress from the public ALB",
        ),
        (
            "EnvironmentSecurityGroupIngressFromInternalALB",
            INTERNAL_BALANCER,
            INTERNAL_GROUP,
            "Ingress from the internal ALB",
        ),
    ] {
        stack.resource(id, ingress(ENVIRONMENT_GROUP, from, description).condition(condition));
    }
    let description = "Ingress from other containers in the same security group";
    stack.resource(
        "EnvironmentSecurityGroupIngressFromSelf",
        ingress(ENVIRONMENT_GROUP, ENVIRONMENT_GROUP, description),
    );
    let internal = ingress(INTERNAL_GROUP, ENVIRONMENT_GROUP, "Ingress from the env security group");
    stack.resource("InternalALBIngressFromEnvironmentSecurityGroup", internal.condition(INTERNAL_BALANCER));
}

/// Lets the whole VPC reach the internal load balancer. What is outside of the VPC does not get there anyway.
fn add_vpc_ingress(stack: &mut Stack) {
    for (id, condition, port) in [
        ("InternalLoadBalancerSecurityGroupIngressFromHttp", INTERNAL_BALANCER, 80),
        ("InternalLoadBalancerSecurityGroupIngressFromHttps", INTERNAL_HTTPS, 443),
    ] {
        let rule = Map::from([
            ("Description", Value::from(format!("Allow from within the VPC on port {port}"))),
            ("CidrIp", "0.0.0.0/0".into()),
            ("FromPort", port.into()),
            ("ToPort", port.into()),
            ("IpProtocol", "tcp".into()),
            ("GroupId", reference(INTERNAL_GROUP)),
        ]);
        let rule = Resource::new("AWS::EC2::SecurityGroupIngress")
            .about(format!("Rule that lets the network reach the internal load balancer on port {port}"))
            .condition(condition)
            .properties(rule);
        stack.resource(id, rule);
    }
}
