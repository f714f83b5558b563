//! A pipeline's state as people see it: a row of boxes, then what needs somebody's attention.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use copilot_deployer::pipeline::{Action, Stage, Status};

use crate::boxes::{Frame, Line, draw};
use crate::io::Io;
use crate::progress::spinner;
use crate::remote::Remote;
use crate::words::{ago, short};

/// `ticks` moves what runs.
pub(super) fn page(status: &Status, remote: &Remote, ticks: usize, io: &Io<'_>) -> String {
    let bold = Style::new().bold();
    let region = remote.pipeline.region();
    let mut text = format!("{bold}{}{bold:#} of {} in {region}\n", status.name, remote.app);
    text += &revision(status);
    text.push('\n');
    let frames: Vec<Frame> = status.stage_states.iter().map(|stage| frame(stage, ticks, io)).collect();
    text += &draw(&frames, io.unicode(), io.width());
    text += &attention(status, remote, io);
    text
}

/// What the newest execution works on.
fn revision(status: &Status) -> String {
    let Some(source) = status.stage_states.first() else { return String::new() };
    let execution = source.execution_id.as_deref().map(|id| format!("execution {}", short(id)));
    let action = source.actions.first();
    let commit =
        action.and_then(|action| action.revision.as_deref()).map(|id| format!("commit {}", short(id)));
    let message = action.filter(|action| action.status == "Succeeded").and_then(Action::commit_message);
    let parts = [execution, commit, message.map(|message| format!("\"{message}\""))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("{}\n", parts.join(", ")) }
}

fn frame(stage: &Stage, ticks: usize, io: &Io<'_>) -> Frame {
    let mut lines = Vec::new();
    if stage.transition == "DISABLED" {
        let style = AnsiColor::Yellow.on_default();
        lines.push(Line { text: "closed: nothing enters".into(), style });
    }
    lines.extend(stage.actions.iter().map(|action| line(action, ticks, io.unicode())));
    let latest = stage.actions.iter().filter_map(|action| action.last_change).max();
    let word = match stage.status.as_str() {
        "" if stage.actions.iter().all(|action| action.status.is_empty()) => "not run yet".to_owned(),
        "InProgress" => "in progress".to_owned(),
        status => status.to_lowercase(),
    };
    let waits = stage.actions.iter().any(Action::waits_for_approval);
    let word = if waits { "waits for approval".to_owned() } else { word };
    let footer = match latest {
        Some(time) if !word.is_empty() => format!("{word}, {}", ago(time, io.now())),
        _ => word,
    };
    let style = match stage.status.as_str() {
        "InProgress" if waits => AnsiColor::Yellow.on_default(),
        "InProgress" => AnsiColor::Cyan.on_default(),
        "Succeeded" => AnsiColor::Green.on_default(),
        "Failed" => AnsiColor::Red.on_default(),
        _ => Style::new().dimmed(),
    };
    Frame { title: stage.stage_name.clone(), lines, footer, style }
}

fn line(action: &Action, ticks: usize, unicode: bool) -> Line {
    let (mark, style) = mark(action, ticks, unicode);
    Line { text: format!("{mark} {}", action.name), style }
}

/// Where there are only ASCII letters, marks are words.
fn mark(action: &Action, ticks: usize, unicode: bool) -> (&'static str, Style) {
    let plain = Style::new();
    let (drawn, written, style) = match action.status.as_str() {
        _ if action.waits_for_approval() => ("?", "ask ", AnsiColor::Yellow.on_default().bold()),
        "Succeeded" => ("✔", "ok  ", AnsiColor::Green.on_default()),
        "Failed" | "Abandoned" => ("✘", "FAIL", AnsiColor::Red.on_default().bold()),
        "InProgress" => (spinner(ticks, true), "run ", AnsiColor::Cyan.on_default().bold()),
        _ => ("·", "    ", plain.dimmed()),
    };
    (if unicode { drawn } else { written }, style)
}

/// An action's status as a part of a sentence.
pub(super) fn word(action: &Action) -> String {
    match action.status.as_str() {
        _ if action.waits_for_approval() => "waits for approval".to_owned(),
        "InProgress" => "started".to_owned(),
        "Failed" => match action.problem() {
            Some(problem) => format!("failed: {problem}"),
            None => "failed".to_owned(),
        },
        status => status.to_lowercase(),
    }
}

fn attention(status: &Status, remote: &Remote, io: &Io<'_>) -> String {
    let (wait, fail) = (AnsiColor::Yellow.on_default().bold(), AnsiColor::Red.on_default().bold());
    let mut text = String::new();
    let actions = status.stage_states.iter().flat_map(|stage| stage.actions.iter().map(move |a| (stage, a)));
    for (stage, action) in actions {
        let place = format!("{} in {}", action.name, stage.stage_name);
        if action.waits_for_approval() {
            let _ = writeln!(text, "\n{wait}waits for approval{wait:#}: {place}");
            let _ = writeln!(text, "  {}\n  {}", remote.command("approve"), remote.command("reject"));
        } else if matches!(action.status.as_str(), "Failed" | "Abandoned") {
            let when =
                action.last_change.map(|time| format!(", {}", ago(time, io.now()))).unwrap_or_default();
            let _ = writeln!(text, "\n{fail}failed{fail:#}: {place}{when}");
            for detail in action.problem().into_iter().chain(action.url.as_deref()) {
                let _ = writeln!(text, "  {detail}");
            }
            let _ = writeln!(text, "  {}\n  {}", remote.command("logs"), remote.command("retry"));
        }
    }
    text
}
