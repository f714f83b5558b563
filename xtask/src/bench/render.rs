//! How long many stacks take, and whether time grows with their number only.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{measure, startup::megabytes};
use crate::process;

const PROMISED_TIME: Duration = Duration::from_secs(1);
const PROMISED_MEMORY: u64 = 200_000_000;
/// What Copilot's own engine was measured to take for one stack, as part of 17 s for 2,000 of them.
const EXISTING: Duration = Duration::from_micros(8_500);

pub(super) fn run(root: &Path, runs: usize) -> Result<()> {
    process::run(
        root,
        "cargo",
        &["build", "--locked", "--release", "-p", "copilot-stack", "--example", "render_many"],
    )?;
    let program = root.join("target").join("release").join("examples").join("render_many");
    println!(
        "\nstacks with parameters, {runs} runs each, median\n  stacks      time  per stack    memory  existing engine"
    );
    let mut each = Vec::new();
    for (workloads, environments) in [(20, 1), (20, 10), (200, 10)] {
        let stacks: u32 = workloads * environments;
        let arguments = [workloads.to_string(), environments.to_string()];
        let figures = measure::sample(root, &program, &[&arguments[0], &arguments[1]], runs)?;
        let median = figures.median();
        let ratio = EXISTING.as_secs_f64() * f64::from(stacks) / median.as_secs_f64();
        println!(
            "  {stacks:6} {:>9} {:>10} {:>6.1} MB  {ratio:.0} times as long",
            format!("{median:.1?}"),
            format!("{:.0?}", median / stacks),
            megabytes(figures.peak())
        );
        if median > PROMISED_TIME || figures.peak() > PROMISED_MEMORY {
            bail!("promised: 2000 stacks in under {PROMISED_TIME:?} and 200 MB");
        }
        each.push(median / stacks);
    }
    // A hundred times as many stacks: were each to cost more with their number, it would be far more than twice.
    if let [first, .., last] = each[..]
        && last > first * 2
    {
        bail!(
            "promised: time grows with the number of stacks only, but one took {first:?} and now takes {last:?}"
        );
    }
    Ok(())
}
