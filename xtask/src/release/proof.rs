//! Proofs of what a release promises.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{Files, archive};
use crate::process;

/// Builds the same sources in another folder, from nothing, and compares the archives.
pub(super) fn same_bytes(root: &Path, files: &Files) -> Result<()> {
    println!("\n== {}: the same inputs give the same bytes", files.target.triple());
    let elsewhere = root.join("target").join("release-again");
    if elsewhere.exists() {
        fs_err::remove_dir_all(&elsewhere)?;
    }
    let sources = elsewhere.join("sources");
    copy_sources(root, &sources)?;
    let program = files.target.build(root, &sources)?;
    let same = fs_err::read(&program)? == fs_err::read(&files.program)?;
    ensure!(same, "`{}` and `{}` differ", files.program.display(), program.display());
    let again = elsewhere.join("again.tar.gz");
    archive::pack(&files.archive.with_file_name(&files.name), &files.name, &again)?;
    let same = fs_err::read(&again)? == fs_err::read(&files.archive)?;
    ensure!(same, "`{}` and `{}` differ", files.archive.display(), again.display());
    fs_err::remove_dir_all(&elsewhere)?;
    println!("release: a second build, in another folder, gave the same bytes");
    Ok(())
}

/// What git knows of, as it is now.
fn copy_sources(root: &Path, to: &Path) -> Result<()> {
    for name in process::files(root, &["--cached", "--others", "--exclude-standard"])? {
        let (from, to) = (root.join(&name), to.join(&name));
        // A file that is deleted but not yet committed is listed as well.
        if from.is_file() {
            fs_err::create_dir_all(to.parent().unwrap_or(&to))?;
            fs_err::copy(from, to)?;
        }
    }
    Ok(())
}

/// All tests of the command line, on the program of the release.
pub(super) fn end_to_end(root: &Path, program: &Path) -> Result<()> {
    println!("\n== the tests, on the program of the release");
    let mut command =
        process::command(root, "cargo", &["test", "--locked", "-p", super::PROGRAM, "--test", "it"]);
    command.env("COPILOT_PIPELINE_PROGRAM", program);
    process::finish(command)
}
