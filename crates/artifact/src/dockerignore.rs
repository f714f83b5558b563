//! `.dockerignore` files, matched as docker matches them.
//!
//! The rules are docker's, not gitignore's: a pattern is relative to the root of the context, `*` stops at `/`, the
//! last pattern that matches a path or one of its parents decides, and `!` brings back what is below an excluded
//! directory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use copilot_workspace::files::{self, LARGEST_TEXT};
use regex::Regex;

use crate::Error;
use crate::glob::{Dialect, to_regex};
use crate::paths::clean;

/// The patterns of a `.dockerignore` file.
#[derive(Debug, Default)]
pub struct DockerIgnore {
    patterns: Vec<Pattern>,
}

/// Which patterns matched a directory: what its entries need to know about their parents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// True if the path is left out of the context.
    pub(crate) ignored: bool,
    matched: Vec<bool>,
}

#[derive(Debug)]
struct Pattern {
    exception: bool,
    /// The text up to the first wildcard.
    literal: String,
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    Exact,
    Prefix,
    Suffix(String),
    Regex(Regex),
}

impl DockerIgnore {
    /// The file that governs a build: `<Dockerfile>.dockerignore` beside the Dockerfile wins over the context's
    /// `.dockerignore`.
    pub fn locate(dockerfile: &Path, context: &Path) -> Option<PathBuf> {
        let mut own = OsString::from(dockerfile.as_os_str());
        own.push(".dockerignore");
        [PathBuf::from(own), context.join(".dockerignore")].into_iter().find(|path| path.is_file())
    }

    /// Reads the file that governs a build; without one nothing is ignored.
    pub fn load(dockerfile: &Path, context: &Path) -> Result<Self, Error> {
        let Some(path) = Self::locate(dockerfile, context) else { return Ok(Self::default()) };
        let bytes = files::read(&path, LARGEST_TEXT).map_err(|problem| Error::file(&path, problem))?;
        Self::parse(&String::from_utf8_lossy(&bytes)).map_err(|(line, pattern, reason)| Error::DockerIgnore {
            path,
            line,
            pattern,
            reason: reason.to_owned(),
        })
    }

    /// Parses the text of a file. The error is the line (from 1), the pattern, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (usize, String, &'static str)> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            patterns.push(
                Pattern::parse(line.trim()).map_err(|reason| (index + 1, line.trim().to_owned(), reason))?,
            );
        }
        Ok(Self { patterns })
    }

    /// True if `path` (relative to the context, with `/`) is left out of the context.
    pub fn is_ignored(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(i, _)| i).chain([path.len()]);
        ends.fold(Verdict::default(), |parent, end| self.judge(&path[..end], &parent)).ignored
    }

    /// Judges a path whose parent directory was judged before.
    pub(crate) fn judge(&self, path: &str, parent: &Verdict) -> Verdict {
        let mut ignored = false;
        let mut matched = Vec::with_capacity(self.patterns.len());
        for (index, pattern) in self.patterns.iter().enumerate() {
            let hit = parent.matched.get(index).copied().unwrap_or(false) || pattern.matches(path);
            matched.push(hit);
            if hit {
                ignored = !pattern.exception;
            }
        }
        Verdict { ignored, matched }
    }

    /// True if something below an ignored directory may be brought back by an exception.
    pub(crate) fn may_reinclude_below(&self, directory: &str) -> bool {
        let directory = format!("{directory}/");
        self.patterns.iter().filter(|p| p.exception).any(|p| {
            p.literal.starts_with(&directory)
                || (!matches!(p.matcher, Matcher::Exact) && directory.starts_with(&p.literal))
        })
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let exception = text.starts_with('!');
        let body = text.strip_prefix('!').unwrap_or(text).trim();
        if body.is_empty() {
            return Err("`!` needs a pattern behind it");
        }
        let cleaned = clean(body);
        let cleaned = if cleaned.len() > 1 { cleaned.trim_start_matches('/') } else { &cleaned };
        // Docker's own syntax check: what Go's `filepath.Match` calls malformed is refused.
        to_regex(cleaned, Dialect::Path)?;
        Ok(Self { exception, literal: literal_prefix(cleaned), matcher: Matcher::new(cleaned)? })
    }

    fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => path == self.literal,
            Matcher::Prefix => path.starts_with(&self.literal),
            Matcher::Suffix(suffix) => {
                path.ends_with(suffix.as_str()) || suffix.strip_prefix('/').is_some_and(|name| name == path)
            }
            Matcher::Regex(regex) => regex.is_match(path),
        }
    }
}

impl Matcher {
    /// Docker compares `**x` and `x**` as plain suffix and prefix, which is wider than the regular expression:
    /// `**.js` matches `a.js`.
    fn new(pattern: &str) -> Result<Self, &'static str> {
        let special = |s: &str| s.contains(['*', '?', '[', ']', '\\']);
        if !special(pattern) {
            return Ok(Self::Exact);
        }
        if let Some(prefix) = pattern.strip_suffix("**").filter(|p| !special(p)) {
            return Ok(if prefix.is_empty() { Self::Suffix(String::new()) } else { Self::Prefix });
        }
        if let Some(suffix) = pattern.strip_prefix("**").filter(|s| !special(s)) {
            return Ok(Self::Suffix(suffix.to_owned()));
        }
        Regex::new(&to_regex(pattern, Dialect::Docker)?).map(Self::Regex).map_err(|_| "it is too large")
    }
}

fn literal_prefix(pattern: &str) -> String {
    pattern.split(['*', '?', '[', ']', '\\']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(patterns: &str, path: &str) -> bool {
        DockerIgnore::parse(patterns).unwrap().is_ignored(path)
    }

    #[test]
    fn patterns_match_as_docker_matches_them() {
        for (patterns, path, expected) in [
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("**/*.md", "docs/a/README.md", true),
            ("**/*.md", "README.md", true),
            ("**/foo", "xfoo", false),
            ("**foo", "xfoo", true),
            ("**.js", "a.js", true),
            ("foo/**", "foo", false),
            ("foo/**", "foo/a/b", true),
            ("foo", "foo/a/b", true),
            ("foo/", "foo/a", true),
            ("/foo", "foo", true),
            ("/foo", "a/foo", false),
            ("./a/../foo", "foo", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("  foo  ", "foo", true),
            ("# foo\nbar", "foo", false),
            (" #foo", "#foo", true),
            ("\u{feff}foo", "foo", true),
            ("foo\r\nbar", "foo", true),
            ("*\n!keep", "keep", false),
            ("*\n!keep", "keep/below", false),
            ("!keep\n*", "keep", true),
            ("a\n!a/b\na/b/c", "a/b/x", false),
            ("a\n!a/b\na/b/c", "a/b/c", true),
            ("*\n! keep", "keep", false),
            ("**", "x", true),
            ("**\n!a/*.txt", "a/b.txt", false),
            (".", "x", false),
            ("../x", "x", false),
        ] {
            assert_eq!(ignored(patterns, path), expected, "{patterns:?} on {path}");
        }
    }

    #[test]
    fn a_bad_pattern_is_refused_with_its_line() {
        for (text, line) in [("ok\n[", 2), ("!", 1), ("a\n\n! \n", 3), ("[b-a]", 1)] {
            assert_eq!(DockerIgnore::parse(text).unwrap_err().0, line, "{text:?}");
        }
    }

    #[test]
    fn an_excluded_directory_is_entered_only_where_an_exception_may_apply() {
        let ignore = DockerIgnore::parse("*\n!src/app\n!docs/*.md").unwrap();
        assert!(ignore.may_reinclude_below("src"));
        assert!(ignore.may_reinclude_below("docs"));
        assert!(!ignore.may_reinclude_below("node_modules"));
        assert!(DockerIgnore::parse("*\n!**/*.md").unwrap().may_reinclude_below("node_modules"));
    }

    #[test]
    fn the_dockerfiles_own_file_wins() {
        let dir = tempfile::tempdir().unwrap();
        let (context, dockerfile) = (dir.path(), dir.path().join("app.Dockerfile"));
        assert_eq!(DockerIgnore::locate(&dockerfile, context), None);
        std::fs::write(context.join(".dockerignore"), "a").unwrap();
        assert_eq!(DockerIgnore::locate(&dockerfile, context), Some(context.join(".dockerignore")));
        let own = context.join("app.Dockerfile.dockerignore");
        std::fs::write(&own, "b").unwrap();
        assert_eq!(DockerIgnore::locate(&dockerfile, context), Some(own));
    }
}
