//! Static sites.

use copilot_manifest::workload::StaticSite as Manifest;

use crate::workload::context::Context;
use crate::workload::model::{ObjectLocation, SiteDomain, StaticSite};

/// Resolves a site. Without a name of its own it gets one of the application's domain, if there is one.
pub(crate) fn static_site<'a>(manifest: &'a Manifest, cx: &Context<'a>) -> StaticSite<'a> {
    let domain = match (manifest.alias(), manifest.certificate()) {
        (Some(alias), Some(certificate)) => Some(SiteDomain::Imported { alias, certificate }),
        (Some(alias), None) => Some(SiteDomain::Managed(alias)),
        (None, _) => cx.domain().map(|_| SiteDomain::Default),
    };
    let mapping = cx.facts.asset_mapping_url.as_deref().and_then(ObjectLocation::parse);
    StaticSite { domain, mapping: mapping.unwrap_or_default() }
}
