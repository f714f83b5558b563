//! Files that are made from code, committed, and checked.

use std::path::Path;

use anyhow::Result;

use crate::tools::text;
use crate::{markdown, process};

/// An example of the command line's crate does it, so that this tool links nothing of what it looks after.
const GENERATE: [&str; 8] =
    ["run", "--quiet", "--locked", "-p", "copilot-pipeline", "--example", "generate", "--"];

pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let mut arguments = vec![text(root)?];
    if check {
        arguments.push("--check");
    }
    process::run(root, "cargo", &[&GENERATE, &arguments[..]].concat())?;
    markdown::generate(root, check)
}

/// The man pages of all commands.
pub(crate) fn man(root: &Path, folder: &Path) -> Result<()> {
    process::run(root, "cargo", &[&GENERATE[..], &["--man", text(folder)?]].concat())
}
