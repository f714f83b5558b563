//! Building the program for a platform.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use object::LittleEndian;
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::PROGRAM;
use crate::{process, tools};

/// A release must stay small enough to be fetched by each build.
const LIMIT: u64 = 30_000_000;

/// The C compiler and linker of the static programs: the same on every machine, and for every processor.
const ZIG: [&str; 2] = ["cargo-zigbuild==0.24.1", "ziglang==0.17.1"];

/// A platform, with what it takes to build for it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    triple: String,
    /// The folder of the tools that cross-compile C, where they are needed.
    zig: Option<PathBuf>,
}

impl Target {
    /// Installs what is needed below `target`, and Rust's standard library for the platform.
    pub(super) fn prepare(root: &Path, triple: &str) -> Result<Self> {
        process::run(root, "rustup", &["target", "add", triple])?;
        let zig =
            if triple.ends_with("-linux-musl") {
                let folder = tools::python(root, "zig", &ZIG)?;
                Some(folder.context(
                    "static programs are linked by zig, which python3 with the module venv installs",
                )?)
            } else {
                None
            };
        Ok(Self { triple: triple.to_owned(), zig })
    }

    pub(super) fn triple(&self) -> &str {
        &self.triple
    }

    pub(super) fn file_name(&self) -> &'static str {
        if self.triple.contains("-windows-") { "copilot-pipeline.exe" } else { PROGRAM }
    }

    /// Whether this machine can start what is built.
    pub(super) fn runs_here(&self) -> bool {
        self.triple.starts_with(std::env::consts::ARCH) && self.triple.contains(std::env::consts::OS)
    }

    fn is_static(&self) -> bool {
        self.zig.is_some()
    }

    /// Builds the sources of this folder, and returns where the program is. `root` has the tools.
    pub(super) fn build(&self, root: &Path, sources: &Path) -> Result<PathBuf> {
        let build = ["build", "--release", "--locked", "-p", PROGRAM, "--target", &self.triple];
        let mut command = match &self.zig {
            // A subcommand of cargo, which looks for its linker in the same folder.
            Some(zig) => {
                let tool = zig.join("cargo-zigbuild");
                let arguments = [&["zigbuild"], &build[1..]].concat();
                let mut command = process::command(sources, tools::text(&tool)?, &arguments);
                command.env("PATH", process::path_with(zig)?);
                command
            }
            None => process::command(sources, "cargo", &build),
        };
        let (rust, c) = self.flags(sources)?;
        command.env("RUSTFLAGS", rust).env("CFLAGS", c).env("SOURCE_DATE_EPOCH", super::epoch(root)?);
        command.env("CARGO_TARGET_DIR", sources.join("target"));
        process::finish(command)?;
        Ok(sources.join("target").join(&self.triple).join("release").join(self.file_name()))
    }

    /// Flags that keep the paths of this machine out of the program.
    fn flags(&self, sources: &Path) -> Result<(String, String)> {
        let cargo = process::cargo_home()?;
        let (cargo, sources) = (tools::text(&cargo)?, tools::text(sources)?);
        ensure!(
            !cargo.contains(' ') && !sources.contains(' '),
            "a path with a space can't stand in RUSTFLAGS"
        );
        let mut rust = format!("--remap-path-prefix={cargo}=cargo --remap-path-prefix={sources}=.");
        let mut c = String::new();
        if self.is_static() {
            rust.push_str(" -Ctarget-feature=+crt-static");
            c = format!("-ffile-prefix-map={cargo}=cargo -ffile-prefix-map={sources}=.");
        }
        Ok((rust, c))
    }

    /// What, besides the sources and `Cargo.lock`, the bytes of the program depend on.
    pub(super) fn inputs(&self, root: &Path) -> Result<String> {
        let inputs = serde_json::json!({
            "commit": process::said(root, "git", &["rev-parse", "HEAD"])?,
            "target": self.triple,
            "rustc": process::said(root, "rustc", &["--version"])?,
            "linker": if self.is_static() { ZIG.join(", ") } else { "the platform's own".to_owned() },
        });
        Ok(serde_json::to_string_pretty(&inputs)? + "\n")
    }
}

/// Fails on a program that is too large, or that is not static but should be.
pub(super) fn check(program: &Path, target: &Target) -> Result<()> {
    let bytes = fs_err::read(program)?;
    let size = bytes.len() as u64;
    ensure!(size < LIMIT, "`{}` has {size} bytes: {LIMIT} are too many", program.display());
    if target.is_static() {
        ensure!(is_static(&bytes)?, "`{}` is not static", program.display());
    }
    println!("release: the program for {} has {} kB", target.triple, size / 1000);
    Ok(())
}

/// Whether a program is started without the dynamic loader.
fn is_static(program: &[u8]) -> Result<bool> {
    let header = FileHeader64::<LittleEndian>::parse(program).context("this is no 64-bit ELF file")?;
    let endian = header.endian()?;
    Ok(!header.program_headers(endian, program)?.iter().any(|segment| segment.p_type(endian) == PT_INTERP))
}
