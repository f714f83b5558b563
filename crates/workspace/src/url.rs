//! Addresses of repositories, in all forms that git accepts, and the one form that a manifest has.

use std::fmt;

use crate::error::{Error, RepositoryProblem};

/// Where a repository is hosted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Provider {
    /// github.com.
    GitHub,
    /// bitbucket.org.
    Bitbucket,
    /// AWS CodeCommit.
    CodeCommit,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitHub => "GitHub",
            Self::Bitbucket => "Bitbucket",
            Self::CodeCommit => "CodeCommit",
        })
    }
}

/// A repository that a pipeline can follow. `Display` gives what a pipeline's manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RepositoryUrl {
    /// A repository on github.com.
    GitHub {
        /// User or organisation.
        owner: String,
        /// Name without `.git`.
        repository: String,
    },
    /// A repository on bitbucket.org.
    Bitbucket {
        /// Workspace.
        owner: String,
        /// Name without `.git`.
        repository: String,
    },
    /// A CodeCommit repository, in any partition.
    CodeCommit {
        /// Its region.
        region: String,
        /// Its name.
        repository: String,
    },
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitHub { owner, repository } => write!(f, "https://github.com/{owner}/{repository}"),
            Self::Bitbucket { owner, repository } => write!(f, "https://bitbucket.org/{owner}/{repository}"),
            // The host of the standard partition in every region: the only one that older versions read back.
            Self::CodeCommit { region, repository } => write!(
                f,
                "https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories/{repository}/browse"
            ),
        }
    }
}

impl RepositoryUrl {
    /// Reads an address as `git remote -v` shows it, as a browser does, or `OWNER/REPOSITORY` for GitHub.
    ///
    /// `default_region` stands in where a CodeCommit address has no region (`codecommit://repository`).
    ///
    /// # Errors
    /// [`Error::Repository`]. The address in it has no password.
    pub fn parse(text: &str, default_region: Option<&str>) -> Result<Self, Error> {
        let text = text.trim();
        read(text, default_region)
            .map_err(|problem| Error::Repository { url: without_password(text), problem })
    }

    /// As [`RepositoryUrl::parse`] for what git says: there, `OWNER/REPOSITORY` is a local path.
    pub(crate) fn parse_remote(text: &str, default_region: Option<&str>) -> Result<Self, Error> {
        if text.contains(':') {
            return Self::parse(text, default_region);
        }
        Err(Error::Repository { url: text.to_owned(), problem: RepositoryProblem::Unreadable })
    }

    /// Where it is hosted.
    pub fn provider(&self) -> Provider {
        match self {
            Self::GitHub { .. } => Provider::GitHub,
            Self::Bitbucket { .. } => Provider::Bitbucket,
            Self::CodeCommit { .. } => Provider::CodeCommit,
        }
    }

    /// The repository's name without its owner.
    pub fn repository(&self) -> &str {
        match self {
            Self::GitHub { repository, .. }
            | Self::Bitbucket { repository, .. }
            | Self::CodeCommit { repository, .. } => repository,
        }
    }
}

type Read<T> = Result<T, RepositoryProblem>;

fn read(text: &str, default_region: Option<&str>) -> Read<RepositoryUrl> {
    if text.is_empty() {
        return Err(RepositoryProblem::Unreadable);
    }
    if let Some(rest) = text.strip_prefix("codecommit::") {
        let (region, rest) = rest.split_once("://").ok_or(RepositoryProblem::Unreadable)?;
        return code_commit(Some(region), after_user(rest));
    }
    if let Some(rest) = text.strip_prefix("codecommit://") {
        return code_commit(default_region, after_user(rest));
    }
    let (host, rest) = split(text).ok_or(RepositoryProblem::Unreadable)?;
    if host.is_empty() {
        return Err(RepositoryProblem::Unreadable);
    }
    let host = host.to_ascii_lowercase();
    // What follows is a question to the web server, no part of the path.
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.split('#').next().unwrap_or_default();
    if is_host(&host, "github.com", &["www.", "ssh."]) {
        let (owner, repository) = owner_and_name(path, &["tree", "blob", "commits", "pulls"])?;
        return Ok(RepositoryUrl::GitHub { owner, repository });
    }
    if is_host(&host, "bitbucket.org", &["www.", "altssh."]) {
        let (owner, repository) = owner_and_name(path, &["src", "branch", "commits"])?;
        return Ok(RepositoryUrl::Bitbucket { owner, repository });
    }
    let labels: Vec<&str> = host.split('.').collect();
    if let Some(at) =
        labels.iter().position(|label| matches!(*label, "git-codecommit" | "git-codecommit-fips"))
    {
        let name =
            path.trim_matches('/').strip_prefix("v1/repos/").ok_or(RepositoryProblem::CodeCommitName)?;
        return code_commit(labels.get(at + 1).copied(), name);
    }
    if let Some(rest) = path.trim_start_matches('/').strip_prefix("codesuite/codecommit/repositories/") {
        let asked = query.split(['&', '#']).find_map(|pair| pair.strip_prefix("region="));
        let region = asked.or_else(|| labels.first().copied().filter(|_| labels.get(1) == Some(&"console")));
        return code_commit(region, rest.split('/').next().unwrap_or_default());
    }
    Err(RepositoryProblem::Host(host))
}

/// Host and path of `scheme://user@host:port/path`, `user@host:path`, `host/path` and `owner/repository`.
fn split(text: &str) -> Option<(&str, &str)> {
    if let Some((_, rest)) = text.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = after_user(authority);
        let host_end = host.find(':').unwrap_or(host.len());
        // `ssh://git@host:owner/repository` mixes two forms, but it is in use.
        let port = host.get(host_end + 1..).unwrap_or_default();
        if !port.is_empty() && !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((&host[..host_end], &rest[rest.len() - path.len() - 1 - port.len()..]));
        }
        return Some((&host[..host_end], path));
    }
    let slash = text.find('/').unwrap_or(text.len());
    if let Some(colon) = text.find(':').filter(|colon| *colon < slash) {
        return Some((after_user(&text[..colon]), &text[colon + 1..]));
    }
    let (first, rest) = text.split_once('/')?;
    if first.is_empty() || first.starts_with('.') || first == "~" {
        return None;
    }
    // A host has a dot, an owner on GitHub has none.
    if first.contains('.') { Some((first, rest)) } else { Some(("github.com", text)) }
}

fn after_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The host itself, one of its other names, or an alias of the form `github.com-work` in an ssh configuration.
fn is_host(host: &str, name: &str, prefixes: &[&str]) -> bool {
    let bare = prefixes.iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    bare.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || (rest.starts_with('-') && !rest.contains('.')))
}

fn owner_and_name(path: &str, pages: &[&str]) -> Read<(String, String)> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (owner, name) = match parts[..] {
        [owner, name] => (owner, name),
        [owner, name, page, ..] if pages.contains(&page) => (owner, name),
        _ => return Err(RepositoryProblem::Path),
    };
    Ok((checked(owner, RepositoryProblem::Path)?, checked(without_git(name), RepositoryProblem::Path)?))
}

fn code_commit(region: Option<&str>, name: &str) -> Read<RepositoryUrl> {
    let region = region.filter(|region| !region.is_empty()).ok_or(RepositoryProblem::NoRegion)?;
    if !is_region(region) {
        return Err(RepositoryProblem::Region(region.to_owned()));
    }
    let repository = checked(without_git(name.trim_matches('/')), RepositoryProblem::CodeCommitName)?;
    Ok(RepositoryUrl::CodeCommit { region: region.to_owned(), repository })
}

fn without_git(name: &str) -> &str {
    name.strip_suffix(".git").unwrap_or(name)
}

fn checked(name: &str, empty: RepositoryProblem) -> Read<String> {
    if name.is_empty() || name == "." || name == ".." {
        return Err(empty);
    }
    match name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
        Some(c) => Err(RepositoryProblem::Character(c)),
        None => Ok(name.to_owned()),
    }
}

/// The shape that regions of all partitions share: `us-gov-west-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [words @ .., number] = &parts[..] else { return false };
    words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// An address may hold a user's token, which must not get into a message.
fn without_password(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text[start..].find('/').map_or(text.len(), |at| start + at);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}{}", &text[..start], &text[start + at + 1..]),
        None => text.to_owned(),
    }
}
