//! Load balancers: names, certificates and listeners.

use copilot_manifest::decode::{Blank, Path, Spanned};
use copilot_manifest::workload::{BackendService, LoadBalancedWebService, Nlb, RoutingRule};
use copilot_yaml::Span;

use super::domain::check_names;
use crate::codes;
use crate::workload::context::Context;
use crate::workload::resolve::Problems;

pub(super) fn of_web_service(config: &LoadBalancedWebService, cx: &Context<'_>, problems: &mut Problems<'_>) {
    if let Some((http, span)) = config.http.as_ref().and_then(|http| Some((http.http()?, http.span))) {
        if let Some(alb) = &http.alb {
            imported(alb, false, cx, problems);
        }
        for (path, rule) in http.placed_rules() {
            of_rule(path, rule, span, http.alb.is_some(), cx, problems);
        }
    }
    if let Some(nlb) = config.nlb.as_deref() {
        of_nlb(nlb, cx, problems);
    }
}

/// The load balancer exists, has the right listeners, and is internal where it has to be.
fn imported(alb: &Spanned<String>, internal: bool, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let (message, help) = match cx.facts.load_balancers.get(&alb.value) {
        None => (
            format!(
                "no load balancer `{}` is known in the region of the environment `{}`",
                alb.value, cx.env
            ),
            "write the name or the ARN of a load balancer that exists there",
        ),
        Some(balancer) if internal && !balancer.is_internal() => (
            format!("the load balancer `{}` is not internal: the internet reaches it", alb.value),
            "name an internal load balancer, or make the workload a Load Balanced Web Service",
        ),
        Some(balancer) => {
            let protocols: Vec<&str> =
                balancer.listeners.iter().map(|listener| listener.protocol.as_str()).collect();
            match protocols.as_slice() {
                [_] | ["HTTP", "HTTPS"] | ["HTTPS", "HTTP"] => return,
                [_, _] => (
                    format!(
                        "the two listeners of the load balancer `{}` are not one for HTTP and one for HTTPS",
                        alb.value
                    ),
                    "give it one listener for HTTP and one for HTTPS",
                ),
                all => (
                    format!("the load balancer `{}` has {} listeners, not 1 or 2", alb.value, all.len()),
                    "give it one listener, or one for HTTP and one for HTTPS",
                ),
            }
        }
    };
    problems.report(&codes::WORKLOAD_LOAD_BALANCER, ["http", "alb"], alb, message, help);
}

fn of_rule(
    path: Path,
    rule: &RoutingRule,
    span: Span,
    imports_balancer: bool,
    cx: &Context<'_>,
    problems: &mut Problems<'_>,
) {
    let imports = cx.certificates.imports_public();
    if let Some(redirect) = rule.redirect_to_https.as_ref().filter(|_| cx.domain().is_none() && !imports) {
        let message = format!(
            "cannot specify `redirect_to_https`: the application has no domain and the environment `{}` imports no certificate",
            cx.env
        );
        problems.report(
            &codes::WORKLOAD_DOMAIN,
            path.clone().then("redirect_to_https"),
            redirect,
            message,
            "remove it: without a certificate there is no HTTPS",
        );
    }
    let Some(alias) = rule.alias.as_ref().filter(|alias| !alias.value.is_blank()) else {
        if imports && !imports_balancer {
            missing_alias(path, rule, span, cx, problems);
        }
        return;
    };
    let path = path.then("alias");
    if alias.advanced().iter().any(|alias| alias.hosted_zone.is_some()) {
        let message = if !imports {
            "cannot specify the hosted zone of an alias when no certificates are imported by the environment"
        } else if cx.certificates.cdn_enabled {
            "cannot specify the hosted zone of an alias when the environment has a CDN"
        } else {
            ""
        };
        if !message.is_empty() {
            problems.report(&codes::WORKLOAD_DOMAIN, path.clone(), alias, message, "write the name alone");
        }
    }
    if !imports {
        check_names(&alias.names(), path, alias, cx, problems);
    }
}

fn missing_alias(path: Path, rule: &RoutingRule, span: Span, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let message = format!(
        "cannot deploy `{}` without `alias` to the environment `{}`, which imports certificates",
        cx.name, cx.env
    );
    let span = rule.path.as_ref().map_or(span, |path| path.span);
    let help = "add the name for which a certificate is imported: `alias: web.example.com`";
    problems.report_at(&codes::WORKLOAD_DOMAIN, path.then("alias"), span, message, help);
}

fn of_nlb(nlb: &Nlb, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(alias) = nlb.alias.as_ref().filter(|alias| !alias.value.is_blank()) else { return };
    if cx.certificates.public.is_empty() {
        check_names(&alias.names(), ["nlb", "alias"], alias, cx, problems);
        return;
    }
    let message =
        format!("cannot specify `nlb.alias` when the environment `{}` imports certificates", cx.env);
    let help = "remove it, or let Copilot manage the environment's certificates";
    problems.report(&codes::WORKLOAD_DOMAIN, ["nlb", "alias"], alias, message, help);
}

pub(super) fn of_backend(config: &BackendService, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(http) = config.http.as_ref().filter(|http| !http.is_empty()) else { return };
    if let Some(alb) = &http.alb {
        imported(alb, true, cx, problems);
    }
    let imports = !cx.certificates.private.is_empty();
    for (path, rule) in http.placed_rules() {
        match rule.alias.as_ref().filter(|alias| !alias.value.is_blank()) {
            None if imports => missing_alias(path, rule, http.span, cx, problems),
            Some(alias) if !imports => {
                let message = format!(
                    "cannot specify `alias`: the environment `{}` imports no certificates for it",
                    cx.env
                );
                let help = "import them under `http.private.certificates` of the environment's manifest, or remove the alias";
                problems.report(&codes::WORKLOAD_DOMAIN, path.then("alias"), alias, message, help);
            }
            _ => {}
        }
    }
}
