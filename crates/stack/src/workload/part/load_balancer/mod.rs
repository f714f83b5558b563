//! Application Load Balancer: target groups, rules and DNS records.

mod dns;
mod listener_rule;
mod priority;
mod target_group;

use copilot_cfn::{Resource, Str, Value, cfn};

use crate::template::as_written::as_written;
use crate::template::names::numbered;
use crate::workload::context::Context;
use crate::workload::model::{EcsKind, EcsWorkload, Http, ImportedAlb};
use crate::workload::stack::{Stack, from_environment};

use listener_rule::{Hosts, Rules};

/// Adds target groups, listener rules and records, and the parameters `HTTPSEnabled` and `RulePath`.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, http: &Http<'_>, cx: &Context<'_>) {
    stack.flag("HTTPSEnabled");
    stack.parameter("RulePath", "String");
    target_group::add(stack, http);
    priority::add_function(stack, cx);
    match &http.imported {
        Some(balancer) => add_imported(stack, workload.kind, http, balancer),
        None if http.https => add_https(stack, workload.kind, http),
        None => add_http(stack, workload.kind, http),
    }
}

/// Attributes of the environment's load balancer: the public one, or the internal one of a backend service.
#[derive(Debug, Clone, Copy)]
struct Balancer {
    dns_name: &'static str,
    hosted_zone: &'static str,
    http_listener: &'static str,
    https_listener: &'static str,
}

const PUBLIC: Balancer = Balancer {
    dns_name: "PublicLoadBalancerDNSName",
    hosted_zone: "PublicLoadBalancerHostedZone",
    http_listener: "HTTPListenerArn",
    https_listener: "HTTPSListenerArn",
};

const INTERNAL: Balancer = Balancer {
    dns_name: "InternalLoadBalancerDNSName",
    hosted_zone: "InternalLoadBalancerHostedZone",
    http_listener: "InternalHTTPListenerArn",
    https_listener: "InternalHTTPSListenerArn",
};

fn balancer(kind: EcsKind) -> Balancer {
    if kind == EcsKind::Backend { INTERNAL } else { PUBLIC }
}

fn add_http(stack: &mut Stack, kind: EcsKind, http: &Http<'_>) {
    let listener = balancer(kind).http_listener;
    let hosts = if kind == EcsKind::Backend { Hosts::Internal } else { Hosts::Any };
    if kind == EcsKind::Backend {
        dns::add_internal(stack, INTERNAL);
    }
    let priorities = priority::add(stack, "HTTPRulePriorityAction", http, from_environment(listener));
    let rules = Rules { id: "HTTPListenerRule", listener: from_environment(listener), priorities, hosts };
    rules.add(stack, http, |_| false);
}

fn add_https(stack: &mut Stack, kind: EcsKind, http: &Http<'_>) {
    let balancer = balancer(kind);
    let (https, plain) =
        (from_environment(balancer.https_listener), from_environment(balancer.http_listener));
    if http.rules.iter().all(|rule| rule.aliases.is_empty()) {
        dns::add_default(stack, PUBLIC);
    }
    let target = dns::target(from_environment(balancer.hosted_zone), from_environment(balancer.dns_name));
    dns::add_aliases(stack, http, &target);
    let hosts = Hosts::OwnOrDefault;
    let priorities = priority::add(stack, "HTTPSRulePriorityAction", http, https.clone());
    let secure = Rules { id: "HTTPSListenerRule", listener: https, priorities, hosts };
    let priorities = priority::add(stack, "HTTPRuleWithDomainPriorityAction", http, plain.clone());
    let insecure = Rules { id: "HTTPListenerRuleWithDomain", listener: plain, priorities, hosts };
    insecure.add(stack, http, |rule| rule.redirect_to_https);
    secure.add(stack, http, |_| false);
}

fn add_imported(stack: &mut Stack, kind: EcsKind, http: &Http<'_>, balancer: &ImportedAlb<'_>) {
    dns::add_aliases(
        stack,
        http,
        &dns::target(as_written(balancer.hosted_zone), as_written(balancer.dns_name)),
    );
    let hosts = Hosts::Own;
    let mut rules = |id, action, arn: &str, redirect: bool| {
        let listener = as_written(arn);
        let priorities = priority::add(stack, action, http, listener.clone());
        Rules { id, listener, priorities, hosts }.add(stack, http, |_| redirect);
    };
    match (balancer.https_listener, balancer.http_listener) {
        (Some(https), plain) => {
            rules("HTTPSListenerRuleForImportedALB", "HTTPSRulePriorityAction", https.arn, false);
            if let Some(plain) = plain {
                let id = "HTTPListenerRedirectRuleForImportedALB";
                rules(id, "HTTPRedirectRulePriorityAction", plain.arn, true);
            }
        }
        (None, Some(plain)) => {
            rules("HTTPListenerRuleForImportedALB", "HTTPRulePriorityAction", plain.arn, false);
        }
        (None, None) => {}
    }
    // The network of a backend service lets an internal load balancer in as it is.
    let groups = if kind == EcsKind::Backend { &[] } else { balancer.security_groups.as_slice() };
    for (place, group) in groups.iter().enumerate() {
        let ingress = Resource::new("AWS::EC2::SecurityGroupIngress").properties(cfn!({
            "GroupId": from_environment("EnvironmentSecurityGroup"),
            "Description": "Ingress from the imported ALB",
            "SourceSecurityGroupId": as_written(group),
            "IpProtocol": -1,
        }));
        stack.resource(numbered("EnvironmentSecurityGroupIngressFromImportedALB", place), ingress);
    }
}

/// Logical IDs of the rules that the service waits for.
pub(crate) fn rule_ids(http: &Http<'_>) -> Vec<Str> {
    let bases: &[&'static str] = match &http.imported {
        Some(balancer) => match (balancer.https_listener, balancer.http_listener) {
            (Some(_), Some(_)) => {
                &["HTTPSListenerRuleForImportedALB", "HTTPListenerRedirectRuleForImportedALB"]
            }
            (Some(_), None) => &["HTTPSListenerRuleForImportedALB"],
            (None, _) => &["HTTPListenerRuleForImportedALB"],
        },
        None if http.https => &["HTTPListenerRuleWithDomain", "HTTPSListenerRule"],
        None => &["HTTPListenerRule"],
    };
    let places = 0..http.rules.len();
    places.flat_map(|place| bases.iter().map(move |base| numbered(base, place))).collect()
}

/// The target groups as the service lists them.
pub(crate) fn targets(http: &Http<'_>) -> Vec<Value> {
    let base = target_group::base_id(http);
    let rules = http.rules.iter().enumerate();
    rules
        .map(|(place, rule)| {
            let group = copilot_cfn::intrinsic::reference(numbered(base, place));
            cfn!({
                "ContainerName": as_written(rule.container),
                "ContainerPort": as_written(&rule.port),
                "TargetGroupArn": group,
            })
        })
        .collect()
}
