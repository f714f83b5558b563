//! A service's state as people see it: what is wanted and what is there, then what needs a closer look.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use copilot_deployer::Time;
use copilot_deployer::workload::revision;
use copilot_deployer::workload::status::{AppRunnerStatus, Rollout, ServiceStatus, SiteStatus, Status};

use super::super::which::Subject;
use super::{alarms, tasks};
use crate::harmless::one_line;
use crate::io::Io;
use crate::table::{Cell, Table, hanging};
use crate::text::Text;
use crate::times::ago;

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BUSY: Style = AnsiColor::Yellow.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// What ECS did last, where something goes on.
const EVENTS: usize = 5;

pub(super) fn page(status: &Status, subject: &Subject, io: &Io<'_>) -> Text {
    let mut text = Text::new();
    text.paint(Style::new().bold(), &subject.name);
    let _ = writeln!(text, " of {} in {} ({})", subject.app, subject.environment, subject.region);
    match status {
        Status::Service(status) => service(status, subject, io, &mut text),
        Status::AppRunner(status) => app_runner(status, io, &mut text),
        Status::StaticSite(status) => site(status, &mut text),
    }
    text
}

/// A heading with an empty line before it.
pub(super) fn heading(text: &mut Text, title: &str) {
    text.push("\n");
    text.paint(Style::new().bold(), title);
    text.push("\n");
}

/// A line with a name in front.
fn field(text: &mut Text, name: &str, value: &str, style: Style) {
    let _ = write!(text, "  {name:<9}");
    text.paint(style, value);
    text.push("\n");
}

pub(super) fn when(time: Option<Time>, io: &Io<'_>) -> String {
    time.map(|time| ago(time, io.now())).unwrap_or_default()
}

fn service(status: &ServiceStatus, subject: &Subject, io: &Io<'_>, text: &mut Text) {
    let service = &status.service;
    text.push("\n");
    if service.status != "ACTIVE" {
        field(text, "Service", &service.status.to_lowercase(), BAD);
    }
    let mut tasks = format!("{} of {} running", service.running_count, service.desired_count);
    if service.pending_count > 0 {
        let _ = write!(tasks, ", {} pending", service.pending_count);
    }
    let complete = service.running_count >= service.desired_count && service.pending_count == 0;
    field(text, "Tasks", &tasks, if complete { GOOD } else { BUSY });
    health(status, text);
    let alarmed = status.alarms.iter().filter(|alarm| alarm.status == "ALARM").count();
    if !status.alarms.is_empty() {
        let told = if alarmed == 0 { "none goes off".to_owned() } else { format!("{alarmed} in ALARM") };
        field(text, "Alarms", &told, if alarmed == 0 { GOOD } else { BAD });
    }
    rollouts(&service.deployments, io, text);
    tasks::running(status, io, text);
    tasks::stopped(&status.stopped, subject, io, text);
    alarms::listed(&status.alarms, io, text);
    let settled = complete && service.deployments.iter().all(|rollout| rollout.state == "COMPLETED");
    if !settled && !service.events.is_empty() {
        heading(text, "Events");
        for (time, message) in service.events.iter().take(EVENTS) {
            let _ = write!(text, "  {:<15}  ", when(*time, io));
            text.push(hanging(&one_line(message), Style::new(), 19, io.width()));
        }
    }
}

/// How many of the newest rollout's tasks pass the checks that there are.
fn health(status: &ServiceStatus, text: &mut Text) {
    let primary = status.service.deployments.iter().find(|rollout| rollout.status == "PRIMARY");
    let Some(primary) = primary else { return };
    let own = || status.tasks.iter().filter(|task| task.definition == primary.task_definition);
    let checks = [
        (
            "behind the load balancer",
            own().any(|task| status.targets.iter().any(|target| target.task == task.id)),
            own()
                .filter(|task| {
                    let mut targets =
                        status.targets.iter().filter(|target| target.task == task.id).peekable();
                    targets.peek().is_some() && targets.all(|target| target.health.state == "healthy")
                })
                .count(),
        ),
        (
            "by container checks",
            own().any(|task| !matches!(task.health.as_str(), "" | "UNKNOWN")),
            own().filter(|task| task.health == "HEALTHY").count(),
        ),
    ];
    let wanted = usize::try_from(primary.desired_count).unwrap_or_default();
    for (what, checked, healthy) in checks {
        if checked {
            let style = if healthy >= wanted { GOOD } else { BUSY };
            field(text, "Health", &format!("{healthy} of {wanted} healthy {what}"), style);
        }
    }
}

/// Rollouts, where there is more to say than that the only one is complete.
fn rollouts(rollouts: &[Rollout], io: &Io<'_>, text: &mut Text) {
    heading(text, if rollouts.len() == 1 { "Rollout" } else { "Rollouts" });
    if rollouts.is_empty() {
        text.push("  none: nothing was ever deployed\n");
        return;
    }
    let mut table = Table::new(&["Revision", "State", "Running", "Pending", "Failed", "Updated", "Why"]);
    for rollout in rollouts {
        let (word, style) = match (rollout.state.as_str(), rollout.status.as_str()) {
            ("COMPLETED", "PRIMARY") => ("complete", GOOD),
            ("FAILED", _) => ("failed", BAD),
            (_, "ACTIVE") => ("being replaced", Style::new().dimmed()),
            ("IN_PROGRESS", _) => ("in progress", BUSY),
            (_, "PRIMARY") => ("newest", Style::new()),
            (_, status) => (status, Style::new()),
        };
        let some = |count: i32| if count == 0 { String::new() } else { count.to_string() };
        let number = revision(&rollout.task_definition).map(|number| number.to_string());
        let why = if rollout.state == "FAILED" { rollout.reason.as_str() } else { "" };
        table.row([
            Cell::from(number.unwrap_or_else(|| "?".to_owned())),
            Cell::styled(word.to_lowercase(), style),
            Cell::from(format!("{} of {}", rollout.running_count, rollout.desired_count)),
            Cell::from(some(rollout.pending_count)),
            Cell::styled(some(rollout.failed_tasks), BAD),
            Cell::from(when(rollout.updated_at, io)),
            Cell::from(why),
        ]);
    }
    text.push(table.without_empty().draw(2, io.width()));
}

fn app_runner(status: &AppRunnerStatus, io: &Io<'_>, text: &mut Text) {
    let style = match status.status.as_str() {
        "RUNNING" => GOOD,
        "OPERATION_IN_PROGRESS" | "PAUSED" => BUSY,
        _ => BAD,
    };
    text.push("\n");
    field(text, "Status", &status.status.to_lowercase().replace('_', " "), style);
    field(text, "Updated", &ago(status.updated_at, io.now()), Style::new());
    field(text, "Created", &ago(status.created_at, io.now()), Style::new());
    field(text, "Image", &one_line(&status.source.image_id), Style::new());
    if status.log.is_empty() {
        return;
    }
    heading(text, "What App Runner did");
    for event in &status.log {
        let _ = write!(text, "  {:<15}  ", ago(Time::from_millis(event.timestamp), io.now()));
        text.push(hanging(one_line(&event.message).trim(), Style::new(), 19, io.width()));
    }
}

fn site(status: &SiteStatus, text: &mut Text) {
    text.push("\n");
    let noun = if status.total_objects == 1 { "file" } else { "files" };
    field(text, "Files", &format!("{} {noun}, {}", status.total_objects, status.total_size), Style::new());
    field(text, "Bucket", &one_line(&status.bucket_name), Style::new());
}
