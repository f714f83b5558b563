//! Starting other programs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Shows a command, runs it and fails if it fails.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    finish(command(folder, program, arguments))
}

/// Shows a command that is set up already, runs it and fails if it fails.
pub(crate) fn finish(mut command: Command) -> Result<()> {
    let parts = std::iter::once(command.get_program()).chain(command.get_args());
    let line = parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ");
    println!("\n$ {line}");
    let status = command.status().with_context(|| format!("can't start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// The standard output of a command that has to succeed.
pub(crate) fn output(folder: &Path, program: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = command(folder, program, arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("can't start `{program}`"))?;
    if !output.status.success() {
        bail!("`{program} {}` failed: {}", arguments.join(" "), output.status);
    }
    Ok(output.stdout)
}

/// What a command that has to succeed says on one line, or on several, without the white space around it.
pub(crate) fn said(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    Ok(String::from_utf8(output(folder, program, arguments)?)?.trim().to_owned())
}

/// The files that git tracks, as paths from the root. `--others` among the options adds those that it could.
pub(crate) fn files(root: &Path, options: &[&str]) -> Result<Vec<String>> {
    let listed = output(root, "git", &[&["ls-files", "-z"], options].concat())?;
    Ok(String::from_utf8(listed)?.split_terminator('\0').map(str::to_owned).collect())
}

/// A command without what cargo tells the program that it runs: build scripts look at some of these variables, so a cargo that
/// is started by another would build half of the dependencies anew, and the next one without them again.
#[expect(clippy::disallowed_methods, reason = "xtask is a binary")]
pub(crate) fn command(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "OUT_DIR" {
            command.env_remove(&name);
        }
    }
    command
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The search path with another folder before all others.
pub(crate) fn path_with(folder: &Path) -> Result<OsString> {
    let usual = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&usual)))?)
}

/// Where cargo keeps the sources of dependencies.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    let home =
        || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| Path::new(&home).join(".cargo"));
    variable("CARGO_HOME").map(PathBuf::from).or_else(home).context("neither CARGO_HOME nor HOME is set")
}

/// An environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "xtask is a binary")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
