//! `cargo xtask e2e --copilot`: the real Copilot as a client of the local AWS, before and after us.
//!
//! Copilot's last release comes from `PyPI`, into a folder below `target`. It makes an application, we take its pipeline over, and
//! Copilot works on what we have deployed (`copilot.py`). Nothing leaves loopback.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::differential::PACKAGES;
use crate::process::{self, variable};
use crate::suite::REQUIRE_ALL;
use crate::tools::{self, text};

pub(super) fn run(root: &Path) -> Result<()> {
    let programs = match tools::python(root, "copilot", &PACKAGES) {
        Ok(Some(programs)) => programs,
        Ok(None) => return left_out(tools::NO_PYTHON),
        Err(error) => return left_out(&format!("Copilot can't be installed: {error:#}")),
    };
    let selection = ["--locked", "--workspace", "--all-features"];
    let build = [&["build", "--quiet"], &selection[..], &["--bin", "copilot-pipeline", "--bin", "local-aws"]]
        .concat();
    process::run(root, "cargo", &build)?;
    let debug = root.join("target").join("debug");
    let (local_aws, ours) = (debug.join("local-aws"), debug.join("copilot-pipeline"));
    let script = root.join("xtask").join("src").join("e2e").join("copilot.py");
    let folder = root.join("target").join("e2e-copilot");
    let start = Instant::now();
    let course = ["-B", text(&script)?, text(&folder)?, text(&local_aws)?, text(&ours)?];
    process::run(root, text(&programs.join("python"))?, &course)?;
    println!("e2e: Copilot and we work on one application, in {} s", start.elapsed().as_secs());
    Ok(())
}

/// Says that it was not run and why, which is a failure where nothing may be left out.
fn left_out(why: &str) -> Result<()> {
    ensure!(variable(REQUIRE_ALL).is_none(), "left out although {REQUIRE_ALL} is set: {why}");
    println!("e2e: LEFT OUT: {why}");
    Ok(())
}
