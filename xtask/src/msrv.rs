//! `cargo xtask msrv`: each crate is checked with the oldest Rust that its manifest promises.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;

use crate::process;

/// Crates by the version of Rust that they promise to build with.
fn promises(root: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let mut promises: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata.packages.iter().filter(|package| package.publish.is_none()) {
        let oldest = package
            .rust_version
            .as_ref()
            .with_context(|| format!("`{}` has no rust-version", package.name))?;
        promises.entry(oldest.to_string()).or_default().push(package.name.to_string());
    }
    Ok(promises)
}

/// Returns false, and says why, where another Rust can't be had.
pub(crate) fn check(root: &Path) -> Result<bool> {
    if !process::exists("rustup", &["--version"]) {
        return Ok(false);
    }
    for (version, packages) in promises(root)? {
        process::run(
            root,
            "rustup",
            &["toolchain", "install", &version, "--profile", "minimal", "--no-self-update"],
        )?;
        let mut arguments = vec!["run", version.as_str(), "cargo", "check", "--locked", "--all-features"];
        for package in &packages {
            arguments.extend(["--package", package]);
        }
        // Its own folder: two versions of Rust would not share anything anyway.
        let mut command = process::command(root, "rustup", &arguments);
        command.env("CARGO_TARGET_DIR", root.join("target").join("msrv"));
        process::finish(command)?;
        println!("msrv: Rust {version} builds {}", packages.join(", "));
    }
    Ok(true)
}
