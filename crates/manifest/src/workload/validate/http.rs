//! Rules of application load balancers.

use copilot_yaml::Span;

use super::{choose, exclusive, fail, missing};
use crate::decode::{Blank, Context};
use crate::text::is_cidr;
use crate::workload::{Alias, Http, RoutingRule, codes};

pub(super) fn check(http: &Http, span: Span, cx: &mut Context<'_>) {
    if http.is_empty() {
        return;
    }
    rule(&http.main, span, cx);
    if let (Some(new), Some(old)) = (&http.main.target_container, &http.target_container_camel_case) {
        exclusive(cx, ("target_container", new.span), ("targetContainer", old.span));
    }
    for (index, additional) in http.additional().iter().enumerate() {
        cx.within("additional_rules", |cx| cx.within(index, |cx| rule(additional, additional.span, cx)));
    }
}

fn rule(rule: &RoutingRule, span: Span, cx: &mut Context<'_>) {
    if rule.path.is_none() {
        missing(cx, span, "path", "a rule");
    }
    if let Some(value) = &rule.alias {
        alias(value, cx);
    }
    for (index, block) in rule.allowed_source_ips.iter().flat_map(|blocks| blocks.iter()).enumerate() {
        if !is_cidr(block) {
            let message = format!("`{}` is not a CIDR block", block.value);
            let help = "write an address with a length, such as `10.0.0.0/8`";
            cx.within("allowed_source_ips", |cx| {
                cx.within(index, |cx| fail(cx, &codes::CIDR, block.span, message, help));
            });
        }
    }
    if let Some(version) = &rule.version {
        let known = ["grpc", "http1", "http2"];
        if !known.contains(&version.to_lowercase().as_str()) {
            let message = format!(
                "`{}` is not a protocol version; `version` must be GRPC, HTTP1 or HTTP2",
                version.value
            );
            let help = choose(version, &known);
            cx.within("version", |cx| fail(cx, &codes::HTTP_VERSION, version.span, message, help));
        }
    }
    if let Some(zone) = rule.hosted_zone.as_ref().filter(|_| rule.alias.is_blank()) {
        missing(cx, zone.span, "alias", "`hosted_zone`");
    }
    conditions(rule, span, cx);
}

/// Load balancers take five values a rule; the path is one of them.
fn conditions(rule: &RoutingRule, span: Span, cx: &mut Context<'_>) {
    let aliases = rule.alias.as_ref().map_or(0, |alias| alias.names().len());
    let blocks = rule.allowed_source_ips.as_ref().map_or(0, |blocks| blocks.len());
    if aliases + blocks < 5 {
        return;
    }
    let span = match (&rule.alias, &rule.allowed_source_ips) {
        (Some(alias), _) if aliases > 0 => alias.span,
        (_, Some(blocks)) => blocks.span,
        _ => span,
    };
    let message = format!(
        "a rule with {aliases} of `alias` and {blocks} of `allowed_source_ips` has more than five conditions"
    );
    let help = "move some of them to `additional_rules` with the same `path`: four fit a rule";
    fail(cx, &codes::RULE_CONDITIONS, span, message, help);
}

/// Names of aliases with hosted zones.
pub(super) fn alias(alias: &Alias, cx: &mut Context<'_>) {
    for (index, alias) in alias.advanced().iter().enumerate() {
        if alias.name.is_none() {
            cx.within("alias", |cx| cx.within(index, |cx| missing(cx, alias.span, "name", "an alias")));
        }
    }
}
