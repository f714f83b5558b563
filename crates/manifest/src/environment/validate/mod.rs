//! What the manifest of an environment may say.

mod load_balancers;
mod vpc;

use copilot_yaml::{Code, Span};

use self::load_balancers::{private, public};
use self::vpc::check_vpc;
use crate::decode::{Context, Spanned};
use crate::environment::{Cdn, EnvironmentManifest, codes};
use crate::text::{arn_region, first_line};

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

fn doubt(
    cx: &mut Context<'_>,
    code: &'static Code,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    let problem = cx.warning(code, message, first_line(cx.source(), span), "").help(help);
    cx.report(problem);
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
