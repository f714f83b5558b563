//! `cargo xtask release`: what a release consists of, made in one folder.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use clap::Args;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use crate::tools::text;
use crate::{generate, process};

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The platform to build for. For CodeBuild this is `x86_64-unknown-linux-musl` or `aarch64-unknown-linux-musl`: a static
    /// program, which runs on every image.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Where the files go, relative to the root of the repository.
    #[arg(long, default_value = "target/release-files", value_name = "DIR")]
    out: String,
}

const PROGRAM: &str = "copilot-pipeline";
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

pub(crate) fn run(root: &Path, release: &Release) -> Result<()> {
    let target = match &release.target {
        Some(target) => target.clone(),
        None => host(root)?,
    };
    let name = format!("{PROGRAM}-{}-{target}", version(root)?);
    let out = root.join(&release.out);
    let folder = out.join(&name);
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(folder.join("completions"))?;

    process::run(root, "cargo", &["build", "--release", "--locked", "-p", PROGRAM, "--target", &target])?;
    fs_err::copy(root.join("target").join(&target).join("release").join(PROGRAM), folder.join(PROGRAM))?;
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        fs_err::copy(root.join(file), folder.join(file))?;
    }
    generate::man(root, &folder.join("man"))?;
    for shell in SHELLS {
        let script = process::output(root, "cargo", &["copilot", "completion", shell])?;
        fs_err::write(folder.join("completions").join(format!("{PROGRAM}.{shell}")), script)?;
    }
    let archive = out.join(format!("{name}.tar.gz"));
    pack(&folder, &name, &archive)?;
    let bill = bill_of_materials(root, &target, &out, &name)?;
    for file in [archive, bill] {
        let sum = checksum(&out, &file)?;
        println!("{}", sum.display());
    }
    Ok(())
}

fn version(root: &Path) -> Result<String> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == PROGRAM);
    Ok(package.context("the program is no member of the workspace")?.version.to_string())
}

fn host(root: &Path) -> Result<String> {
    let about = String::from_utf8(process::output(root, "rustc", &["-vV"])?)?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

/// Sorted, without times and owners: the same files make the same archive.
fn pack(folder: &Path, name: &str, archive: &Path) -> Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(fs_err::File::create(archive)?, Compression::best());
    let mut tar = tar::Builder::new(gzip);
    tar.mode(tar::HeaderMode::Deterministic);
    for path in files_below(folder)? {
        tar.append_path_with_name(&path, Path::new(name).join(path.strip_prefix(folder)?))?;
    }
    tar.into_inner()?.finish()?.flush()?;
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What the program is made of, as `CycloneDX`. The tool for it is installed below `target` if it is not there.
fn bill_of_materials(root: &Path, target: &str, out: &Path, name: &str) -> Result<PathBuf> {
    let tools = root.join("target").join("tools").join("cyclonedx");
    let program = tools.join("bin").join("cargo-cyclonedx");
    let program = text(&program)?;
    if !process::exists(program, &["--version"]) {
        process::run(root, "cargo", &["install", "--locked", "--root", text(&tools)?, "cargo-cyclonedx"])?;
    }
    let arguments = ["cyclonedx", "--manifest-path", "crates/cli/Cargo.toml", "--format", "json"];
    let more = ["--target", target, "--override-filename", "bill-of-materials"];
    process::run(root, program, &[&arguments[..], &more[..]].concat())?;
    let made = root.join("crates").join("cli").join("bill-of-materials.json");
    let wanted = out.join(format!("{name}.cdx.json"));
    fs_err::rename(made, &wanted)?;
    Ok(wanted)
}

/// Writes the SHA-256 beside the file, in the form that `sha256sum --check` reads.
fn checksum(out: &Path, file: &Path) -> Result<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str()).context("a name that is not UTF-8")?;
    let mut line = String::new();
    for byte in Sha256::digest(fs_err::read(file)?) {
        write!(line, "{byte:02x}")?;
    }
    writeln!(line, "  {name}")?;
    let path = out.join(format!("{name}.sha256"));
    fs_err::write(&path, line)?;
    Ok(path)
}
