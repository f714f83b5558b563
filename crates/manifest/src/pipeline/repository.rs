//! From a manifest's `source` to the repository that it means.

use copilot_yaml::Span;

use super::codes;
use super::manifest::{SourceManifest, SourceProperties};
use super::model::{CodeSource, Connection, ConnectionHost, Repository};
use super::names;
use super::values::{Provider, Text};
use crate::decode::{Context, Spanned};

const DEFAULT_BRANCH: &str = "main";
const GITHUB: &str = "https://github.com/";
const BITBUCKET: &str = "https://bitbucket.org/";

/// Resolves the source; what is wrong with it is reported. `at` is where the source stands.
pub(super) fn resolve(source: &SourceManifest, at: Span, cx: &mut Context<'_>) -> Option<CodeSource> {
    let absent = SourceProperties::default();
    let (properties, place) =
        source.properties.as_ref().map_or((&absent, at), |spanned| (&spanned.value, spanned.span));
    let address = cx.within("properties", |cx| address(properties, place, cx));
    let provider = source.provider.as_ref()?.value;
    cx.within("properties", |cx| {
        report_without_effect(provider, properties, cx);
        let repository = address.and_then(|address| repository(provider, properties, address, place, cx));
        let branch = properties.branch.as_ref().map(|Spanned { value: Text(branch), .. }| branch.as_str());
        let branch = branch.filter(|branch| !branch.is_empty()).unwrap_or(DEFAULT_BRANCH);
        Some(CodeSource { branch: branch.to_owned(), repository: repository? })
    })
}

fn address<'p>(
    properties: &'p SourceProperties,
    place: Span,
    cx: &mut Context<'_>,
) -> Option<&'p Spanned<Text>> {
    let address = properties.repository.as_ref();
    // A `repository` of a wrong type is reported already; its key is there, and has no value.
    if address.is_none() && cx.diagnostics().iter().all(|found| found.path != "source.properties.repository")
    {
        let diagnostic =
            cx.error(&codes::MISSING, "the source has no repository", place, "`repository` belongs here");
        cx.report(
            diagnostic
                .help("add `repository: https://github.com/OWNER/REPOSITORY`, or that of another provider"),
        );
    }
    address
}

fn repository(
    provider: Provider,
    properties: &SourceProperties,
    address: &Spanned<Text>,
    place: Span,
    cx: &mut Context<'_>,
) -> Option<Repository> {
    let text = address.value.0.as_str();
    let format = properties.output_artifact_format.as_ref().map(|format| format.value);
    let secret = text_of(properties.access_token_secret.as_ref());
    let connected = |host, owner: &str, name: &str| Repository::Connected {
        host,
        owner: owner.to_owned(),
        name: name.to_owned(),
        connection: connection(properties, owner, name),
        format,
    };
    match provider {
        Provider::GitHub | Provider::GitHubV1 => {
            let path = text.strip_prefix(GITHUB).unwrap_or(text);
            let Some((owner, name)) = owner_and_name(path) else { return misfit(provider, address, cx) };
            report_suffix(name, address, cx);
            match secret {
                Some(secret) => {
                    Some(Repository::Token { owner: owner.into(), name: name.into(), secret: secret.into() })
                }
                None if provider == Provider::GitHubV1 => missing_secret(place, cx),
                None => Some(connected(ConnectionHost::GitHub, owner, name)),
            }
        }
        Provider::Bitbucket => {
            let path = text.strip_prefix(BITBUCKET).and_then(owner_and_name);
            let Some((owner, name)) = path else { return misfit(provider, address, cx) };
            report_suffix(name, address, cx);
            Some(connected(ConnectionHost::Bitbucket, owner, name))
        }
        Provider::CodeCommit => match code_commit(text) {
            Some((region, name)) => {
                Some(Repository::CodeCommit { region: region.to_owned(), name: name.to_owned(), format })
            }
            None => misfit(provider, address, cx),
        },
    }
}

/// A name wins over an ARN, as it always did.
fn connection(properties: &SourceProperties, owner: &str, name: &str) -> Connection {
    let given = text_of(properties.connection_name.as_ref()).map(|name| Connection::Named(name.to_owned()));
    given
        .or_else(|| text_of(properties.connection_arn.as_ref()).map(|arn| Connection::Arn(arn.to_owned())))
        .unwrap_or_else(|| Connection::Created(names::connection(owner, name)))
}

fn text_of(property: Option<&Spanned<Text>>) -> Option<&str> {
    property.map(|spanned| spanned.value.0.as_str()).filter(|text| !text.is_empty())
}

/// `OWNER/NAME`, both of the characters that GitHub and Bitbucket allow.
fn owner_and_name(path: &str) -> Option<(&str, &str)> {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    path.split_once('/').filter(|(owner, name)| is_part(owner) && is_part(name))
}

/// Region and name in the address that the console of `CodeCommit` has, in any partition.
fn code_commit(text: &str) -> Option<(&str, &str)> {
    let (host, path) = text.strip_prefix("https://")?.split_once('/')?;
    let (region, domain) = host.split_once(".console.")?;
    let (name, page) = path.strip_prefix("codesuite/codecommit/repositories/")?.split_once('/')?;
    // A browser's address goes on after that: `browse/refs/heads/main`, `browse?region=eu-west-1`.
    if !page.strip_prefix("browse")?.starts_with(['/', '?', '#']) && page != "browse" {
        return None;
    }
    let is_word = |word: &str, marks: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
    };
    (is_word(region, "-") && is_word(domain, ".-") && is_word(name, "._-")).then_some((region, name))
}

fn misfit<T>(provider: Provider, address: &Spanned<Text>, cx: &mut Context<'_>) -> Option<T> {
    let text = &address.value.0;
    let message = format!("`{text}` is not the address of a repository on {}", host_of(provider));
    let help = suggestion(text).map_or_else(
        || {
            if Provider::is_elsewhere(text) {
                Provider::MIRROR.to_owned()
            } else {
                format!("write `{}`", form_of(provider))
            }
        },
        |(other, form)| {
            if other == provider || (other == Provider::GitHub && provider == Provider::GitHubV1) {
                format!("write `{form}`")
            } else {
                format!("this is a repository on {0}: `provider: {0}` takes it as `{form}`", other.as_str())
            }
        },
    );
    let diagnostic = cx.error(&codes::REPOSITORY, message, address.span, "not an address of this provider");
    cx.within("repository", |cx| cx.report(diagnostic.help(help)));
    None
}

fn host_of(provider: Provider) -> &'static str {
    match provider {
        Provider::GitHub | Provider::GitHubV1 => "GitHub",
        Provider::Bitbucket => "Bitbucket",
        Provider::CodeCommit => "CodeCommit",
    }
}

fn form_of(provider: Provider) -> &'static str {
    match provider {
        Provider::GitHub | Provider::GitHubV1 => "https://github.com/OWNER/REPOSITORY",
        Provider::Bitbucket => "https://bitbucket.org/OWNER/REPOSITORY",
        Provider::CodeCommit => {
            "https://REGION.console.aws.amazon.com/codesuite/codecommit/repositories/REPOSITORY/browse"
        }
    }
}

/// What an address of any form that git or a browser takes looks like in a manifest.
fn suggestion(text: &str) -> Option<(Provider, String)> {
    let bare = text.trim_end_matches('/');
    let bare = bare.strip_suffix(".git").unwrap_or(bare);
    for (provider, host, prefix) in
        [(Provider::GitHub, "github.com", GITHUB), (Provider::Bitbucket, "bitbucket.org", BITBUCKET)]
    {
        if let Some((_, path)) = bare.split_once(host) {
            let mut parts = path.trim_start_matches([':', '/']).split('/');
            let (owner, name) = (parts.next()?, parts.next()?);
            let (owner, name) = owner_and_name(&format!("{owner}/{name}"))
                .map(|(owner, name)| (owner.to_owned(), name.to_owned()))?;
            return Some((provider, format!("{prefix}{owner}/{name}")));
        }
    }
    if let Some((_, host)) = bare.split_once("git-codecommit.") {
        let region = host.split('.').next()?;
        let name = bare.rsplit('/').next()?;
        return Some((Provider::CodeCommit, browse(region, name)));
    }
    if let Some((host, name)) = bare.split_once("/codesuite/codecommit/repositories/") {
        let region = host.strip_prefix("https://")?.split('.').next()?;
        return Some((Provider::CodeCommit, browse(region, name.split('/').next()?)));
    }
    let (region, name) = bare.strip_prefix("codecommit::")?.split_once("://")?;
    Some((Provider::CodeCommit, browse(region, name.rsplit('@').next()?)))
}

fn browse(region: &str, name: &str) -> String {
    format!("https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories/{name}/browse")
}

fn missing_secret<T>(place: Span, cx: &mut Context<'_>) -> Option<T> {
    let message = "`GitHubV1` needs the secret that holds the personal access token";
    let diagnostic = cx.error(&codes::MISSING, message, place, "`access_token_secret` belongs here");
    cx.report(
        diagnostic.help("add `access_token_secret: NAME`, or take `provider: GitHub` with a connection"),
    );
    None
}

fn report_suffix(name: &str, address: &Spanned<Text>, cx: &mut Context<'_>) {
    if std::path::Path::new(name).extension().is_some_and(|suffix| suffix == "git") {
        let message = format!("`.git` is taken as part of the repository's name, `{name}`");
        let diagnostic = cx.warning(&codes::REPOSITORY_SUFFIX, message, address.span, "ends in `.git`");
        let help = "leave it out, unless the pipeline is deployed with a connection that Copilot has made";
        cx.within("repository", |cx| cx.report(diagnostic.help(help)));
    }
}

fn report_without_effect(provider: Provider, properties: &SourceProperties, cx: &mut Context<'_>) {
    let token = text_of(properties.access_token_secret.as_ref()).is_some();
    let by_token = provider == Provider::GitHubV1 || (provider == Provider::GitHub && token);
    let connected = !by_token && provider != Provider::CodeCommit;
    let span = |given: &Option<Spanned<Text>>| given.as_ref().map(|spanned| spanned.span);
    let named = text_of(properties.connection_name.as_ref()).is_some();
    let format = properties.output_artifact_format.as_ref().map(|format| format.span);
    let cases = [
        ("connection_name", span(&properties.connection_name), !connected),
        ("connection_arn", span(&properties.connection_arn), !connected || named),
        (
            "access_token_secret",
            span(&properties.access_token_secret),
            matches!(provider, Provider::Bitbucket | Provider::CodeCommit),
        ),
        ("output_artifact_format", format, by_token),
    ];
    for (key, span, useless) in cases {
        if let Some(span) = span.filter(|_| useless) {
            let why = match key {
                "connection_arn" if connected => "beside `connection_name`".to_owned(),
                _ if by_token => "with a personal access token".to_owned(),
                _ => format!("with the provider {}", provider.as_str()),
            };
            let message = format!("`{key}` has no effect {why}");
            let diagnostic =
                cx.warning(&codes::NO_EFFECT, message, span, "nothing reads this").help("delete it");
            cx.within(key, |cx| cx.report(diagnostic));
        }
    }
}
