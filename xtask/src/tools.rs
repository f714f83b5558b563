//! Tools of others, installed below `target` so that nothing outside the checkout changes.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::process::{self, exists};

/// Why [`python`] has nothing.
pub(crate) const NO_PYTHON: &str = "there is no python3 with the module venv";

/// The folder with the programs of a virtual environment that has these packages; none where Python lacks what it takes.
pub(crate) fn python(root: &Path, name: &str, packages: &[&str]) -> Result<Option<PathBuf>> {
    let folder = root.join("target").join("tools").join(name);
    let programs = folder.join("bin");
    // Written last, so that an installation that broke off is done anew.
    let mark = folder.join("installed");
    let wanted = packages.join(" ");
    if fs_err::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(Some(programs));
    }
    if !exists("python3", &["-c", "import venv, ensurepip"]) {
        return Ok(None);
    }
    process::run(root, "python3", &["-m", "venv", "--clear", text(&folder)?])?;
    let pip = programs.join("pip");
    let install = [&["install", "--quiet", "--disable-pip-version-check"], packages].concat();
    process::run(root, text(&pip)?, &install)?;
    fs_err::write(mark, wanted)?;
    Ok(Some(programs))
}

/// A program that cargo builds, in this version and with these options.
pub(crate) fn cargo(root: &Path, name: &str, version: &str, options: &[&str]) -> Result<PathBuf> {
    let folder = root.join("target").join("tools").join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if !program.exists() {
        let install = ["install", "--locked", "--root", text(&folder)?, "--version", version, name];
        process::run(root, "cargo", &[&install, options].concat())?;
    }
    Ok(program)
}

pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| anyhow!("`{}` is not UTF-8", path.display()))
}
