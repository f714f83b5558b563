//! Network load balancers.

use copilot_yaml::Span;

use super::{choose, fail, http, missing};
use crate::decode::{Context, Spanned};
use crate::workload::ports::parse_port;
use crate::workload::{Alias, Nlb, NlbListener, codes};

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "tls"];

pub(super) fn check(nlb: &Spanned<Nlb>, cx: &mut Context<'_>) {
    if nlb.is_empty() {
        return;
    }
    cx.within("nlb", |cx| {
        listener(&nlb.main, nlb.span, cx);
        if let Some(alias) = &nlb.alias {
            http::alias(alias, cx);
            cx.within("alias", |cx| names(alias, cx));
        }
        for (index, value) in nlb.additional().iter().enumerate() {
            cx.within("additional_listeners", |cx| cx.within(index, |cx| listener(value, value.span, cx)));
        }
    });
}

fn names(alias: &Spanned<Alias>, cx: &mut Context<'_>) {
    for zone in alias.advanced().iter().filter_map(|alias| alias.hosted_zone.as_ref()) {
        let message = "`hosted_zone` is not supported for network load balancers";
        fail(cx, &codes::NLB_ALIAS, zone.span, message, "remove `hosted_zone`");
    }
    // Copilot writes the names without quotes, and a `*` there begins a reference of YAML.
    if let Some(name) = alias.names().into_iter().find(|name| name.starts_with('*')) {
        let message = format!("`{name}` is a wildcard, which `nlb.alias` can't hold");
        fail(cx, &codes::NLB_ALIAS, alias.span, message, "write out each name");
    }
}

fn listener(listener: &NlbListener, span: Span, cx: &mut Context<'_>) {
    let Some(port) = listener.port.as_ref().filter(|port| !port.is_empty()) else {
        return missing(cx, span, "port", "a listener");
    };
    cx.within("port", |cx| {
        let Some((number, protocol)) =
            listener.port_and_protocol().filter(|(number, _)| parse_port(number).is_some())
        else {
            let message = format!("`{}` is not a port of a listener", port.value);
            let help = "write a number up to 65535, such as `443/tls`, `53/udp` or `80`";
            return fail(cx, &codes::PORT, port.span, message, help);
        };
        let known = |protocol: &&str| PROTOCOLS.contains(&protocol.to_lowercase().as_str());
        if let Some(protocol) = protocol.filter(|protocol| !known(protocol)) {
            let message = format!(
                "`{protocol}` is not a protocol of port {number}; valid protocols are tcp, udp and tls"
            );
            fail(cx, &codes::PROTOCOL, port.span, message, choose(protocol, &PROTOCOLS));
        }
    });
}
