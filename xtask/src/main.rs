//! The workspace's own tool: tests, lints, generated files, benchmarks and releases.
//!
//! It stays small and links none of the crates that it looks after, so that `cargo xtask lint` starts in seconds.

#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

mod arrows;
mod bench;
mod bump;
mod cfn_lint;
mod changelog;
mod deny;
mod differential;
mod e2e;
mod generate;
mod hygiene;
mod lint;
mod markdown;
mod msrv;
mod probe;
mod process;
mod record;
mod reference;
mod release;
mod schemas;
mod suite;
mod tools;

use std::path::Path;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Looks after this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Fails on a dependency between crates that the architecture forbids.
    Arrows,
    /// Formatting, clippy, arrows, links of pages, and what must not be in a tracked file.
    Lint,
    /// Writes the pages, parts of pages and schemas that are made from code.
    Generate {
        /// Only says what would change, and fails if something would.
        #[arg(long)]
        check: bool,
    },
    /// Compiles the table of what updates replace from the schemas of CloudFormation's registry, which cfn-lint brings along.
    /// Needs the network.
    Schemas,
    /// Deploys, shows and deletes a pipeline at an emulator that we did not write.
    E2e(e2e::EndToEnd),
    /// Checks that a release can be made, and makes its files: archives with program, man pages and completions, bills of
    /// materials, checksums. Tags and publishes nothing.
    Release(release::Release),
    /// Sets the version of all crates, and makes what is unreleased in the changelog that version.
    Bump(bump::Bump),
    /// Checks each crate with the oldest Rust that it promises to build with.
    Msrv,
    /// Has cfn-lint read the templates of the examples, which `target/debug/copilot-pipeline` renders.
    CfnLint,
    /// Has cargo-deny check licences and sources of all dependencies, and advisories where their database is at hand.
    Deny {
        /// Brings the newest database of advisories first.
        #[arg(long)]
        fetch: bool,
    },
    /// Compares with what Copilot has rendered and refused, which lies outside of the repository. Fails where it is not there.
    Conformance,
    /// Renders drawn manifests with Copilot and with us, and prints what differs.
    Differential(differential::Differential),
    /// Everything that CI runs. Sets up what it can, and says what it could not run.
    Test,
    /// Draws the session that the README shows: what the program prints in the demonstration.
    Record {
        /// Only says whether the drawing is up to date, and fails if not.
        #[arg(long)]
        check: bool,
    },
    /// Asks the local AWS with a program over boto3, which `COPILOT_AWS_PROBE` names.
    Probe,
    /// Measures, prints figures, and fails where a promise is not kept.
    Bench {
        #[command(subcommand)]
        bench: bench::Bench,
    },
}

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of xtask has a parent");
    match Arguments::parse().task {
        Task::Arrows => arrows::check(root),
        Task::Lint => lint::run(root),
        Task::Generate { check } => generate::run(root, check),
        Task::Schemas => schemas::write(root),
        Task::E2e(options) => e2e::run(root, &options),
        Task::Release(release) => release::run(root, &release),
        Task::Bump(bump) => bump::run(root, &bump),
        Task::Msrv => {
            anyhow::ensure!(msrv::check(root)?, "there is no rustup, which brings other versions of Rust");
            Ok(())
        }
        Task::CfnLint => {
            anyhow::ensure!(cfn_lint::check(root)?, tools::NO_PYTHON);
            Ok(())
        }
        Task::Deny { fetch } => {
            anyhow::ensure!(deny::check(root, fetch)?, tools::NO_PYTHON);
            Ok(())
        }
        Task::Record { check } => record::run(root, check),
        Task::Conformance => reference::run(root),
        Task::Differential(options) => differential::run(root, &options),
        Task::Probe => probe::run(root),
        Task::Test => suite::run(root),
        Task::Bench { bench } => bench::run(root, bench),
    }
}
