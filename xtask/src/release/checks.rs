//! What has to be right before anything is built.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use cargo_metadata::semver::Version;

use crate::changelog::Changelog;
use crate::{process, tools};

/// The changelog says what is new. What is not released yet may be the next version.
pub(super) fn changelog(root: &Path, version: &Version, dry_run: bool) -> Result<()> {
    let changelog = Changelog::read(root)?;
    match changelog.released.iter().find(|release| release.version == *version) {
        Some(release) => ensure!(!release.is_empty, "CHANGELOG.md says nothing of {version}"),
        None if dry_run => {
            ensure!(!changelog.unreleased_is_empty, "CHANGELOG.md says nothing of what is unreleased");
            println!("release: {version} is not in the changelog yet: `cargo xtask bump` writes it there");
        }
        None => bail!("CHANGELOG.md has no section for {version}: `cargo xtask bump {version}` writes one"),
    }
    Ok(())
}

/// A release is what is committed.
pub(super) fn clean(root: &Path) -> Result<()> {
    let changed = process::said(root, "git", &["status", "--porcelain"])?;
    ensure!(changed.is_empty(), "there are changes that are not committed:\n{changed}");
    Ok(())
}

/// Every crate builds from its own archive, and the registry would take it.
pub(super) fn publishing(root: &Path) -> Result<()> {
    println!("\n== every crate from its own archive");
    process::run(root, "cargo", &["publish", "--workspace", "--dry-run", "--locked", "--allow-dirty"])
}

/// No crate breaks its users without saying so in its version.
pub(super) fn semver(root: &Path) -> Result<()> {
    println!("\n== what changed for users of the crates");
    let tags = process::said(root, "git", &["tag", "--merged", "HEAD", "--list", "v*", "--sort=-v:refname"])?;
    let Some(last) = tags.lines().next() else {
        println!("release: no version has a tag yet, so there is nothing to compare with");
        return Ok(());
    };
    let tool = tools::cargo(root, "cargo-semver-checks", "0.51.0", &[])?;
    process::run(root, tools::text(&tool)?, &["semver-checks", "--workspace", "--baseline-rev", last])
}
