//! Services on App Runner.

use copilot_yaml::Span;

use super::{fail, image, messaging, missing, network, task};
use crate::decode::{Context, Spanned};
use crate::workload::{Placement, Platform, RequestDrivenWebService, codes};

pub(super) fn check(config: &RequestDrivenWebService, whole: Span, cx: &mut Context<'_>) {
    let span = config.image.as_ref().map_or(whole, |image| image.span);
    image::check(config.image.as_ref().map(|image| &image.image), span, cx);
    if config.image.as_ref().is_none_or(|image| image.port.is_none()) {
        cx.within("image", |cx| missing(cx, span, "port", "a web service"));
    }
    if let Some(value) = &config.platform {
        cx.within("platform", |cx| platform(value, cx));
    }
    if let Some(variables) = config.variables.as_deref() {
        task::variables(variables, cx);
    }
    messaging::publish(config.publish.as_deref(), cx);
    let vpc = config.network.as_deref().and_then(|network| network.vpc.as_deref());
    if let Some(value) = vpc.and_then(|vpc| vpc.placement.as_ref()) {
        cx.within("network", |cx| cx.within("vpc", |cx| placement(value, cx)));
    }
    let tracing = config.observability.as_deref().and_then(|observability| observability.tracing.as_ref());
    if let Some(vendor) = tracing.filter(|vendor| !vendor.eq_ignore_ascii_case("awsxray")) {
        let message = format!("`{}` is not a tracing vendor; the valid vendor is awsxray", vendor.value);
        cx.within("observability", |cx| {
            cx.within("tracing", |cx| fail(cx, &codes::TRACING, vendor.span, message, "write `awsxray`"));
        });
    }
}

/// App Runner runs `linux/amd64` alone. Copilot refuses even that, by mistake.
fn platform(value: &Spanned<Platform>, cx: &mut Context<'_>) {
    task::platform(value, cx);
    let (os, architecture) = (value.os(), value.architecture());
    let help = "remove `platform`: App Runner runs linux/amd64";
    if value.is_windows() {
        fail(cx, &codes::PLATFORM, value.span, "App Runner can't run Windows", help);
    } else if os == "linux" && !matches!(architecture.as_str(), "amd64" | "x86_64") {
        let message =
            format!("App Runner services run only on amd64 and x86_64 architectures, not on {architecture}");
        fail(cx, &codes::PLATFORM, value.span, message, help);
    }
}

fn placement(value: &Spanned<Placement>, cx: &mut Context<'_>) {
    if matches!(&value.value, Placement::Kind(kind) if kind == "public") {
        let message = "placement `public` is not supported for a Request-Driven Web Service";
        let help = "remove it, or write `private` or a mapping with `subnets`";
        cx.within("placement", |cx| fail(cx, &codes::PLACEMENT, value.span, message, help));
    } else {
        network::placement(value, cx);
    }
}
