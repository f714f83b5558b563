//! A pipeline's state as people see it: a row of boxes, then what needs somebody's attention.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use copilot_deployer::pipeline::{Action, Rejection, RunStatus, Stage, Status};
use copilot_local_aws::NOT_RUN;

use super::attention::attention;
use crate::boxes::{Frame, Line, draw};
use crate::harmless::one_line;
use crate::io::Io;
use crate::phrases::{rejected, short};
use crate::progress::spinner;
use crate::remote::Remote;
use crate::text::Text;
use crate::times::ago;

/// `ticks` moves what runs; `services` are those of the application, where something is deployed.
pub(super) fn page(status: &Status, remote: &Remote, services: &[String], ticks: usize, io: &Io<'_>) -> Text {
    let bold = Style::new().bold();
    let region = remote.pipeline.region();
    let mut text = Text::new();
    text.paint(bold, &status.name);
    let _ = writeln!(text, " of {} in {region}", remote.app);
    text.push(revision(status));
    text.push("\n");
    let frames = status.stage_states.iter().map(|stage| frame(status, stage, ticks, io));
    let frames: Vec<Frame> = frames.collect();
    text.push(draw(&frames, io.unicode(), io.width()));
    attention(status, remote, services, io, &mut text);
    text
}

/// What the execution works on.
fn revision(status: &Status) -> String {
    let Some(execution) = &status.execution else { return String::new() };
    let revision = execution.revisions.first();
    let commit = revision.map(|revision| format!("commit {}", short(&revision.id)));
    let message = revision.and_then(|revision| revision.summary.as_deref());
    let message = message
        .filter(|message| !message.is_empty())
        .map(|message| format!("\"{}\"", one_line(message.trim())));
    let parts = [Some(format!("execution {}", short(&execution.id))), commit, message];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{}\n", parts.join(", "))
}

fn frame(status: &Status, stage: &Stage, ticks: usize, io: &Io<'_>) -> Frame {
    let current = status.is_current(stage);
    let mut lines = Vec::new();
    if stage.transition == "DISABLED" {
        let style = AnsiColor::Yellow.on_default();
        lines.push(Line { text: "closed: nothing enters".into(), style });
    }
    if current && !status.is_own(stage) {
        let id = stage.execution_id.as_deref().map(short).unwrap_or_default();
        lines.push(Line { text: format!("execution {id}"), style: Style::new().dimmed() });
    }
    let drawn = |action: &Action| line(action, current && !action.earlier, ticks, io.unicode());
    lines.extend(stage.actions.iter().map(drawn));
    let waits = stage.waits_for_approval();
    let word = match &stage.status {
        _ if waits => "waits for approval".to_owned(),
        RunStatus::Failed if stage.current_actions().any(|action| action.rejection().is_some()) => {
            "rejected".to_owned()
        }
        RunStatus::NotRun => "not run yet".to_owned(),
        RunStatus::InProgress => "in progress".to_owned(),
        status if !current => format!("earlier: {}", status.as_str().to_lowercase()),
        status => status.as_str().to_lowercase(),
    };
    let footer = match stage.current_actions().filter_map(|action| action.last_change).max() {
        Some(time) => format!("{word}, {}", ago(time, io.now())),
        None => word,
    };
    let style = match stage.status {
        _ if !current => Style::new().dimmed(),
        RunStatus::InProgress if waits => AnsiColor::Yellow.on_default(),
        RunStatus::InProgress => AnsiColor::Cyan.on_default(),
        RunStatus::Succeeded => AnsiColor::Green.on_default(),
        RunStatus::Failed => AnsiColor::Red.on_default(),
        _ => Style::new().dimmed(),
    };
    Frame { title: stage.stage_name.clone(), lines, footer, style }
}

/// An action that has not run in this execution is like one that never ran: what it did in another one is no news of this.
fn line(action: &Action, current: bool, ticks: usize, unicode: bool) -> Line {
    let (mark, style) = mark(action, current, ticks, unicode);
    Line { text: format!("{mark} {}", action.name), style }
}

/// Where there are only ASCII letters, marks are words.
fn mark(action: &Action, current: bool, ticks: usize, unicode: bool) -> (&'static str, Style) {
    let plain = Style::new();
    let (drawn, written, style) = match action.status {
        _ if !current => ("·", "    ", plain.dimmed()),
        _ if action.waits_for_approval() => ("?", "ask ", AnsiColor::Yellow.on_default().bold()),
        _ if was_not_run(action) => ("-", "--- ", plain.dimmed()),
        RunStatus::Succeeded => ("✔", "ok  ", AnsiColor::Green.on_default()),
        RunStatus::Failed => ("✘", "FAIL", AnsiColor::Red.on_default().bold()),
        RunStatus::Abandoned => ("✘", "stop", AnsiColor::Red.on_default().bold()),
        RunStatus::InProgress => (spinner(ticks, true), "run ", AnsiColor::Cyan.on_default().bold()),
        _ => ("·", "    ", plain.dimmed()),
    };
    (if unicode { drawn } else { written }, style)
}

/// Whether it is one whose commands a local AWS left out.
fn was_not_run(action: &Action) -> bool {
    action.status == RunStatus::Succeeded && action.summary.as_deref() == Some(NOT_RUN)
}

/// An action's status as a part of a sentence.
pub(super) fn word(action: &Action) -> String {
    match &action.status {
        _ if action.waits_for_approval() => "waits for approval".to_owned(),
        _ if was_not_run(action) => NOT_RUN.to_owned(),
        RunStatus::InProgress => "started".to_owned(),
        RunStatus::Failed => match (action.rejection(), action.problem()) {
            (Some(Rejection { by, why }), _) => rejected(by, why),
            (None, Some(problem)) => format!("failed: {problem}"),
            (None, None) => "failed".to_owned(),
        },
        status => status.as_str().to_lowercase(),
    }
}
