//! Static sites.

use super::{fail, missing};
use crate::decode::Context;
use crate::text::arn_region;
use crate::workload::{StaticSite, codes};

pub(super) fn check(config: &StaticSite, cx: &mut Context<'_>) {
    let certificate = config.http.as_deref().and_then(|http| http.certificate.as_ref());
    if let Some(certificate) = certificate.filter(|certificate| !certificate.0.is_empty()) {
        cx.within("http", |cx| {
            if config.alias().is_none() {
                missing(cx, certificate.span, "alias", "`certificate`");
            }
            cx.within("certificate", |cx| {
                let help = "write the ARN of a certificate in us-east-1";
                let message = match arn_region(&certificate.0) {
                    None => format!("certificate `{}` is no ARN", certificate.0),
                    Some("us-east-1") => return,
                    Some(region) => {
                        format!(
                            "the certificate is in `{region}`, but CloudFront takes only those in us-east-1"
                        )
                    }
                };
                fail(cx, &codes::CERTIFICATE, certificate.span, message, help);
            });
        });
    }
    cx.within("files", |cx| {
        for (index, file) in config.files().iter().enumerate() {
            if file.source.as_ref().is_none_or(|source| source.is_empty()) {
                cx.within(index, |cx| missing(cx, file.span, "source", "an upload"));
            }
        }
    });
}
