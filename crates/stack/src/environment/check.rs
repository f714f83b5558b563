//! What a manifest must not change while workloads depend on it.

use copilot_manifest::environment::EnvironmentManifest;
use copilot_yaml::{Diagnostics, Node, Source, Span, parse};

use super::settings::Settings;
use crate::facts::Environment;
use crate::problems::Problems;
use crate::template::version;
use crate::{Error, TEMPLATE_VERSION, codes};

/// Refuses to replace a stack that a later version has deployed.
///
/// # Errors
/// [`Error::NewerEnvironment`].
pub fn check_version(name: &str, environment: &Environment) -> Result<(), Error> {
    let Some(found) = environment.version.as_deref() else { return Ok(()) };
    match (version::numbers(found), version::numbers(TEMPLATE_VERSION)) {
        (Some(deployed), Some(own)) if deployed > own => {
            Err(Error::NewerEnvironment { environment: name.to_owned(), version: found.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Checks the manifest against what is deployed.
pub(super) fn check(
    manifest: &EnvironmentManifest,
    settings: &Settings<'_>,
    problems: &mut Problems<'_>,
) -> Result<(), Error> {
    let Some(cdn) = settings.cdn else { return Ok(()) };
    let span = manifest.cdn.as_ref().map_or_else(Span::default, |cdn| cdn.span);
    let behind = parameter(settings, "ALBWorkloads");
    let workloads: Vec<&str> =
        behind.unwrap_or_default().split(',').filter(|name| !name.is_empty()).collect();
    if workloads.is_empty() {
        return Ok(());
    }
    if manifest.public_certificates().is_none() && settings.domain.is_some() {
        check_aliases(settings, &workloads, span, problems)?;
    }
    if cdn.terminates_tls && settings.public.prefix_list.is_some() {
        check_redirects(settings, &workloads, span, problems);
    }
    Ok(())
}

fn parameter<'a>(settings: &Settings<'a>, name: &str) -> Option<&'a str> {
    settings.deployed.parameters.get(name).map(String::as_str)
}

/// CloudFront answers only to names that it knows, and to the names of a service only through an alias.
fn check_aliases(
    settings: &Settings<'_>,
    workloads: &[&str],
    span: Span,
    problems: &mut Problems<'_>,
) -> Result<(), Error> {
    let key = || format!("environments.{}.parameters.Aliases", settings.name);
    let Some(aliases) = parameter(settings, "Aliases") else { return Err(Error::MissingFact { key: key() }) };
    let known = if aliases.is_empty() {
        None
    } else {
        let root = parse(&Source::new(key(), aliases), &mut Diagnostics::default());
        let malformed =
            || Error::MalformedFact { key: key(), expected: "a JSON object", found: aliases.to_owned() };
        Some(root.filter(|root| root.as_mapping().is_some()).ok_or_else(malformed)?)
    };
    let has_alias = |name: &str| known.as_ref().and_then(|root: &Node| root.get(name)).is_some();
    let missing: Vec<&str> = workloads.iter().copied().filter(|name| !has_alias(name)).collect();
    if !missing.is_empty() {
        let message = format!(
            "`cdn` needs an alias (`http.alias`) of every service behind the load balancer; without one: {}",
            listed(&missing)
        );
        let help = "give the service an `http.alias` and deploy it, then switch on `cdn`";
        problems.report_at(&codes::ENVIRONMENT_CDN, "cdn", span, message, help);
    }
    Ok(())
}

/// A service that redirects HTTP to HTTPS would send CloudFront, which speaks HTTP, in circles.
fn check_redirects(settings: &Settings<'_>, workloads: &[&str], span: Span, problems: &mut Problems<'_>) {
    let redirects = |name: &&str| settings.deployed.redirecting_services.iter().any(|known| known == name);
    let redirecting: Vec<&str> = workloads.iter().copied().filter(redirects).collect();
    if redirecting.is_empty() {
        return;
    }
    let message = format!(
        "`cdn.terminate_tls` lets CloudFront speak HTTP, which is redirected to HTTPS by {}",
        listed(&redirecting)
    );
    let help = "set `http.redirect_to_https: false` in the service's manifest and deploy it first";
    problems.report_at(&codes::ENVIRONMENT_CDN, ["cdn", "terminate_tls"], span, message, help);
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
