//! How long a plan takes from files.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{measure, startup::megabytes, validate};
use crate::process;
use crate::tools::text;

const PROMISED_TIME: Duration = Duration::from_millis(300);
const WORKLOADS: usize = 200;
/// One workload in this many is changed after it was deployed.
const CHANGED: usize = 20;
const ENVIRONMENTS: [&str; 3] = ["test", "stage", "prod"];

pub(super) fn run(root: &Path, runs: usize) -> Result<()> {
    let binary = measure::release_binary(root)?;
    let folder = root.join("target").join("bench").join("plan");
    prepare(&folder, text(&binary)?)?;
    let arguments =
        ["plan", "--workloads", "--facts", "facts.yml", "--against", "deployed", "--fail-on", "removal"];
    let figures = measure::sample(&folder, &binary, &arguments, runs)?;
    println!(
        "\n`copilot-pipeline plan --workloads`, {WORKLOADS} workloads in {} environments, one in {CHANGED} changed, {runs} runs\n  \
         least {:.1?}\n  median {:.1?} (promised: under {PROMISED_TIME:?})\n  95th percentile {:.1?}\n  peak memory {:.1} MB",
        ENVIRONMENTS.len(),
        figures.least(),
        figures.median(),
        figures.p95(),
        megabytes(figures.peak()),
    );
    if figures.median() > PROMISED_TIME {
        bail!("the figures are above the promise");
    }
    Ok(())
}

/// A workspace, its facts, all of its stacks as they are deployed, and then changes.
fn prepare(folder: &Path, binary: &str) -> Result<()> {
    validate::generate(folder, WORKLOADS)?;
    // No pipeline has room for so many: without one, every workload is in every environment.
    fs_err::remove_dir_all(folder.join("copilot").join("pipelines"))?;
    fs_err::write(folder.join("facts.yml"), facts())?;
    for index in 0..WORKLOADS {
        let (name, kind) = (format!("workload-{index:04}"), if index % 4 == 3 { "job" } else { "svc" });
        for environment in ENVIRONMENTS {
            let package = [kind, "package", "--name", &name, "--env", environment];
            let files = ["--facts", "facts.yml", "--output-dir", "deployed"];
            process::output(folder, binary, &[&package[..], &files].concat())?;
        }
        if index % CHANGED == 0 {
            let path = folder.join("copilot").join(&name).join("manifest.yml");
            let manifest = fs_err::read_to_string(&path)?;
            fs_err::write(&path, manifest.replace("LOG_LEVEL: info", "LOG_LEVEL: debug"))?;
        }
    }
    Ok(())
}

fn facts() -> String {
    let mut facts = "application:\n  name: bench\n  account_id: \"111122223333\"\nregions:\n  eu-west-1:\n    artifact_bucket: bucket\n    \
        artifact_key_arn: arn:aws:kms:eu-west-1:111122223333:key/k\nenvironments:\n"
        .to_owned();
    for name in ENVIRONMENTS {
        let _ = write!(
            facts,
            "  {name}:\n    account_id: \"111122223333\"\n    region: eu-west-1\n    version: v1.34.1\n    \
             service_discovery_endpoint: {name}.bench.local\n    execution_role_arn: \
             arn:aws:iam::111122223333:role/bench-{name}-CFNExecutionRole\n    manager_role_arn: \
             arn:aws:iam::111122223333:role/bench-{name}-EnvManagerRole\n"
        );
    }
    facts
}
