//! Wall time and peak memory of other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process;

/// One run of a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) wall: Duration,
    /// Largest resident set, in bytes.
    pub(super) peak: u64,
}

/// The figures of many runs.
#[derive(Debug)]
pub(super) struct Figures {
    samples: Vec<Sample>,
}

impl Figures {
    pub(super) fn least(&self) -> Duration {
        self.samples[0].wall
    }

    pub(super) fn median(&self) -> Duration {
        self.samples[self.samples.len() / 2].wall
    }

    pub(super) fn p95(&self) -> Duration {
        self.samples[self.samples.len() * 95 / 100].wall
    }

    pub(super) fn peak(&self) -> u64 {
        self.samples.iter().map(|sample| sample.peak).max().unwrap_or_default()
    }
}

/// Builds the binary as it is released.
pub(super) fn release_binary(root: &Path) -> Result<PathBuf> {
    process::run(root, "cargo", &["build", "--locked", "--release", "-p", "copilot-pipeline"])?;
    Ok(root.join("target").join("release").join("copilot-pipeline"))
}

/// Runs a program `runs` times after three runs that don't count.
pub(super) fn sample(folder: &Path, program: &Path, arguments: &[&str], runs: usize) -> Result<Figures> {
    let own = std::env::current_exe().context("can't tell where xtask itself is")?;
    let mut samples = Vec::with_capacity(runs);
    for run in 0..runs.max(1) + 3 {
        let output = Command::new(&own)
            .args(["bench", "measure"])
            .arg(folder)
            .arg("--")
            .arg(program)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            bail!("`{} {}` failed", program.display(), arguments.join(" "));
        }
        if run >= 3 {
            samples.push(parse(&String::from_utf8(output.stdout)?)?);
        }
    }
    samples.sort_by_key(|sample| sample.wall);
    Ok(Figures { samples })
}

/// Runs a program once. It may refuse what it is given, with 1 or 2, but has to end.
pub(super) fn ended(folder: &Path, program: &Path, arguments: &[&str]) -> Result<Sample> {
    let own = std::env::current_exe().context("can't tell where xtask itself is")?;
    let mut command = Command::new(own);
    command.args(["bench", "measure", "--refusals"]).arg(folder).arg("--").arg(program).args(arguments);
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("`{} {}` failed in `{}`", program.display(), arguments.join(" "), folder.display());
    }
    parse(&String::from_utf8(output.stdout)?)
}

fn parse(text: &str) -> Result<Sample> {
    let (wall, peak) = text.trim().split_once(' ').context("the measuring process printed no figures")?;
    Ok(Sample { wall: Duration::from_nanos(wall.parse()?), peak: peak.parse()? })
}

/// What takes longer never ends.
const LONGEST: Duration = Duration::from_mins(1);

/// The measuring process: starts the program, waits, prints.
pub(super) fn once(refusals: bool, folder: &Path, command: &[String]) -> Result<()> {
    let mut child = Command::new(&command[0]);
    child.args(&command[1..]).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    if refusals {
        child.stderr(Stdio::null());
    }
    let start = Instant::now();
    let mut child = child.spawn()?;
    let status = loop {
        if !refusals {
            break child.wait()?;
        }
        match child.try_wait()? {
            Some(status) => break status,
            None if start.elapsed() > LONGEST => {
                child.kill()?;
                bail!("it was stopped after {LONGEST:?}");
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let wall = start.elapsed();
    let ended = status.success() || (refusals && status.code().is_some_and(|code| code <= 2));
    if !ended {
        bail!("{status}");
    }
    println!("{} {}", wall.as_nanos(), peak()?);
    Ok(())
}

/// The largest resident set of a child that has ended, in bytes.
#[cfg(unix)]
fn peak() -> Result<i64> {
    use nix::sys::resource::{UsageWho, getrusage};

    // macOS counts bytes, others count kilobytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() * unit)
}

#[cfg(not(unix))]
fn peak() -> Result<i64> {
    bail!("memory is measured on Unix only")
}
