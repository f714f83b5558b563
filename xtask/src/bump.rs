//! `cargo xtask bump VERSION`: the next version, in all crates and in the changelog.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::semver::Version;
use clap::Args;
use toml_edit::{DocumentMut, Item, Value};

use crate::{changelog, markdown, process, release};

#[derive(Debug, Args)]
pub(crate) struct Bump {
    /// The version to come, such as 0.2.0.
    version: Version,
}

pub(crate) fn run(root: &Path, bump: &Bump) -> Result<()> {
    let (old, new) = (release::version(root)?, &bump.version);
    ensure!(*new >= old, "{new} is older than {old}, which the workspace is at");
    let (manifest, log) = (root.join("Cargo.toml"), root.join("CHANGELOG.md"));
    // Both first, so that a fault in one leaves the other as it is.
    let manifest_text = with_version(&fs_err::read_to_string(&manifest)?, new)?;
    let today = time::OffsetDateTime::now_utc().date();
    let log_text = changelog::released(&fs_err::read_to_string(&log)?, new, today)?;
    fs_err::write(&manifest, manifest_text)?;
    fs_err::write(&log, log_text)?;
    // Lock files name the crates with their versions; nothing else in them changes.
    for workspace in [root, &root.join("fuzz")] {
        process::run(workspace, "cargo", &["update", "--workspace"])?;
    }
    // Pages say which version of a crate to depend on.
    markdown::generate(root, false)?;
    println!("bump: {old} became {new}; read the changelog, and commit");
    Ok(())
}

/// The workspace's manifest with another version of the crates, and of the crates as dependencies of each other.
fn with_version(manifest: &str, version: &Version) -> Result<String> {
    let mut document: DocumentMut = manifest.parse()?;
    let workspace = document.get_mut("workspace").context("there is no [workspace]")?;
    let package = workspace.get_mut("package").context("there is no [workspace.package]")?;
    set(package.get_mut("version").context("there is no version")?, version);
    let dependencies = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut);
    for (name, dependency) in dependencies.context("there are no [workspace.dependencies]")?.iter_mut() {
        let Some(dependency) = dependency.as_table_like_mut().filter(|table| table.contains_key("path"))
        else {
            continue;
        };
        let old =
            dependency.get_mut("version").with_context(|| format!("`{name}` has a path but no version"))?;
        set(old, version);
    }
    Ok(document.to_string())
}

/// Another value with the white space and comments of the old one.
fn set(item: &mut Item, version: &Version) {
    let mut new = Value::from(version.to_string());
    if let Some(old) = item.as_value() {
        *new.decor_mut() = old.decor().clone();
    }
    *item = Item::Value(new);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_gets_the_version_and_nothing_else_changes() {
        let old = "[workspace.package]\nversion = \"0.1.0\" # all crates\n\n[workspace.dependencies]\n# Ours.\na = { path = \"crates/a\", version = \"0.1.0\" }\nserde = \"0.1.0\"\n";
        let new = with_version(old, &Version::new(0, 2, 0)).unwrap();
        assert_eq!(new, old.replace("version = \"0.1.0\"", "version = \"0.2.0\""));
        let unversioned = old.replace(", version = \"0.1.0\" }", " }");
        assert!(with_version(&unversioned, &Version::new(0, 2, 0)).is_err());
    }
}
