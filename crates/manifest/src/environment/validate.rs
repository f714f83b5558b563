//! What the manifest of an environment may say.

use std::collections::BTreeSet;

use copilot_yaml::{Code, Span};

use crate::decode::{Blank, Context, Spanned};
use crate::environment::{
    Cdn, EnvironmentManifest, EnvironmentVpc, OldIngress, RestrictedIngress, SecurityGroupRule, Subnet, codes,
};
use crate::text::{arn_region, first_line, is_cidr};

fn fail(
    cx: &mut Context<'_>,
    code: &'static Code,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    let problem = cx.error(code, message, first_line(cx.source(), span), "").help(help);
    cx.report(problem);
}

fn missing(cx: &mut Context<'_>, parent: Span, key: &str, what: &str) {
    let path = cx.path();
    let name = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    fail(
        cx,
        &codes::MISSING_KEY,
        parent,
        format!("`{name}` is missing: {what} needs it"),
        format!("add `{key}:` here"),
    );
}

fn exclusive(cx: &mut Context<'_>, first: (&str, Span), second: (&str, Span)) {
    let message = format!("`{}` and `{}` exclude each other", first.0, second.0);
    let (at, also) = (first_line(cx.source(), first.1), first_line(cx.source(), second.1));
    let problem = cx.error(&codes::EXCLUSIVE_KEYS, message, at, "").at(cx.source(), also, "");
    cx.report(problem.help("keep one of them"));
}

/// Reports all problems of an environment. Copilot does not look at `name` and `type`; a wrong type is warned of.
pub(crate) fn validate(manifest: &EnvironmentManifest, whole: Span, cx: &mut Context<'_>) {
    if manifest.kind.as_ref().is_none_or(|kind| kind.value != "Environment") {
        let span = manifest.kind.as_ref().map_or(whole, |kind| kind.span);
        let span = first_line(cx.source(), span);
        let problem = cx.warning(&codes::TYPE, "the manifest's `type` is not `Environment`", span, "");
        cx.report(problem.help("write `type: Environment`").path("type"));
    }
    if let Some(vpc) = manifest.network.as_ref().and_then(|network| network.vpc.as_ref()) {
        cx.within("network", |cx| cx.within("vpc", |cx| check_vpc(vpc, cx)));
    }
    cx.within("http", |cx| {
        public(manifest, cx);
        private(manifest, cx);
    });
    if let Some(cdn) = &manifest.cdn {
        cx.within("cdn", |cx| check_cdn(cdn, cx));
    }
    cdn_and_load_balancer(manifest, cx);
}

fn check_vpc(vpc: &Spanned<EnvironmentVpc>, cx: &mut Context<'_>) {
    if let (Some(id), Some(cidr), true, true) =
        (&vpc.id, &vpc.cidr, vpc.imported().is_some(), vpc.customized().is_some())
    {
        exclusive(cx, ("id", id.span), ("cidr", cidr.span));
    }
    for (kind, subnets) in [("public", vpc.public_subnets()), ("private", vpc.private_subnets())] {
        for (index, subnet) in subnets.iter().enumerate() {
            let path = format!("subnets.{kind}[{index}]");
            cx.within(path.as_str(), |cx| check_subnet(vpc, subnet, cx));
        }
    }
    let span = vpc.subnets.as_ref().map_or(vpc.span, |subnets| subnets.span);
    if vpc.imported().is_some() {
        imported(vpc, span, cx);
    }
    if vpc.customized().is_some() {
        zones(vpc, span, cx);
    }
    let rules = vpc.security_group.as_deref();
    for (kind, rules) in [
        ("ingress", rules.and_then(|rules| rules.ingress.as_deref())),
        ("egress", rules.and_then(|rules| rules.egress.as_deref())),
    ] {
        for (index, rule) in rules.into_iter().flatten().enumerate() {
            let path = format!("security_group.{kind}[{index}]");
            cx.within(path.as_str(), |cx| security_group_rule(rule, cx));
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
    if vpc.customized().is_some() && unset(&subnet.cidr) {
        missing(cx, subnet.span, "cidr", "a subnet that Copilot makes");
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
    match &rule.ports {
        None => missing(cx, rule.span, "ports", "a rule"),
        Some(ports) => match ports.bounds() {
            Some((from, to)) if from <= to => {}
            _ => {
                let help = "write a number, or a range such as `8000-8080`";
                cx.within("ports", |cx| {
                    fail(cx, &codes::PORTS, ports.span, "`ports` is no port and no range", help);
                });
            }
        },
    }
}

fn certificates(arns: Option<&Spanned<Vec<Spanned<String>>>>, cx: &mut Context<'_>) {
    for (index, arn) in arns.into_iter().flat_map(|arns| arns.iter()).enumerate() {
        if arn_region(arn).is_none() {
            let message = format!("certificate `{}` is no ARN", arn.value);
            let help = "write the ARN of a certificate of AWS Certificate Manager";
            cx.within("certificates", |cx| {
                cx.within(index, |cx| fail(cx, &codes::CERTIFICATE, arn.span, message, help));
            });
        }
    }
}

fn source_ips(ingress: &RestrictedIngress, cx: &mut Context<'_>) {
    for (index, block) in ingress.source_ips().iter().enumerate() {
        if !is_cidr(block) {
            let message = format!("`{}` is no CIDR block", block.value);
            let help = "write an address with a length, such as `10.0.0.0/8`";
            cx.within("source_ips", |cx| {
                cx.within(index, |cx| fail(cx, &codes::CIDR, block.span, message, help));
            });
        }
    }
}

fn old_place(old: Option<&OldIngress>, new: Option<Span>, cx: &mut Context<'_>) {
    let old = old.filter(|old| !old.is_empty());
    let span = |old: &OldIngress| {
        let restricted = old.restrict_to.as_ref().map(|value| value.span);
        restricted.or_else(|| old.from_vpc.as_ref().map(|value| value.span)).unwrap_or_default()
    };
    if let (Some(old), Some(new)) = (old, new) {
        exclusive(cx, ("ingress", new), ("security_groups.ingress", span(old)));
    }
}

fn public(manifest: &EnvironmentManifest, cx: &mut Context<'_>) {
    let Some(public) = manifest.public() else { return };
    cx.within("public", |cx| {
        let new = public.ingress.as_ref().filter(|ingress| !ingress.is_empty());
        old_place(public.old_ingress(), new.map(|ingress| ingress.span), cx);
        certificates(public.certificates.as_ref(), cx);
        if let Some(ingress) = &public.ingress {
            cx.within("ingress", |cx| source_ips(ingress, cx));
        }
        let Some(old) = public.old_ingress() else { return };
        if let Some(from_vpc) = &old.from_vpc {
            let message = "a public load balancer is reached from the VPC anyway: `from_vpc` can't be set";
            fail(cx, &codes::INGRESS, from_vpc.span, message, "remove `from_vpc`");
        }
        if let Some(restricted) = old.restrict_to.as_deref() {
            cx.within("security_groups.ingress.restrict_to", |cx| source_ips(restricted, cx));
        }
    });
}

fn private(manifest: &EnvironmentManifest, cx: &mut Context<'_>) {
    let Some(private) = manifest.private() else { return };
    cx.within("private", |cx| {
        let new = private.ingress.as_ref().filter(|ingress| !ingress.is_blank());
        old_place(private.old_ingress(), new.map(|ingress| ingress.span), cx);
        certificates(private.certificates.as_ref(), cx);
        let restricted = private.old_ingress().and_then(|old| old.restrict_to.as_ref());
        if let Some(restricted) = restricted.filter(|restricted| !restricted.is_empty()) {
            let message = "an internal load balancer can't be restricted (`restrict_to`)";
            fail(cx, &codes::INGRESS, restricted.span, message, "remove `restrict_to`");
        }
        let Some(subnets) = &private.subnets else { return };
        cx.within("subnets", |cx| {
            let help = "import a VPC under `network.vpc`, with these subnets";
            let Some(vpc) = manifest.vpc().filter(|vpc| vpc.imported().is_some()) else {
                let message = "the internal load balancer can be placed only in imported subnets";
                return fail(cx, &codes::SUBNETS, subnets.span, message, help);
            };
            let known: BTreeSet<&str> = vpc
                .public_subnets()
                .iter()
                .chain(vpc.private_subnets())
                .filter_map(|subnet| subnet.id.as_ref().map(|id| id.as_str()))
                .collect();
            let mut seen = BTreeSet::new();
            for subnet in subnets.iter() {
                if !known.contains(subnet.as_str()) {
                    let message = format!("subnet `{}` is not imported", subnet.value);
                    fail(cx, &codes::SUBNETS, subnet.span, message, help);
                } else if !seen.insert(subnet.as_str()) {
                    let message = format!("subnet `{}` is named twice", subnet.value);
                    fail(cx, &codes::SUBNETS, subnet.span, message, "remove one of them");
                }
            }
        });
    });
}

fn check_cdn(cdn: &Spanned<Cdn>, cx: &mut Context<'_>) {
    let Some(config) = cdn.config() else { return };
    if let Some(certificate) = &config.certificate {
        let message = match arn_region(certificate) {
            Some("us-east-1") => None,
            Some(region) => Some(format!(
                "the certificate is in `{region}`, but CloudFront takes only those in us-east-1"
            )),
            None => Some(format!("certificate `{}` is no ARN", certificate.value)),
        };
        if let Some(message) = message {
            let help = "write the ARN of a certificate in us-east-1";
            cx.within("certificate", |cx| fail(cx, &codes::CERTIFICATE, certificate.span, message, help));
        }
    }
    let Some(assets) = config.static_assets.as_ref().filter(|assets| !assets.is_empty()) else { return };
    cx.within("static_assets", |cx| {
        for (key, value) in [("alias", &assets.alias), ("location", &assets.location), ("path", &assets.path)]
        {
            if value.as_ref().is_none_or(|value| value.is_empty()) {
                missing(cx, assets.span, key, "serving files from a bucket");
            }
        }
    });
}

fn cdn_and_load_balancer(manifest: &EnvironmentManifest, cx: &mut Context<'_>) {
    let cdn_span = manifest.cdn.as_ref().map(|cdn| cdn.span);
    if !manifest.cdn_enabled() {
        if manifest.restricted_to_cdn() {
            let span = manifest.http.as_ref().map(|http| http.span).unwrap_or_default();
            let message = "`cdn` has to be on to restrict the load balancer to CloudFront (`ingress.cdn`)";
            fail(cx, &codes::CDN, span, message, "add `cdn: true`");
        }
        return;
    }
    let certificate = manifest.cdn_certificate();
    let span = cdn_span.unwrap_or_default();
    if manifest.public_certificates().is_none() {
        if certificate.is_some() && !manifest.cdn_terminates_tls() {
            let message = "`cdn.terminate_tls` has to be true if `cdn.certificate` is set without `http.public.certificates`";
            fail(
                cx,
                &codes::CDN,
                span,
                message,
                "add `terminate_tls: true`, or import certificates under `http.public`",
            );
        }
    } else if certificate.is_none() {
        let message = "`cdn.certificate` is missing: `http.public.certificates` together with `cdn` needs it";
        fail(cx, &codes::MISSING_KEY, span, message, "add the ARN of a certificate in us-east-1");
    }
}
