//! `cargo xtask release`: what a release consists of, made in one folder, and the proof that it is what it should be.

mod archive;
mod bill;
mod checks;
mod program;
mod proof;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use cargo_metadata::semver::Version;
use clap::Args;

use crate::{generate, process};
use program::Target;

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Makes the files for x86-64 Linux whatever the state of the checkout, makes them again elsewhere to prove that the same
    /// inputs give the same bytes, and runs all tests of the program on the one that was made.
    #[arg(long)]
    dry_run: bool,
    /// A platform to build for; can be given several times. Linux on both processors unless said.
    #[arg(long = "target", value_name = "TRIPLE")]
    targets: Vec<String>,
    /// Only makes the files: asks neither the changelog nor the registry.
    #[arg(long)]
    files_only: bool,
    /// Where the files go, relative to the root of the repository.
    #[arg(long, default_value = "target/release-files", value_name = "DIR")]
    out: String,
}

pub(crate) const PROGRAM: &str = "copilot-pipeline";
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// What CodeBuild can run: static programs, which need nothing of the image that they run in.
const LINUX: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

pub(crate) fn run(root: &Path, release: &Release) -> Result<()> {
    let version = version(root)?;
    if !release.files_only {
        checks::changelog(root, &version, release.dry_run)?;
        if !release.dry_run {
            checks::clean(root)?;
        }
        checks::publishing(root)?;
        checks::semver(root)?;
    }
    let out = root.join(&release.out);
    let mut made = Vec::new();
    for triple in targets(release) {
        let target = Target::prepare(root, triple)?;
        made.push(files(root, &out, &version, &target)?);
    }
    if release.dry_run {
        for files in &made {
            proof::same_bytes(root, files)?;
        }
        if let Some(files) = made.iter().find(|files| files.target.runs_here()) {
            proof::end_to_end(root, &files.program)?;
        }
    }
    println!("\nrelease: the files of {version} are in `{}`", out.display());
    for files in &made {
        println!("{}", fs_err::read_to_string(&files.sum)?.trim_end());
    }
    Ok(())
}

fn targets(release: &Release) -> Vec<&str> {
    match (&release.targets[..], release.dry_run) {
        ([], true) => vec![LINUX[0]],
        ([], false) => LINUX.to_vec(),
        (named, _) => named.iter().map(String::as_str).collect(),
    }
}

/// What was made for one platform.
struct Files {
    target: Target,
    name: String,
    program: PathBuf,
    archive: PathBuf,
    /// The archive's SHA-256 beside it.
    sum: PathBuf,
}

/// Builds and packs the program for one platform, below `out`.
fn files(root: &Path, out: &Path, version: &Version, target: &Target) -> Result<Files> {
    let name = format!("{PROGRAM}-{version}-{}", target.triple());
    let folder = out.join(&name);
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(folder.join("completions"))?;
    let built = target.build(root, root)?;
    let program = folder.join(target.file_name());
    fs_err::copy(&built, &program)?;
    program::check(&program, target)?;
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        fs_err::copy(root.join(file), folder.join(file))?;
    }
    fs_err::write(folder.join("build.json"), target.inputs(root)?)?;
    generate::man(root, &folder.join("man"))?;
    for shell in SHELLS {
        let script = process::output(root, "cargo", &["copilot", "completion", shell])?;
        fs_err::write(folder.join("completions").join(format!("{PROGRAM}.{shell}")), script)?;
    }
    let archive = out.join(format!("{name}.tar.gz"));
    archive::pack(&folder, &name, &archive)?;
    let sum = archive::checksum(&archive)?;
    archive::checksum(&bill::of_materials(root, target.triple(), out, &name)?)?;
    Ok(Files { target: target.clone(), name, program, archive, sum })
}

/// The version that the workspace is at.
pub(crate) fn version(root: &Path) -> Result<Version> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == PROGRAM);
    Ok(package.context("the program is no member of the workspace")?.version.clone())
}

/// When the last commit was made, in seconds since 1970: what a build may know of the time.
fn epoch(root: &Path) -> Result<String> {
    process::said(root, "git", &["log", "-1", "--format=%ct"])
}
