//! Domain names that Copilot can manage.

use copilot_manifest::decode::{Path, Spanned};
use copilot_manifest::workload::{RequestDrivenWebService, StaticSite};

use crate::codes;
use crate::workload::context::Context;
use crate::workload::resolve::Problems;

/// Whether a name is a zone, or one label below it. As in deployed applications, a dot of the zone stands for any letter
/// and more may follow.
fn at_or_below(alias: &str, zone: &str) -> bool {
    begins_with(alias, zone) || below(alias, zone)
}

fn below(alias: &str, zone: &str) -> bool {
    alias.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && begins_with(rest, zone))
}

fn begins_with(text: &str, zone: &str) -> bool {
    let mut letters = text.chars();
    zone.chars().all(|wanted| letters.next().is_some_and(|found| wanted == '.' || found == wanted))
}

/// Whether a name lies in one of the zones of the application: its domain, its own zone, or its environment's.
fn is_managed(alias: &str, domain: &str, cx: &Context<'_>) -> bool {
    let app = format!("{}.{domain}", cx.app);
    let env = format!("{}.{app}", cx.env);
    [domain, &app, &env].iter().any(|zone| at_or_below(alias, zone))
}

/// Reports names that need the application's domain and are not of it.
pub(super) fn check_names<T>(
    names: &[&str],
    path: impl Into<Path>,
    value: &Spanned<T>,
    cx: &Context<'_>,
    problems: &mut Problems<'_>,
) {
    let path = path.into();
    let Some(domain) = cx.domain() else {
        let message = format!(
            "cannot specify `{path}`: the application is not associated with a domain, and the environment `{}` \
             imports no certificate for it",
            cx.env
        );
        let help = "remove the alias, or give the application a domain, or import certificates in the environment's manifest";
        problems.report(&codes::WORKLOAD_DOMAIN, path, value, message, help);
        return;
    };
    for name in names.iter().filter(|name| !is_managed(name, domain, cx)) {
        let message = format!("alias `{name}` is not supported in the hosted zones that Copilot manages");
        let help = format!(
            "use a name of {domain}, {app}.{domain} or {env}.{app}.{domain}, with at most one label before it",
            app = cx.app,
            env = cx.env
        );
        problems.report(&codes::WORKLOAD_DOMAIN, path.clone(), value, message, help);
    }
}

/// App Runner takes names directly below the domain only, and none that belongs to the application or an environment.
pub(super) fn of_app_runner(config: &RequestDrivenWebService, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(alias) = config.http.as_ref().and_then(|http| http.alias.as_ref()) else { return };
    let Some(domain) = cx.domain() else {
        check_names(&[alias], ["http", "alias"], alias, cx, problems);
        return;
    };
    let app = format!("{}.{domain}", cx.app);
    let env = format!("{}.{app}", cx.env);
    let message = if at_or_below(alias, &env) {
        format!("alias `{}` belongs to the environment: App Runner services can not have it", alias.value)
    } else if at_or_below(alias, &app) {
        format!("alias `{}` belongs to the application: App Runner services can not have it", alias.value)
    } else if alias.value == domain {
        format!("alias `{}` is the root of the domain: App Runner services can not have it", alias.value)
    } else if !below(alias, domain) {
        format!("alias `{}` is not below the application's domain", alias.value)
    } else {
        return;
    };
    problems.report(
        &codes::WORKLOAD_DOMAIN,
        ["http", "alias"],
        alias,
        message,
        format!("use a name such as `web.{domain}`"),
    );
}

pub(super) fn of_static_site(config: &StaticSite, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(http) = config.http.as_deref() else { return };
    let Some(alias) = http.alias.as_ref().filter(|alias| !alias.value.0.is_empty()) else { return };
    if http.certificate.as_ref().is_none_or(|certificate| certificate.value.0.is_empty()) {
        check_names(&[&alias.value.0], ["http", "alias"], alias, cx, problems);
    }
}

#[cfg(test)]
mod tests {
    use super::{at_or_below, below};

    #[test]
    fn names_of_a_zone() {
        for (alias, found) in [
            ("example.com", true),
            ("a.example.com", true),
            ("a.b.example.com", false),
            ("example.org", false),
            (".example.com", false),
        ] {
            assert_eq!(at_or_below(alias, "example.com"), found, "{alias}");
        }
        assert!(!below("example.com", "example.com"));
    }
}
