//! How long a user waits for a command that does nothing.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::measure;

const PROMISE: Duration = Duration::from_millis(10);

pub(super) fn run(root: &Path, runs: usize) -> Result<()> {
    let binary = measure::release_binary(root)?;
    let figures = measure::sample(root, &binary, &["--help"], runs)?;
    println!(
        "\n`copilot-pipeline --help`, {runs} runs\n  least {:.2?}\n  median {:.2?} (promised: under {PROMISE:?})\n  95th percentile {:.2?}\n  peak memory {:.1} MB",
        figures.least(),
        figures.median(),
        figures.p95(),
        megabytes(figures.peak()),
    );
    ensure!(figures.median() <= PROMISE, "the median is above the promise");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
