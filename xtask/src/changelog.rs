//! `CHANGELOG.md`, which has to be one that people and `cargo xtask release` can read.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::semver::Version;

const UNRELEASED: &str = "Unreleased";
const KINDS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// What the changelog tells of versions, the newest first.
#[derive(Debug)]
pub(crate) struct Changelog {
    pub(crate) unreleased_is_empty: bool,
    pub(crate) released: Vec<Released>,
}

/// A section of a version.
#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) version: Version,
    pub(crate) is_empty: bool,
}

impl Changelog {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        Self::parse(&fs_err::read_to_string(root.join("CHANGELOG.md"))?).context("CHANGELOG.md")
    }

    fn parse(text: &str) -> Result<Self> {
        let mut sections = text.split("\n## ").skip(1);
        let first = sections.next().context("there is no section")?;
        ensure!(first.lines().next() == Some(UNRELEASED), "the first section is not `## {UNRELEASED}`");
        let unreleased_is_empty = check_entries(first)?;
        let mut released: Vec<Released> = Vec::new();
        for section in sections {
            let title = section.lines().next().unwrap_or_default();
            let (version, date) = title
                .split_once(" - ")
                .with_context(|| format!("`## {title}` is not `## VERSION - YYYY-MM-DD`"))?;
            let version = Version::parse(version).with_context(|| format!("`## {title}`"))?;
            ensure!(is_date(date), "`## {title}`: `{date}` is no date such as 2026-01-31");
            if let Some(newer) = released.last() {
                ensure!(newer.version > version, "{version} stands below {}", newer.version);
            }
            released.push(Released { version, is_empty: check_entries(section)? });
        }
        Ok(Self { unreleased_is_empty, released })
    }
}

/// Whether a section has no entry. Every entry has to stand below a known kind of change.
fn check_entries(section: &str) -> Result<bool> {
    let title = section.lines().next().unwrap_or_default();
    let mut kind = None;
    let mut entries = 0;
    for line in section.lines().skip(1) {
        if let Some(name) = line.strip_prefix("### ") {
            ensure!(KINDS.contains(&name), "`### {name}` below `{title}` is none of {}", KINDS.join(", "));
            kind = Some(name);
        } else if line.starts_with("- ") {
            ensure!(kind.is_some(), "an entry of `{title}` stands below no kind of change: `{line}`");
            entries += 1;
        }
    }
    Ok(entries == 0)
}

fn is_date(text: &str) -> bool {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, format).is_ok()
}

/// The text with what is unreleased as a version of that day.
pub(crate) fn released(text: &str, version: &Version, day: time::Date) -> Result<String> {
    let changelog = Changelog::parse(text)?;
    ensure!(!changelog.unreleased_is_empty, "nothing is unreleased");
    if let Some(last) = changelog.released.first() {
        ensure!(*version > last.version, "{version} is not newer than {}", last.version);
    }
    let heading = format!("## {UNRELEASED}\n");
    Ok(text.replacen(&heading, &format!("{heading}\n## {version} - {day}\n"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## Unreleased\n\n### Fixed\n\n- A thing.\n\n## 0.2.0 - 2026-02-28\n\n### Added\n\n- More.\n\n## 0.1.0 - 2026-01-31\n";

    #[test]
    fn versions_are_told_from_each_other() {
        let changelog = Changelog::parse(TEXT).unwrap();
        assert!(!changelog.unreleased_is_empty);
        let told: Vec<_> = changelog
            .released
            .iter()
            .map(|release| (release.version.to_string(), release.is_empty))
            .collect();
        assert_eq!(told, [("0.2.0".to_owned(), false), ("0.1.0".to_owned(), true)]);
    }

    #[test]
    fn faults_are_told() {
        for (from, to, expected) in [
            ("## Unreleased", "## Next", "the first section is not"),
            ("### Fixed", "### Mended", "none of Added, Changed"),
            ("### Fixed\n", "", "below no kind of change"),
            ("2026-02-28", "2026-02-30", "no date"),
            ("0.2.0 -", "0.2 -", "0.2"),
            ("0.2.0 - 2026-02-28", "0.2.0", "is not `## VERSION"),
            ("0.1.0", "0.3.0", "0.3.0 stands below 0.2.0"),
        ] {
            let error = Changelog::parse(&TEXT.replace(from, to)).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }

    #[test]
    fn what_is_unreleased_becomes_a_version() {
        let day = time::Date::from_calendar_date(2026, time::Month::March, 1).unwrap();
        let text = released(TEXT, &Version::new(0, 3, 0), day).unwrap();
        assert!(text.contains("## Unreleased\n\n## 0.3.0 - 2026-03-01\n\n### Fixed\n"), "{text}");
        let changelog = Changelog::parse(&text).unwrap();
        assert!(changelog.unreleased_is_empty && !changelog.released[0].is_empty);
        assert!(released(&text, &Version::new(0, 4, 0), day).is_err(), "nothing is new");
        assert!(released(TEXT, &Version::new(0, 2, 0), day).is_err(), "there is such a version");
    }
}
