//! `logs`: why an action failed, the decisive lines first.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use clap::Args;
use copilot_deployer::pipeline::{self, ActionLog};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;
use crate::words::rejected;

#[derive(Debug, Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    which: Which,
    /// The action, whatever its state: by default those that failed in the newest execution.
    #[arg(long)]
    action: Option<String>,
    /// How many of a build's last lines to print.
    #[arg(long, value_name = "N", default_value_t = 50)]
    lines: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Logs, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    let (action, lines) = (arguments.action.as_deref(), arguments.lines);
    let found =
        remote.aws.wait(pipeline::logs(remote.session(), &remote.app, &remote.pipeline, action, lines))?;
    if arguments.json {
        io.json(&found)?;
    } else {
        let pages: Vec<String> = found.iter().map(page).collect();
        io.out(&pages.join("\n"))?;
    }
    remote.aws.close()
}

/// The reason stands above the log, which is read from its end.
fn page(log: &ActionLog) -> String {
    let (bold, red) = (Style::new().bold(), AnsiColor::Red.on_default());
    let earlier = if log.earlier { ", in an earlier execution" } else { "" };
    let mut text = format!("{bold}{} in {}{bold:#}{earlier}\n", log.action, log.stage);
    let rejected =
        log.rejected_by.as_deref().map(|by| rejected(by, log.error.as_deref().unwrap_or_default()));
    let reasons = log.phase.iter().chain(log.error.iter().filter(|_| rejected.is_none()));
    for reason in reasons.chain(&rejected) {
        let _ = writeln!(text, "  {red}{reason}{red:#}");
    }
    for line in &log.lines {
        let _ = writeln!(text, "  {line}");
    }
    if let Some(url) = &log.url {
        let _ = writeln!(text, "  {url}");
    }
    text
}
