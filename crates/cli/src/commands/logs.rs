//! `logs`: why an action failed, the decisive lines first.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use clap::Args;
use copilot_deployer::pipeline::{self, ActionLog};

use crate::aws::Access;
use crate::failure::Failure;
use crate::harmless::unstyled;
use crate::io::Io;
use crate::phrases::rejected;
use crate::remote::Which;
use crate::text::Text;

#[derive(Debug, Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    which: Which,
    /// Action to print, whatever its state [default: those that failed in the newest execution].
    #[arg(long)]
    action: Option<String>,
    /// Number of lines of a build's log to print.
    #[arg(long, value_name = "N", default_value_t = 50)]
    lines: usize,
    /// Print JSON.
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
        let mut text = Text::new();
        for (index, log) in found.iter().enumerate() {
            text.push(if index > 0 { "\n" } else { "" });
            page(log, &mut text);
        }
        io.out(text)?;
    }
    remote.aws.close()
}

/// The reason stands above the log, which is read from its end.
fn page(log: &ActionLog, text: &mut Text) {
    let (bold, red) = (Style::new().bold(), AnsiColor::Red.on_default());
    text.paint(bold, format_args!("{} in {}", log.action, log.stage));
    text.push(if log.earlier { ", in an earlier execution\n" } else { "\n" });
    let rejected =
        log.rejected_by.as_deref().map(|by| rejected(by, log.error.as_deref().unwrap_or_default()));
    let reasons = log.phase.iter().chain(log.error.iter().filter(|_| rejected.is_none()));
    for reason in reasons.chain(&rejected) {
        text.push("  ");
        text.paint(red, unstyled(reason));
        text.push("\n");
    }
    for line in &log.lines {
        let _ = writeln!(text, "  {}", unstyled(line));
    }
    if let Some(url) = &log.url {
        let _ = writeln!(text, "  {url}");
    }
}
