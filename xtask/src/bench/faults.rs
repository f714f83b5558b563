//! What becomes of `deploy` when AWS or its own process fails.
//!
//! The test of that name does it, with more runs than in the usual test run. It prints the figures and fails on a violation.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

pub(super) fn run(root: &Path, runs: u64) -> Result<()> {
    println!("{runs} runs of `deploy`, each with something that goes wrong, and then with nothing");
    let status = Command::new("cargo")
        .args([
            "test",
            "--quiet",
            "--locked",
            "-p",
            "copilot-pipeline",
            "--test",
            "it",
            "faults",
            "--",
            "--nocapture",
        ])
        .env("COPILOT_FAULT_RUNS", runs.to_string())
        .current_dir(root)
        .status()
        .context("can't start cargo")?;
    ensure!(status.success(), "not every run ended as it should");
    Ok(())
}
