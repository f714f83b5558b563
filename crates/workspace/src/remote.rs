//! The answer of `git remote -v`.

use crate::error::Error;
use crate::url::RepositoryUrl;

/// A remote of a git repository.
#[derive(Debug)]
pub struct Remote {
    /// Its name, such as `origin`.
    pub name: String,
    /// Its address as a repository that a pipeline can follow, or why it is none.
    pub repository: Result<RepositoryUrl, Error>,
}

/// Reads `NAME<TAB>URL (fetch|push)` lines: `origin` first, then in their order, each repository once.
///
/// `default_region` stands in where a CodeCommit address has no region (`codecommit://repository`).
pub fn parse_remotes(output: &str, default_region: Option<&str>) -> Vec<Remote> {
    let mut lines: Vec<(&str, &str)> = output.lines().filter_map(parse_line).collect();
    lines.sort_by_key(|(name, _)| *name != "origin");
    let mut remotes: Vec<Remote> = Vec::new();
    let mut seen = Vec::new();
    for (name, url) in lines {
        if seen.contains(&url) {
            continue;
        }
        seen.push(url);
        let repository = RepositoryUrl::parse_remote(url, default_region);
        let known = |remote: &Remote| matches!((&remote.repository, &repository), (Ok(a), Ok(b)) if a == b);
        if !remotes.iter().any(known) {
            remotes.push(Remote { name: name.to_owned(), repository });
        }
    }
    remotes
}

/// The address may hold blanks, and a partial clone adds its filter behind the direction.
fn parse_line(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once('\t')?;
    let end = rest.rfind(" (fetch)").or_else(|| rest.rfind(" (push)")).unwrap_or(rest.len());
    Some((name, &rest[..end]))
}
