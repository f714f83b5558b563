//! Benchmarks of the whole binary. What is promised in the documentation fails here when it is not kept.

mod hostile;
mod measure;
mod plan;
mod render;
mod startup;
mod tested;
mod validate;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Subcommand;

use tested::Profile;

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// How long `copilot-pipeline --help` takes.
    Startup {
        /// How often it is run.
        #[arg(long, default_value_t = 200)]
        runs: usize,
    },
    /// How long `validate` takes over a workspace with many workloads, and how much memory.
    Validate {
        /// How many workloads the workspace has.
        #[arg(long, default_value_t = 200)]
        workloads: usize,
        /// How often it is run.
        #[arg(long, default_value_t = 20)]
        runs: usize,
    },
    /// How long the stacks of 200 workloads in 10 environments take, and how much memory.
    Render {
        /// How often it is run.
        #[arg(long, default_value_t = 10)]
        runs: usize,
    },
    /// How long `plan` takes from files, for 200 workloads in 3 environments.
    Plan {
        /// How often it is run.
        #[arg(long, default_value_t = 10)]
        runs: usize,
    },
    /// How long `build` takes for six services in three environments, beside the old way: a process for each of them, each image
    /// built and everything uploaded every time. Needs a docker daemon that it can start.
    Build,
    /// How often `build` asks AWS, beside how often Copilot does.
    Calls,
    /// What becomes of `deploy` when AWS fails, or its own process is killed.
    Faults {
        /// How often something goes wrong.
        #[arg(long, default_value_t = 1000)]
        runs: u64,
    },
    /// How long `validate` takes over inputs that were made to take long, and how much memory.
    Hostile,
    /// Runs a program once and prints nanoseconds and peak memory: a process of its own, so that the figures are of it alone.
    #[command(hide = true)]
    Measure {
        /// The program may find fault with what it is given, and is stopped after a minute.
        #[arg(long)]
        refusals: bool,
        /// Where to run it.
        folder: PathBuf,
        /// The program and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
}

pub(crate) fn run(root: &Path, bench: Bench) -> Result<()> {
    match bench {
        Bench::Startup { runs } => startup::run(root, runs),
        Bench::Validate { workloads, runs } => validate::run(root, workloads, runs),
        Bench::Render { runs } => render::run(root, runs),
        Bench::Plan { runs } => plan::run(root, runs),
        Bench::Faults { runs } => {
            let runs = [("COPILOT_FAULT_RUNS", runs.to_string())];
            tested::run(root, Profile::Dev, "whatever_goes_wrong", &runs)
        }
        Bench::Build => tested::run(root, Profile::Release, "building::bench", &[]),
        Bench::Calls => tested::run(root, Profile::Dev, "api_calls", &[]),
        Bench::Hostile => hostile::run(root),
        Bench::Measure { refusals, folder, command } => measure::once(refusals, &folder, &command),
    }
}
