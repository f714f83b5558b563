//! Functions that have certificates issued.

use serde_json::Value as Json;

use super::{Answer, values};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::state::State;
use crate::services::acm;
use crate::services::cloudformation::engine::Work;
use crate::services::cloudformation::model::Resource;

/// Where certificates for CloudFront have to be.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// The certificate of an environment, a network load balancer or a static site, for the names that it has now.
pub(super) fn put(work: &mut Work, resource: &Resource) -> Result<Answer, String> {
    let properties = &resource.properties;
    let text = |key: &str| properties.text(key).unwrap_or_default();
    let environment = format!("{}.{}.{}", text("EnvName"), text("AppName"), text("DomainName"));
    let cloudfront = properties.flag("IsCloudFrontCertificate");
    let (domain, names) = if properties.has("ServiceName") {
        let suffix = if cloudfront { "" } else { "-nlb" };
        let names = properties.get("Aliases").map(values::items).unwrap_or_default();
        (format!("{}{suffix}.{environment}", text("ServiceName")), names)
    } else {
        let mut names = vec![format!("*.{environment}")];
        let zones = [&environment[..], after_dot(&environment), text("DomainName")];
        let aliases = values::aliases(text("Aliases"))?;
        let aliases = aliases.values().flat_map(values::items);
        names.extend(
            aliases.filter(|alias| zones.iter().any(|zone| alias == zone || after_dot(alias) == *zone)),
        );
        (environment.clone(), names)
    };
    let region =
        if cloudfront { CLOUDFRONT_REGION } else { properties.text("Region").unwrap_or(&work.caller.region) };
    let region = region.to_owned();
    Ok(issue(work, resource, &region, &domain, names))
}

/// The same certificate in another region.
pub(super) fn replicate(work: &mut Work, resource: &Resource) -> Result<Answer, String> {
    let arn = resource.properties.text("CertificateArn").unwrap_or_default();
    let region = resource.properties.text("TargetRegion").unwrap_or(CLOUDFRONT_REGION).to_owned();
    let source = certificate(work, arn).cloned();
    let source = source.ok_or_else(|| format!("certificate {arn} does not exist"))?;
    Ok(issue(work, resource, &region, &source.domain, source.alternatives))
}

/// The certificate that the resource has, if it is for these names, or a new one.
fn issue(work: &mut Work, resource: &Resource, region: &str, domain: &str, mut names: Vec<String>) -> Answer {
    names.sort();
    names.dedup();
    let present = resource.physical_id.as_deref().filter(|arn| {
        region_of(arn) == Some(region)
            && certificate(work, arn)
                .is_some_and(|found| found.domain == domain && found.alternatives == names)
    });
    let arn = if let Some(arn) = present {
        arn.to_owned()
    } else {
        let caller = Caller { region: region.to_owned(), ..work.caller.clone() };
        acm::new_certificate(work.world, &caller, domain, names, "ISSUED")
    };
    Answer::of(arn.clone()).with("Arn", Json::from(arn))
}

/// Removes a certificate; one that is gone is fine.
pub(super) fn delete(work: &mut Work, arn: &str) {
    if let Some(region) = region_of(arn) {
        let scope = State::scope(&work.caller.account, region);
        work.world.state.at(&scope).certificates.remove(arn);
    }
}

fn certificate<'a>(work: &'a Work, arn: &str) -> Option<&'a acm::Certificate> {
    let scope = State::scope(&work.caller.account, region_of(arn)?);
    work.world.state.regional.get(&scope)?.certificates.get(arn)
}

/// The region in an ARN.
fn region_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(2)
}

fn after_dot(name: &str) -> &str {
    name.split_once('.').map_or("", |(_, rest)| rest)
}
