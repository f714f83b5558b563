//! `cargo xtask test`: everything that CI runs.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::process::{self, variable};
use crate::{cfn_lint, deny, lint, msrv, record, reference, tools};

/// Set by CI: then nothing may be left out. Tests that need a tool look at it too.
pub(crate) const REQUIRE_ALL: &str = "COPILOT_REQUIRE_ALL";

/// What became of a step.
enum Outcome {
    Passed,
    LeftOut(String),
    /// Somebody has said that it is to be left out.
    Excused(String),
}

type Step = fn(&Path) -> Result<Outcome>;

const STEPS: &[(&str, Step)] = &[
    ("lint", lint),
    ("dependencies", dependencies),
    ("reference data", reference_data),
    ("tests", tests),
    ("templates read by cfn-lint", cfn_lint),
    ("the session of the README", session),
    ("the oldest Rust", msrv),
];

pub(crate) fn run(root: &Path) -> Result<()> {
    let strict = variable(REQUIRE_ALL).is_some();
    let mut summary = Vec::new();
    let mut failed = false;
    for (name, step) in STEPS {
        println!("\n== {name}");
        let start = Instant::now();
        let line = match step(root) {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::LeftOut(why)) if strict => {
                failed = true;
                format!("FAILED: left out although {REQUIRE_ALL} is set: {why}")
            }
            Ok(Outcome::LeftOut(why) | Outcome::Excused(why)) => format!("LEFT OUT: {why}"),
            Err(error) => {
                failed = true;
                format!("FAILED: {error:#}")
            }
        };
        summary.push(format!("{name} ({} s): {line}", start.elapsed().as_secs()));
    }
    println!("\n== summary\n{}", summary.join("\n"));
    ensure!(!failed, "not everything passed");
    Ok(())
}

fn lint(root: &Path) -> Result<Outcome> {
    lint::run(root).map(|()| Outcome::Passed)
}

/// Licences, sources and known flaws of what we depend on.
fn dependencies(root: &Path) -> Result<Outcome> {
    if deny::check(root, false)? {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::LeftOut(tools::NO_PYTHON.to_owned()))
}

/// Whether the tests compare with what Copilot has rendered.
fn reference_data(root: &Path) -> Result<Outcome> {
    let (missing, excused) = (reference::missing(root)?, variable(reference::WITHOUT).unwrap_or_default());
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    let why = format!("the tests have no {}", missing.join(" and no "));
    let all = missing.iter().all(|name| excused.split(',').any(|item| item.trim() == *name));
    Ok(if all { Outcome::Excused(why) } else { Outcome::LeftOut(why) })
}

fn tests(root: &Path) -> Result<Outcome> {
    process::run(root, "cargo", &["test", "--locked", "--workspace", "--all-features", "--no-fail-fast"])
        .map(|()| Outcome::Passed)
}

/// The drawing shows what the program prints.
/// The tests have built the program.
fn session(root: &Path) -> Result<Outcome> {
    record::draw(root, true).map(|()| Outcome::Passed)
}

fn msrv(root: &Path) -> Result<Outcome> {
    if msrv::check(root)? {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::LeftOut("there is no rustup, which brings other versions of Rust".to_owned()))
}

fn cfn_lint(root: &Path) -> Result<Outcome> {
    if cfn_lint::check(root)? {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::LeftOut(tools::NO_PYTHON.to_owned()))
}
