//! Subnets and Service Connect.

use super::{choose, fail, warn};
use crate::decode::{Context, Spanned};
use crate::workload::{Connect, Network, Placement, codes};

pub(super) fn check(network: Option<&Network>, cx: &mut Context<'_>) {
    let Some(vpc) = network.and_then(|network| network.vpc.as_deref()) else { return };
    if let Some(value) = &vpc.placement {
        cx.at(["network", "vpc"], |cx| placement(value, cx));
    }
}

pub(super) fn placement(value: &Spanned<Placement>, cx: &mut Context<'_>) {
    let Placement::Kind(kind) = &value.value else { return };
    if !matches!(kind.as_str(), "public" | "private") {
        let message = format!("`{kind}` is no `placement`; it must be one of public, private");
        let help = choose(kind, &["public", "private"]);
        cx.within("placement", |cx| fail(cx, &codes::PLACEMENT, value.span, message, help));
    }
}

/// A job's tasks need a security group.
pub(super) fn denies_all(network: Option<&Network>, cx: &mut Context<'_>) {
    let Some(vpc) = network.and_then(|network| network.vpc.as_deref()) else { return };
    let Some(groups) = vpc.security_groups.as_ref() else { return };
    if groups.denies_default() && groups.groups().is_empty() {
        let message =
            "the job has no security group, unless an addon brings one: without, its stack can't be deployed";
        let help = "name a group under `groups`, or remove `deny_default`";
        let span = super::first_line(cx, groups.span);
        cx.at(["network", "vpc", "security_groups"], |cx| {
            warn(cx, &codes::UNDEPLOYABLE, span, message, help);
        });
    }
}

/// A name needs a port.
pub(super) fn connect_alias(network: Option<&Network>, exposed: bool, cx: &mut Context<'_>) {
    let Some(connect) = network.and_then(|network| network.connect.as_ref()) else { return };
    if connect.alias().is_some() && !exposed {
        let message = "`network.connect.alias` can't be set when no ports are exposed";
        let help = "set `image.port`, or remove the alias";
        cx.at(["network", "connect", "alias"], |cx| {
            fail(cx, &codes::CONNECT_ALIAS, connect.span, message, help);
        });
    }
}

/// Windows tasks take no part.
pub(super) fn no_connect_on_windows(network: Option<&Network>, cx: &mut Context<'_>) {
    let Some(connect) = network.and_then(|network| network.connect.as_ref()) else { return };
    if Connect::enabled(connect) {
        let message = "Service Connect (`network.connect`) is not supported on Windows";
        let help = "remove it, or choose a Linux `platform`";
        cx.at(["network", "connect"], |cx| fail(cx, &codes::WINDOWS, connect.span, message, help));
    }
}
