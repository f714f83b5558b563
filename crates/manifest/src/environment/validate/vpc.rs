//! The network.

use std::collections::BTreeSet;

use copilot_yaml::Span;

use super::{doubt, exclusive, fail, missing};
use crate::decode::{Context, Path, Spanned};
use crate::environment::{EnvironmentVpc, FlowLogs, SecurityGroupRule, Subnet, codes};
use crate::text::is_cidr;
use crate::workload::value::Either;

pub(super) fn check_vpc(vpc: &Spanned<EnvironmentVpc>, cx: &mut Context<'_>) {
    if let (Some(id), Some(cidr), true, true) =
        (&vpc.id, &vpc.cidr, vpc.imported().is_some(), vpc.customized().is_some())
    {
        exclusive(cx, ("id", id.span), ("cidr", cidr.span));
    }
    for (kind, subnets) in [("public", vpc.public_subnets()), ("private", vpc.private_subnets())] {
        for (index, subnet) in subnets.iter().enumerate() {
            cx.at(Path::from(["subnets", kind]).then(index), |cx| check_subnet(vpc, subnet, cx));
        }
    }
    let span = vpc.subnets.as_ref().map_or(vpc.span, |subnets| subnets.span);
    if vpc.imported().is_some() {
        imported(vpc, span, cx);
    }
    if vpc.customized().is_some() {
        zones(vpc, span, cx);
    }
    own_network(vpc, span, cx);
    if let Some(logs) = &vpc.flow_logs {
        flow_logs(logs, cx);
    }
    let rules = vpc.security_group.as_deref();
    for (kind, rules) in [
        ("ingress", rules.and_then(|rules| rules.ingress.as_deref())),
        ("egress", rules.and_then(|rules| rules.egress.as_deref())),
    ] {
        for (index, rule) in rules.into_iter().flatten().enumerate() {
            cx.at(Path::from(["security_group", kind]).then(index), |cx| security_group_rule(rule, cx));
        }
    }
}

/// What of Copilot's own network is probably not meant so.
fn own_network(vpc: &EnvironmentVpc, subnets: Span, cx: &mut Context<'_>) {
    let count = vpc.public_subnets().len() + vpc.private_subnets().len();
    match (vpc.imported(), vpc.customized(), &vpc.cidr) {
        (None, None, _) if count > 0 => {
            let message = "the subnets have no effect: the VPC has neither `id` nor `cidr`";
            let help = "add the `cidr` of the VPC, or the `id` of an existing one";
            cx.within("subnets", |cx| doubt(cx, &codes::VPC, subnets, message, help));
        }
        (None, Some(_), Some(cidr)) if count == 0 => {
            let message = "a VPC with a `cidr` and no `subnets` has none: nothing can run in it";
            let help = "add `subnets` with their `cidr`, or remove `cidr`";
            cx.within("cidr", |cx| doubt(cx, &codes::VPC, cidr.span, message, help));
        }
        _ => {}
    }
    if vpc.customized().is_some() && vpc.private_subnets().len() > vpc.public_subnets().len() {
        let message = "there are more private subnets than public ones: those left over are not made";
        cx.within("subnets", |cx| {
            doubt(cx, &codes::VPC, subnets, message, "add a public subnet for each private one");
        });
    }
    if let Some(cidr) = vpc.cidr.as_ref().filter(|cidr| !cidr.is_empty()) {
        doubt_cidr(cidr, cx);
    }
}

fn doubt_cidr(cidr: &Spanned<String>, cx: &mut Context<'_>) {
    if !is_cidr(cidr) {
        let message = format!("`{}` is not a CIDR block, so AWS will refuse it", cidr.value);
        let help = "write an address with a length, such as `10.0.0.0/16`";
        cx.within("cidr", |cx| doubt(cx, &codes::CIDR, cidr.span, message, help));
    }
}

/// Numbers of days that CloudWatch Logs knows.
const RETENTIONS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

fn flow_logs(logs: &Spanned<Either<bool, FlowLogs>>, cx: &mut Context<'_>) {
    match &logs.value {
        Either::Basic(false) => {
            let message = "`flow_logs: false` switches the log on, as Copilot does: any value but null does";
            let help = "remove `flow_logs`; a log that exists is deleted then";
            cx.within("flow_logs", |cx| doubt(cx, &codes::FLOW_LOGS, logs.span, message, help));
        }
        Either::Basic(true) => {}
        Either::Advanced(config) => {
            let Some(days) = config.retention.as_ref().filter(|days| !RETENTIONS.contains(days)) else {
                return;
            };
            let message =
                format!("CloudWatch Logs keeps no log for {} days, so AWS will refuse it", days.value);
            let near = RETENTIONS.iter().find(|known| **known >= days.value).unwrap_or(&3653);
            cx.at(["flow_logs", "retention"], |cx| {
                doubt(cx, &codes::FLOW_LOGS, days.span, message, format!("take {near}"));
            });
        }
    }
}

fn check_subnet(vpc: &EnvironmentVpc, subnet: &Spanned<Subnet>, cx: &mut Context<'_>) {
    for (key, value) in [("cidr", &subnet.cidr), ("az", &subnet.az)] {
        if let (Some(id), Some(value)) = (&subnet.id, value) {
            exclusive(cx, ("id", id.span), (key, value.span));
        }
    }
    let unset = |value: &Option<Spanned<String>>| value.as_ref().is_none_or(|value| value.is_empty());
    if vpc.imported().is_some() && unset(&subnet.id) {
        missing(cx, subnet.span, "id", "a subnet of an imported VPC");
    }
    if vpc.customized().is_some() {
        match subnet.cidr.as_ref().filter(|cidr| !cidr.is_empty()) {
            Some(cidr) => doubt_cidr(cidr, cx),
            None => missing(cx, subnet.span, "cidr", "a subnet that Copilot makes"),
        }
    }
}

fn imported(vpc: &EnvironmentVpc, span: Span, cx: &mut Context<'_>) {
    let (public, private) = (vpc.public_subnets().len(), vpc.private_subnets().len());
    let message = match (public, private) {
        (0, 0) => "an imported VPC needs subnets",
        (1, _) => "at least two public subnets have to be imported for load balancing",
        (_, 1) => "at least two private subnets have to be imported",
        _ => return,
    };
    let help = "add the ids of subnets in two availability zones, or of none of that kind";
    cx.within("subnets", |cx| fail(cx, &codes::VPC, span, message, help));
}

/// Each zone has a public and a private subnet, and there are two zones or none.
fn zones(vpc: &EnvironmentVpc, span: Span, cx: &mut Context<'_>) {
    fn set(subnets: &[Spanned<Subnet>], key: fn(&Subnet) -> &Option<Spanned<String>>) -> BTreeSet<&str> {
        subnets
            .iter()
            .filter_map(|subnet| key(subnet).as_ref())
            .map(|text| text.as_str())
            .filter(|text| !text.is_empty())
            .collect()
    }
    let (public, private) = (vpc.public_subnets(), vpc.private_subnets());
    let (zones, other) = (set(public, |subnet| &subnet.az), set(private, |subnet| &subnet.az));
    let help = "give each availability zone (`az`) one public and one private subnet, in at least two zones";
    cx.within("subnets", |cx| {
        if zones != other {
            let message = "public and private subnets are not in the same availability zones (`az`)";
            return fail(cx, &codes::VPC, span, message, help);
        }
        match zones.len() {
            0 if public.len() <= private.len() => {}
            // Copilot pairs them by position, and stops with an internal error where one is missing.
            0 => fail(cx, &codes::VPC, span, "there are more public subnets than private ones", help),
            1 => fail(cx, &codes::VPC, span, "at least two availability zones (`az`) are needed", help),
            count => {
                for (kind, subnets) in [("public", public), ("private", private)] {
                    let cidrs = set(subnets, |subnet| &subnet.cidr).len();
                    if cidrs != count {
                        let message = format!(
                            "{cidrs} {kind} subnets (`cidr`) are in {count} availability zones (`az`)"
                        );
                        fail(cx, &codes::VPC, span, message, help);
                    }
                }
            }
        }
    });
}

fn security_group_rule(rule: &Spanned<SecurityGroupRule>, cx: &mut Context<'_>) {
    for (key, value) in [("cidr", &rule.cidr), ("ip_protocol", &rule.ip_protocol)] {
        if value.as_ref().is_none_or(|value| value.is_empty()) {
            missing(cx, rule.span, key, "a rule");
        }
    }
    if let Some(cidr) = rule.cidr.as_ref().filter(|cidr| !cidr.is_empty()) {
        doubt_cidr(cidr, cx);
    }
    match &rule.ports {
        None => missing(cx, rule.span, "ports", "a rule"),
        Some(ports) => match ports.bounds() {
            Some((from, to)) if from <= to => {}
            _ => {
                let help = "write a number, or a range such as `8000-8080`";
                cx.within("ports", |cx| {
                    fail(cx, &codes::PORTS, ports.span, "`ports` is neither a port nor a range", help);
                });
            }
        },
    }
}
