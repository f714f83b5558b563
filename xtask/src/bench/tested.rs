//! Figures that tests print: what is counted there is also what they assert.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs the command line's tests of this name and shows what they print.
pub(super) fn run(root: &Path, name: &str, variables: &[(&str, String)]) -> Result<()> {
    let status = Command::new("cargo")
        .args([
            "test",
            "--quiet",
            "--locked",
            "-p",
            "copilot-pipeline",
            "--test",
            "it",
            name,
            "--",
            "--nocapture",
            // Benchmarks are left out when all tests are run.
            "--include-ignored",
        ])
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(root)
        .status()
        .context("can't start cargo")?;
    ensure!(status.success(), "not everything that is promised was kept");
    Ok(())
}
