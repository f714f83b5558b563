//! What the program is made of, as `CycloneDX`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::epoch;
use crate::{process, tools};

const NAME: &str = "bill-of-materials";

/// Writes the bill beside the archive.
pub(super) fn of_materials(root: &Path, target: &str, out: &Path, name: &str) -> Result<PathBuf> {
    let tool = tools::cargo(root, "cargo-cyclonedx", "0.5.9", &[])?;
    let made = root.join("crates").join("cli").join(format!("{NAME}.json"));
    let mut command = process::command(
        root,
        tools::text(&tool)?,
        &["cyclonedx", "--manifest-path", "crates/cli/Cargo.toml", "--format", "json", "--target", target],
    );
    command.args(["--override-filename", NAME]).env("SOURCE_DATE_EPOCH", epoch(root)?);
    process::finish(command)?;
    let mut bill: Value = serde_json::from_str(&fs_err::read_to_string(made)?)?;
    let here = format!("file://{}", tools::text(root)?);
    relative(&mut bill, &here);
    let path = out.join(format!("{name}.cdx.json"));
    fs_err::write(&path, serde_json::to_string_pretty(&bill)? + "\n")?;
    // The tool writes one for each crate of the workspace that the program is made of.
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
    for package in metadata.packages {
        let folder = package.manifest_path.parent().context("a manifest is in a folder")?;
        let written = folder.join(format!("{NAME}.json"));
        if written.exists() {
            fs_err::remove_file(written)?;
        }
    }
    Ok(path)
}

/// Where the checkout is says nothing about the program.
fn relative(value: &mut Value, here: &str) {
    match value {
        Value::String(text) if text.contains(here) => *text = text.replace(here, "file://."),
        Value::Array(values) => values.iter_mut().for_each(|value| relative(value, here)),
        Value::Object(members) => members.values_mut().for_each(|value| relative(value, here)),
        _ => {}
    }
}
