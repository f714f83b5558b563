//! Figures that tests print: what is counted there is also what they assert.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::process;

/// How the program and the tests are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// For counts, which do not depend on it.
    Dev,
    /// For times.
    Release,
}

/// Runs the command line's tests of this name and shows what they print.
pub(super) fn run(root: &Path, profile: Profile, name: &str, variables: &[(&str, String)]) -> Result<()> {
    let mut arguments = vec!["test", "--quiet", "--locked", "-p", "copilot-pipeline", "--test", "it", name];
    if profile == Profile::Release {
        arguments.push("--release");
    }
    // Benchmarks are left out when all tests are run.
    arguments.extend(["--", "--nocapture", "--include-ignored"]);
    let mut command = process::command(root, "cargo", &arguments);
    let status = command.envs(variables.iter().map(|(name, value)| (name, value))).status();
    ensure!(status.context("can't start cargo")?.success(), "not everything that is promised was kept");
    Ok(())
}
