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
    let folder = elsewhere.join(&files.name);
    copy(files.archive.with_file_name(&files.name).as_path(), &folder)?;
    fs_err::copy(program, folder.join(files.target.file_name()))?;
    let again = elsewhere.join("again.tar.gz");
    archive::pack(&folder, &files.name, &again)?;
    let same = fs_err::read(&again)? == fs_err::read(&files.archive)?;
    ensure!(same, "`{}` and `{}` differ", files.archive.display(), again.display());
    fs_err::remove_dir_all(&elsewhere)?;
    println!("release: a second build, in another folder, gave the same bytes");
    Ok(())
}

/// What git knows of, as it is now.
fn copy_sources(root: &Path, to: &Path) -> Result<()> {
    let listed =
        process::output(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    for name in String::from_utf8(listed)?.split_terminator('\0') {
        let (from, to) = (root.join(name), to.join(name));
        // A file that is deleted but not yet committed is listed as well.
        if from.is_file() {
            fs_err::create_dir_all(to.parent().unwrap_or(&to))?;
            fs_err::copy(from, to)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let (entry, to) = (entry?.path(), to);
        let to = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy(&entry, &to)?;
        } else {
            fs_err::copy(entry, to)?;
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
