//! `history`: what a pipeline has run.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use copilot_deployer::pipeline::{self, Action, Execution, RunStatus};

use crate::aws::Access;
use crate::failure::Failure;
use crate::harmless::one_line;
use crate::io::Io;
use crate::phrases::short;
use crate::remote::{Remote, Which};
use crate::text::Text;
use crate::times::{ago, duration};

#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    which: Which,
    /// Number of executions to list, newest first.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &History, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    let found = remote.aws.wait(pipeline::history(remote.session(), &remote.pipeline, arguments.limit))?;
    if arguments.json {
        io.json(&found)?;
    } else {
        let waiting = waiting(&found, &remote, io)?;
        if found.is_empty() {
            io.note(format!("`{}` has not run yet", remote.pipeline.name));
        }
        let mut lines = Vec::new();
        for execution in &found {
            lines.push(line(execution, io));
            let stages = waiting.iter().filter(|(id, _)| *id == execution.id);
            lines.extend(stages.map(|(_, stage)| waits(stage, &remote)));
        }
        io.lines(lines)?;
    }
    remote.aws.close()
}

/// The executions that wait for an approval, with the stages that they wait in.
fn waiting(found: &[Execution], remote: &Remote, io: &mut Io<'_>) -> Result<Vec<(String, String)>, Failure> {
    if found.iter().all(|execution| execution.status != RunStatus::InProgress) {
        return Ok(Vec::new());
    }
    let status = match remote.aws.wait(pipeline::status(remote.session(), &remote.pipeline)) {
        Ok(status) => status,
        Err(Failure::Interrupted(goes_on)) => return Err(Failure::Interrupted(goes_on)),
        // The list is good without.
        Err(failure) => {
            io.warning(&format!("it is not known whether something waits for an approval: {failure}"));
            return Ok(Vec::new());
        }
    };
    let stages = status.stage_states.into_iter();
    let waits = stages.filter(|stage| stage.actions.iter().any(Action::waits_for_approval));
    Ok(waits.filter_map(|stage| Some((stage.execution_id?, stage.stage_name))).collect())
}

fn waits(stage: &str, remote: &Remote) -> Text {
    let mut line = Text::from("  ");
    line.paint(AnsiColor::Yellow.on_default(), "waits for approval");
    line.push(format!(" in {stage}: {}", remote.command("approve")));
    line
}

/// The message comes last and is cut where the terminal ends.
fn line(execution: &Execution, io: &Io<'_>) -> Text {
    let style = match execution.status {
        RunStatus::Succeeded => AnsiColor::Green.on_default(),
        RunStatus::Failed => AnsiColor::Red.on_default(),
        RunStatus::InProgress => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    };
    let when = execution.started_at.map(|time| ago(time, io.now())).unwrap_or_default();
    let took = execution.seconds.map(|seconds| duration(Duration::from_secs(seconds))).unwrap_or_default();
    let commit = execution.revisions.first().map(|revision| short(&revision.id)).unwrap_or_default();
    let message = execution.revisions.first().and_then(|revision| revision.summary.as_deref());
    let trigger = execution.trigger.as_deref().unwrap_or_default();
    let facts = format!("{:8}  {when:15}  {took:8}  {commit:8}", short(&execution.id));
    let rest = io.width().saturating_sub(13 + facts.len() + 2).max(10);
    let message: String = one_line(message.unwrap_or(trigger).trim()).chars().take(rest).collect();
    let mut line = Text::new();
    line.paint(style, format_args!("{:11}", execution.status));
    line.push(format!("  {facts}  {message}"));
    line.trim_end();
    line
}
