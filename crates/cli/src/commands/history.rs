//! `history`: what a pipeline has run.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use copilot_deployer::pipeline::{self, Execution};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;
use crate::words::{ago, duration, short};

#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    which: Which,
    /// How many executions to list, the newest first.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &History, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    let found = remote.aws.wait(pipeline::history(remote.session(), &remote.pipeline, arguments.limit))?;
    if arguments.json {
        io.json(&found)?;
    } else {
        let lines: Vec<String> = found.iter().map(|execution| line(execution, io)).collect();
        io.lines(lines)?;
    }
    remote.aws.close()
}

/// The message comes last and is cut where the terminal ends.
fn line(execution: &Execution, io: &Io<'_>) -> String {
    let style = match execution.status.as_str() {
        "Succeeded" => AnsiColor::Green.on_default(),
        "Failed" => AnsiColor::Red.on_default(),
        "InProgress" => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    };
    let when = execution.started_at.map(|time| ago(time, io.now())).unwrap_or_default();
    let took = execution.seconds.map(|seconds| duration(Duration::from_secs(seconds))).unwrap_or_default();
    let commit = execution.revisions.first().map(|revision| short(&revision.id)).unwrap_or_default();
    let message = execution.revisions.first().and_then(|revision| revision.summary.as_deref());
    let trigger = execution.trigger.as_deref().unwrap_or_default();
    let facts = format!("{:8}  {when:15}  {took:8}  {commit:8}", short(&execution.id));
    let rest = io.width().saturating_sub(13 + facts.len() + 2).max(10);
    let message: String = message.unwrap_or(trigger).chars().take(rest).collect();
    format!("{style}{:11}{style:#}  {facts}  {message}", execution.status).trim_end().to_owned()
}
