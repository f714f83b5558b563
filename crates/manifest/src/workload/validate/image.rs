//! Images: one origin, and states of containers to wait for.

use copilot_yaml::Span;

use super::{choose, fail};
use crate::decode::{Context, Map};
use crate::workload::{BuildOrLocation, Image, codes};

/// States that `depends_on` knows.
pub(super) const STATUSES: [&str; 4] = ["start", "complete", "success", "healthy"];

/// The main container's image; `span` is that of its mapping, or of the manifest where there is none.
pub(super) fn check(image: Option<&Image>, span: Span, cx: &mut Context<'_>) {
    let nothing = Image::default();
    let image = image.unwrap_or(&nothing);
    cx.within("image", |cx| {
        origin(&image.origin, span, cx);
        if let Some(depends_on) = image.depends_on.as_deref() {
            dependencies(depends_on, cx);
        }
    });
}

/// Exactly one of `build` and `location`.
pub(super) fn origin(origin: &BuildOrLocation, span: Span, cx: &mut Context<'_>) {
    if origin.build().is_some() != origin.location.is_some() {
        return;
    }
    let message = match origin.location {
        None => format!("`{}` names neither `build` nor `location`", cx.path()),
        Some(_) => format!("`{}` names both `build` and `location`", cx.path()),
    };
    let span = super::first_line(cx, span);
    fail(cx, &codes::IMAGE_ORIGIN, span, message, "set either `build` or `location`");
}

/// The states that are waited for.
pub(super) fn dependencies(depends_on: &Map<String>, cx: &mut Context<'_>) {
    cx.within("depends_on", |cx| {
        for (container, status) in depends_on.iter() {
            if STATUSES.iter().any(|known| status.eq_ignore_ascii_case(known)) {
                continue;
            }
            let message = format!("`{}` is not a state of container `{container}` to wait for", status.value);
            let help = choose(status, &STATUSES);
            cx.within(container, |cx| fail(cx, &codes::DEPENDENCY_STATUS, status.span, message, help));
        }
    });
}
