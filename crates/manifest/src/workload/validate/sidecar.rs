//! Containers beside the main one.

use super::{choose, fail, image, missing, storage, task, warn};
use crate::decode::{Context, Map, Spanned};
use crate::workload::ports::parse_port;
use crate::workload::value::Either;
use crate::workload::{Sidecar, codes, split_port};

pub(super) fn check(sidecars: Option<&Map<Sidecar>>, cx: &mut Context<'_>) {
    let Some(sidecars) = sidecars else { return };
    cx.within("sidecars", |cx| {
        for (name, member) in &sidecars.0 {
            cx.within(name.as_str(), |cx| match &member.value {
                None => missing(cx, member.key, "image", "a sidecar"),
                Some(sidecar) => check_one(sidecar, cx),
            });
        }
    });
}

fn check_one(sidecar: &Spanned<Sidecar>, cx: &mut Context<'_>) {
    match &sidecar.image {
        None => missing(cx, sidecar.span, "image", "a sidecar"),
        Some(value) => cx.within("image", |cx| match &value.value {
            Either::Advanced(origin) => image::origin(origin, value.span, cx),
            // Copilot lets it pass and renders no image.
            Either::Basic(image) if image.0.is_empty() => {
                let message = "no image is named, and the stack can't be deployed";
                warn(cx, &codes::NO_EFFECT, value.span, message, "name an image");
            }
            Either::Basic(_) => {}
        }),
    }
    if let Some(points) = &sidecar.mount_points {
        storage::mount_points(points, cx);
    }
    if let Some(value) = &sidecar.port {
        cx.within("port", |cx| port(value, cx));
    }
    if let Some(depends_on) = sidecar.depends_on.as_deref() {
        image::dependencies(depends_on, cx);
    }
    task::env_file(sidecar.env_file.as_ref(), cx);
    task::command_lines(&sidecar.command, cx);
}

fn port(value: &Spanned<String>, cx: &mut Context<'_>) {
    let Some((number, protocol)) = split_port(value).filter(|(number, _)| parse_port(number).is_some())
    else {
        let message = format!("`{}` is not a port", value.value);
        return fail(
            cx,
            &codes::PORT,
            value.span,
            message,
            "write a number up to 65535, such as `8080` or `53/udp`",
        );
    };
    if let Some(protocol) =
        protocol.filter(|protocol| !["tcp", "udp"].contains(&protocol.to_lowercase().as_str()))
    {
        let message =
            format!("`{protocol}` is not a protocol of port {number}; valid protocols are tcp and udp");
        fail(cx, &codes::PROTOCOL, value.span, message, choose(protocol, &["tcp", "udp"]));
    }
}
