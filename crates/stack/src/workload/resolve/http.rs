//! Application Load Balancer.

use std::collections::BTreeMap;

use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::{Duration, Either};
use copilot_manifest::workload::{
    HealthCheck, Http as HttpManifest, RoutingRule, defaults, health_check_path,
};

use super::container::text;
use super::ports::rule_target;
use crate::facts::LoadBalancer;
use crate::workload::context::Context;
use crate::workload::model::{
    EcsKind, ExposedPorts, Http, HttpHealthCheck, ImportedAlb, ImportedListener, Rule,
};

/// The load balancer of a workload whose manifest has rules, or `http: true`, which has none.
pub(super) fn http<'a>(
    manifest: Option<&'a HttpManifest>,
    kind: EcsKind,
    main: &'a str,
    ports: &ExposedPorts<'a>,
    cx: &Context<'a>,
) -> Http<'a> {
    let https = match kind {
        EcsKind::LoadBalanced => cx.domain().is_some() || !cx.certificates.public.is_empty(),
        _ => !cx.certificates.private.is_empty(),
    };
    let rules = manifest.map(HttpManifest::rules).unwrap_or_default();
    let alb = manifest.and_then(|http| text(http.alb.as_ref()));
    Http {
        rules: rules.iter().map(|rule| self::rule(rule, kind, https, main, ports)).collect(),
        https,
        imported: alb.and_then(|alb| cx.facts.load_balancers.get(alb)).map(imported),
        written_path: manifest.and_then(|http| text(http.main.path.as_ref())),
    }
}

fn imported(balancer: &LoadBalancer) -> ImportedAlb<'_> {
    let listener = |protocol: &str| {
        let found = balancer.listeners.iter().find(|listener| listener.protocol == protocol);
        found.map(|listener| ImportedListener { arn: &listener.arn })
    };
    ImportedAlb {
        name: &balancer.name,
        dns_name: &balancer.dns_name,
        hosted_zone: &balancer.hosted_zone_id,
        security_groups: balancer.security_groups.iter().map(String::as_str).collect(),
        https_listener: listener("HTTPS"),
        http_listener: listener("HTTP"),
    }
}

fn rule<'a>(
    manifest: &'a RoutingRule,
    kind: EcsKind,
    https: bool,
    main: &'a str,
    ports: &ExposedPorts<'a>,
) -> Rule<'a> {
    let target = rule_target(manifest, main, ports);
    let redirect =
        kind != EcsKind::LoadBalanced || manifest.redirect_to_https.as_ref().is_none_or(|flag| flag.value);
    let aliases = manifest.alias.as_ref().filter(|_| https).map(|alias| alias.names()).unwrap_or_default();
    let allowed = manifest.allowed_source_ips.iter().flat_map(|ips| ips.iter());
    Rule {
        path: with_slash(text(manifest.path.as_ref()).unwrap_or_default()),
        container: target.container,
        port: target.port,
        version: manifest.version.as_ref().map(|version| version.to_uppercase()),
        health_check: health_check(manifest.healthcheck.as_deref()),
        aliases,
        zones: if https { zones(manifest) } else { Vec::new() },
        stickiness: manifest.stickiness.as_ref().is_some_and(|flag| flag.value),
        deregistration_delay: seconds(manifest.deregistration_delay.as_ref())
            .unwrap_or(defaults::DEREGISTRATION_DELAY.as_secs()),
        allowed_source_ips: allowed.map(|ip| ip.value.as_str()).collect(),
        redirect_to_https: https && redirect,
    }
}

/// A path with its leading slash.
pub(super) fn with_slash(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn seconds(value: Option<&Spanned<Duration>>) -> Option<i64> {
    value.map(|time| time.as_secs())
}

fn health_check(manifest: Option<&HealthCheck>) -> HttpHealthCheck<'_> {
    let path = with_slash(manifest.and_then(health_check_path).unwrap_or_default());
    let Some(Either::Advanced(check)) = manifest else {
        return HttpHealthCheck { path, ..HttpHealthCheck::default() };
    };
    let number = |value: Option<&Spanned<i64>>| value.map(|number| number.value);
    HttpHealthCheck {
        path,
        port: number(check.port.as_ref()),
        success_codes: text(check.success_codes.as_ref()).filter(|codes| !codes.is_empty()),
        healthy_threshold: number(check.healthy_threshold.as_ref()),
        unhealthy_threshold: number(check.unhealthy_threshold.as_ref()),
        timeout: seconds(check.timeout.as_ref()),
        interval: seconds(check.interval.as_ref()),
    }
}

/// Host names by the hosted zone that gets their records: an alias's own zone, else that of the rule, else none.
fn zones(rule: &RoutingRule) -> Vec<(&str, Vec<&str>)> {
    let Some(alias) = rule.alias.as_deref() else { return Vec::new() };
    let common = text(rule.hosted_zone.as_ref());
    let own = |place: usize| alias.advanced().get(place).and_then(|alias| text(alias.hosted_zone.as_ref()));
    let mut zones: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (place, name) in alias.names().into_iter().enumerate() {
        let Some(zone) = own(place).or(common) else { continue };
        let names = zones.entry(zone).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    zones.into_iter().collect()
}
