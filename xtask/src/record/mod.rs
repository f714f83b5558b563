//! `cargo xtask record`: the session that the README shows, as a drawing of what the program really prints.
//!
//! It runs the commands of the demonstration in a fresh folder and draws their output. Between them it waits until the
//! pipeline has come to rest, so that each run prints the same and the drawing can be checked.

mod draw;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process;
use crate::tools::text;

const DRAWING: &str = "docs/session.svg";

/// What is typed.
const COMMANDS: [&str; 7] = [
    "demo shop",
    "--local .aws init --name shop --url https://github.com/storefront-example/storefront \\\n    \
     --git-branch main --pipeline-type Workloads --environments test,prod --require-approval prod",
    "--local .aws deploy --yes",
    "--local .aws status",
    "--local .aws approve",
    "--local .aws status",
    "--local .aws delete --yes",
];

pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    process::run(root, "cargo", &["build", "--quiet", "--locked", "--package", "copilot-pipeline"])?;
    draw(root, check)
}

/// Draws with the program that was built last.
pub(crate) fn draw(root: &Path, check: bool) -> Result<()> {
    let program = root.join("target").join("debug").join("copilot-pipeline");
    let folder = root.join("target").join("session");
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(&folder)?;
    let mut session = String::new();
    for command in COMMANDS {
        let here = if command.starts_with("demo") { folder.clone() } else { folder.join("shop") };
        let printed = output(&program, &here, command)?;
        writeln!(session, "\u{1b}[1m$ copilot-pipeline {command}\u{1b}[0m\n{printed}")?;
        if command.starts_with("demo") {
            session.push_str("\u{1b}[1m$ cd shop\u{1b}[0m\n\n");
        } else if command.ends_with("deploy --yes") || command.ends_with("approve") {
            // Not shown, since what it sees depends on how fast the machine is.
            output(&program, &here, "--local .aws status --watch")?;
        }
    }
    let drawn = draw::svg(&session);
    let path = root.join(DRAWING);
    let there = fs_err::read_to_string(&path).unwrap_or_default();
    if there == drawn {
        println!("{DRAWING} is up to date");
        return Ok(());
    }
    if check {
        bail!("{DRAWING} shows what the program does not print: run `cargo xtask record`");
    }
    fs_err::write(&path, drawn)?;
    println!("wrote {DRAWING}");
    Ok(())
}

/// What a command prints, as on a terminal with colours.
fn output(program: &Path, folder: &Path, command: &str) -> Result<String> {
    let output = Command::new("sh")
        // Both streams in the order in which they were written.
        .args(["-c", &format!("{} {command} 2>&1", text(program)?)])
        .current_dir(folder)
        .env("COLOR", "true")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .with_context(|| format!("can't start `{}`", program.display()))?;
    let shown = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "`{command}` failed: {shown}");
    Ok(shown)
}
