//! Everything that reads code without running it.

use std::path::Path;

use anyhow::Result;

use crate::changelog::Changelog;
use crate::process;
use crate::{arrows, hygiene, markdown};

pub(crate) fn run(root: &Path) -> Result<()> {
    process::run(root, "cargo", &["fmt", "--all", "--check"])?;
    arrows::check(root)?;
    hygiene::check(root)?;
    Changelog::read(root)?;
    markdown::check(root)?;
    let clippy =
        ["clippy", "--locked", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    process::run(root, "cargo", &clippy)
}
