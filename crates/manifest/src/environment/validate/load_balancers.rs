//! The load balancers.

use std::collections::BTreeSet;

use copilot_yaml::Span;

use super::{exclusive, fail};
use crate::decode::{Blank, Context, Spanned};
use crate::environment::{EnvironmentManifest, OldIngress, RestrictedIngress, codes};
use crate::text::{arn_region, is_cidr};

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
            let message = format!("`{}` is not a CIDR block", block.value);
            let help = "write an address with a length, such as `10.0.0.0/8`";
            cx.within("source_ips", |cx| {
                cx.within(index, |cx| fail(cx, &codes::CIDR, block.span, message, help));
            });
        }
    }
}

/// Copilot checks them and then forgets them: the load balancer would stay open to everyone.
fn ignored_source_ips(old: &RestrictedIngress, cx: &mut Context<'_>) {
    let Some(list) = old.source_ips.as_ref().filter(|list| !list.is_empty()) else { return };
    let message =
        "`restrict_to.source_ips` has no effect here: the load balancer would stay open to everyone";
    let blocks: Vec<&str> = list.iter().map(|block| block.as_str()).collect();
    let help = format!("write `source_ips: [{}]` under `http.public.ingress` instead", blocks.join(", "));
    cx.within("source_ips", |cx| fail(cx, &codes::INGRESS, list.span, message, help));
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

pub(super) fn public(manifest: &EnvironmentManifest, cx: &mut Context<'_>) {
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
            cx.at(["security_groups", "ingress", "restrict_to"], |cx| {
                source_ips(restricted, cx);
                ignored_source_ips(restricted, cx);
            });
        }
    });
}

pub(super) fn private(manifest: &EnvironmentManifest, cx: &mut Context<'_>) {
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
