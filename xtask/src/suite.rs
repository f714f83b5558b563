//! `cargo xtask test`: everything that CI runs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, anyhow, bail, ensure};

use crate::lint;
use crate::process::{self, exists, variable};

/// Set by CI: then nothing may be left out. Tests that need a tool look at it too.
const REQUIRE_ALL: &str = "COPILOT_REQUIRE_ALL";

/// What became of a step.
enum Outcome {
    Passed,
    LeftOut(String),
}

type Step = fn(&Path) -> Result<Outcome>;

const STEPS: &[(&str, Step)] = &[("lint", lint), ("tests", tests), ("templates read by cfn-lint", cfn_lint)];

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
            Ok(Outcome::LeftOut(why)) => format!("LEFT OUT: {why}"),
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

fn tests(root: &Path) -> Result<Outcome> {
    process::run(root, "cargo", &["test", "--locked", "--workspace", "--all-features", "--no-fail-fast"])
        .map(|()| Outcome::Passed)
}

/// A reader that we did not write, over the templates of our own example. The tests have built the binary.
fn cfn_lint(root: &Path) -> Result<Outcome> {
    let Some(cfn_lint) = installed_cfn_lint(root)? else {
        return Ok(Outcome::LeftOut("there is no python3 with the module venv".to_owned()));
    };
    let out = root.join("target").join("cfn-lint");
    if out.exists() {
        fs_err::remove_dir_all(&out)?;
    }
    let example = root.join("examples").join("storefront");
    let binary = root.join("target").join("debug").join("copilot-pipeline");
    let package =
        ["package", "--name", "storefront-main", "--facts", "facts.yml", "--output-dir", text(&out)?];
    process::run(&example, text(&binary)?, &package)?;
    let templates = templates(&out)?;
    if templates.is_empty() {
        bail!("no template was rendered");
    }
    let mut arguments = vec!["--non-zero-exit-code", "error", "--ignore-checks", "W", "I", "--"];
    arguments.extend(templates.iter().map(String::as_str));
    process::run(root, text(&cfn_lint)?, &arguments)?;
    println!("{} templates read", templates.len());
    Ok(Outcome::Passed)
}

fn templates(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            found.push(text(&path)?.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// In a virtual environment below `target`, so that nothing outside the checkout changes.
fn installed_cfn_lint(root: &Path) -> Result<Option<PathBuf>> {
    let folder = root.join("target").join("tools").join("python");
    let program = folder.join("bin").join("cfn-lint");
    if exists(text(&program)?, &["--version"]) {
        return Ok(Some(program));
    }
    if !exists("python3", &["-c", "import venv, ensurepip"]) {
        return Ok(None);
    }
    process::run(root, "python3", &["-m", "venv", "--clear", text(&folder)?])?;
    let pip = folder.join("bin").join("pip");
    process::run(root, text(&pip)?, &["install", "--quiet", "--disable-pip-version-check", "cfn-lint"])?;
    Ok(Some(program))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| anyhow!("`{}` is not UTF-8", path.display()))
}
