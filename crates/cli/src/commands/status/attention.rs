//! What needs somebody's attention: what waits, what failed, and why an execution goes no further.

use std::fmt::Write as _;
use std::time::SystemTime;

use anstyle::{AnsiColor, Style};
use copilot_deployer::pipeline::{Action, End, Progress, Rejection, RunStatus, Stage, Status};

use crate::io::Io;
use crate::phrases::{rejected, short};
use crate::remote::Remote;
use crate::text::Text;
use crate::times::ago;

pub(super) fn attention(status: &Status, remote: &Remote, services: &[String], io: &Io<'_>, text: &mut Text) {
    for (stage, action) in status.current_actions() {
        let other = stage.execution_id.as_deref().filter(|_| !status.is_own(stage));
        let of = other.map(|id| format!(", execution {}", short(id))).unwrap_or_default();
        let place = format!("{} in {}{of}", action.name, stage.stage_name);
        if action.waits_for_approval() {
            let style = AnsiColor::Yellow.on_default().bold();
            headline(text, style, "waits for approval", &place);
            let _ = writeln!(text, "  {}\n  {}", remote.command("approve"), remote.command("reject"));
        } else if action.status == RunStatus::Failed {
            failure(status, stage, action, &place, remote, io, text);
            rollout(stage, action, remote, services, text);
        } else if action.status == RunStatus::InProgress && deployed(stage, action, services).is_some() {
            headline(text, AnsiColor::Cyan.on_default().bold(), "deploys", &place);
            rollout(stage, action, remote, services, text);
        }
    }
    ending(status, remote, io, text);
}

/// The service that an action deploys, and the environment. Its name says both.
fn deployed<'a>(stage: &'a Stage, action: &'a Action, services: &[String]) -> Option<(&'a str, &'a str)> {
    let environment = stage.stage_name.strip_prefix("DeployTo-")?;
    let names = action.name.strip_prefix("CreateOrUpdate-")?;
    let service = names.strip_suffix(environment)?.strip_suffix('-')?;
    services.iter().any(|known| known == service).then_some((service, environment))
}

/// The command that shows the rollout of what an action deploys.
fn rollout(stage: &Stage, action: &Action, remote: &Remote, services: &[String], text: &mut Text) {
    if let Some((service, environment)) = deployed(stage, action, services) {
        let _ = writeln!(text, "  {}", remote.about_service(service, environment));
    }
}

/// Something that needs attention, and where it is.
fn headline(text: &mut Text, style: Style, what: &str, place: &str) {
    text.push("\n");
    text.paint(style, what);
    let _ = writeln!(text, ": {place}");
}

/// An action that failed, why, and what to do about it.
fn failure(
    status: &Status,
    stage: &Stage,
    action: &Action,
    place: &str,
    remote: &Remote,
    io: &Io<'_>,
    text: &mut Text,
) {
    let style = AnsiColor::Red.on_default().bold();
    let when = action.last_change.map(|time| format!(", {}", ago(time, io.now()))).unwrap_or_default();
    if let Some(Rejection { by, why }) = action.rejection() {
        headline(text, style, "rejected", &format!("{place}{when}"));
        let _ = writeln!(text, "  {}", rejected(by, why));
        return;
    }
    headline(text, style, "failed", &format!("{place}{when}"));
    for detail in action.problem().into_iter().chain(action.url.as_deref()) {
        let _ = writeln!(text, "  {detail}");
    }
    let _ = writeln!(text, "  {}", remote.command("logs"));
    // Only the whole stage can be run again, once all of it has come to rest.
    if status.retryable().is_some_and(|retryable| retryable.stage_name == stage.stage_name) {
        let _ = writeln!(text, "  {}", remote.command("retry"));
    }
}

/// Why the execution goes no further, where that is not a matter of one of its actions.
fn ending(status: &Status, remote: &Remote, io: &Io<'_>, text: &mut Text) {
    if let Some(sentence) = sentence(status, io.now()) {
        let _ = writeln!(text, "\n{sentence}");
    }
    let style = AnsiColor::Yellow.on_default().bold();
    let (what, detail) = match status.progress() {
        Progress::Closed { stage } => {
            ("waits", format!("nothing enters {stage} until its transition is enabled"))
        }
        Progress::Behind { stage, execution } => {
            ("waits", format!("execution {} waits for an approval in {stage}", short(execution)))
        }
        Progress::Ended(End::Superseded) => ("superseded", "a newer execution took its place".to_owned()),
        Progress::Ended(End::Cancelled) => ("cancelled", "the pipeline has changed meanwhile".to_owned()),
        Progress::Ended(End::Stopped) => {
            let reason = status.execution.as_ref().and_then(|execution| execution.stop_reason.as_deref());
            ("stopped", reason.unwrap_or("nobody said why").to_owned())
        }
        _ => return,
    };
    headline(text, style, what, &detail);
    match status.progress() {
        Progress::Ended(End::Stopped) if status.retryable().is_some() => {
            let _ = writeln!(text, "  {}", remote.command("retry"));
        }
        Progress::Ended(End::Superseded) => {
            let _ = writeln!(text, "  {}", remote.command("status --watch"));
        }
        _ => {}
    }
}

/// A sentence for an execution that did all that it should, and for a pipeline that has none.
fn sentence(status: &Status, now: SystemTime) -> Option<String> {
    match status.progress() {
        Progress::NeverRan => Some("Nothing has run yet.".to_owned()),
        Progress::Ended(End::Succeeded) => {
            let execution = status.execution.as_ref()?;
            let when = execution.updated_at.map(|time| format!(" {}", ago(time, now))).unwrap_or_default();
            Some(format!("Execution {} succeeded in all stages{when}.", short(&execution.id)))
        }
        _ => None,
    }
}
