//! Tasks in the state of a service: those that run, and why others ended.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use copilot_deployer::Time;
use copilot_deployer::workload::Task;
use copilot_deployer::workload::status::ServiceStatus;

use super::super::which::Subject;
use super::view::heading;
use crate::harmless::one_line;
use crate::io::Io;
use crate::phrases::{count, short};
use crate::table::{Cell, Table, hanging};
use crate::text::Text;
use crate::times::ago;

/// IDs that are shown of tasks that ended for one reason.
const IDS: usize = 5;

pub(super) fn running(status: &ServiceStatus, io: &Io<'_>, text: &mut Text) {
    if status.tasks.is_empty() {
        return;
    }
    heading(text, "Tasks");
    let mut table =
        Table::new(&["ID", "Status", "Revision", "Started", "Capacity", "Checks", "Load balancer"]);
    let several = status.tasks.iter().any(|task| !matches!(task.capacity_provider.as_str(), "" | "FARGATE"));
    for task in &status.tasks {
        let capacity = match task.capacity_provider.as_str() {
            _ if !several => "",
            "" => "FARGATE",
            provider => provider,
        };
        let checks = if task.health == "UNKNOWN" { "" } else { &task.health };
        let targets = status.targets.iter().filter(|target| target.task == task.id);
        let targets: Vec<&str> = targets.map(|target| target.health.state.as_str()).collect();
        table.row([
            Cell::from(short(&task.id)),
            good(&task.last_status, "RUNNING"),
            Cell::from(task.revision().map(|number| number.to_string()).unwrap_or_default()),
            Cell::from(task.started_at.map(|time| ago(time, io.now())).unwrap_or_default()),
            Cell::from(capacity),
            good(checks, "HEALTHY"),
            good(&targets.join(", "), "healthy"),
        ]);
    }
    text.push(table.without_empty().draw(2, io.width()));
    unhealthy(status, io, text);
}

/// A state, which is green where it is the wanted one.
fn good(state: &str, wanted: &str) -> Cell {
    let color = if state == wanted { AnsiColor::Green } else { AnsiColor::Yellow };
    Cell::styled(state.to_lowercase(), color.on_default())
}

/// Why load balancers send nothing to some.
fn unhealthy(status: &ServiceStatus, io: &Io<'_>, text: &mut Text) {
    let bad = status.targets.iter().filter(|target| target.health.state == "unhealthy");
    for target in bad {
        let who = if target.task.is_empty() { &target.health.id } else { &target.task };
        let _ = write!(text, "  {:<10}", one_line(short(who)));
        let why = one_line(&target.health.description);
        text.push(hanging(&why, AnsiColor::Red.on_default(), 12, io.width()));
    }
}

/// Tasks that ended for one reason.
#[derive(Debug, PartialEq)]
pub(super) struct Group<'a> {
    reason: String,
    last: Option<Time>,
    ids: Vec<&'a str>,
}

/// By reason, that of the last one first. What a container ended with belongs to it.
pub(super) fn grouped(tasks: &[Task]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for task in tasks {
        let reason = reason(task);
        let last = task.stopped_at.or(task.stopping_at);
        match groups.iter_mut().find(|group| group.reason == reason) {
            Some(group) => {
                group.last = group.last.max(last);
                group.ids.push(&task.id);
            }
            None => groups.push(Group { reason, last, ids: vec![task.id.as_str()] }),
        }
    }
    groups.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.reason.cmp(&b.reason)));
    groups
}

fn reason(task: &Task) -> String {
    let mut reason = task.stopped_reason.clone();
    if reason.is_empty() {
        "ECS gives no reason".clone_into(&mut reason);
    }
    for container in &task.containers {
        let code = container.exit_code.filter(|code| *code != 0);
        let told = match (code, container.reason.as_deref()) {
            (Some(code), None) => format!("exited with code {code}"),
            (Some(code), Some(why)) => format!("exited with code {code}: {why}"),
            (None, Some(why)) => why.to_owned(),
            (None, None) => continue,
        };
        let _ = write!(reason, "; {} {told}", container.name);
    }
    reason
}

pub(super) fn stopped(tasks: &[Task], subject: &Subject, io: &Io<'_>, text: &mut Text) {
    if tasks.is_empty() {
        return;
    }
    heading(text, "Stopped in the last hour");
    for group in grouped(tasks) {
        text.push("  ");
        text.push(hanging(&one_line(&group.reason), AnsiColor::Red.on_default(), 2, io.width()));
        let mut line = count(group.ids.len(), "task");
        if let Some(last) = group.last {
            let _ = write!(line, ", the last {}", ago(last, io.now()));
        }
        let ids: Vec<&str> = group.ids.iter().take(IDS).map(|id| short(id)).collect();
        let more = if group.ids.len() > IDS { " and others" } else { "" };
        let _ = write!(line, ": {}{more}", ids.join(", "));
        text.push("    ");
        text.push(hanging(&one_line(&line), Style::new(), 4, io.width()));
    }
    let _ = writeln!(text, "  {}", subject.command("svc logs --previous"));
}

#[cfg(test)]
mod tests {
    use copilot_deployer::workload::{Container, Task};

    use super::{Group, Time, grouped};

    #[test]
    fn tasks_are_grouped_by_why_they_ended() {
        let task = |id: &str, second: i64, code: Option<i32>| Task {
            health: String::new(),
            id: id.into(),
            images: Vec::new(),
            last_status: "STOPPED".into(),
            started_at: None,
            stopped_at: Some(Time::from_millis(second * 1000)),
            stopped_reason: "Essential container in task exited".into(),
            capacity_provider: String::new(),
            definition: String::new(),
            stopping_at: None,
            containers: vec![Container { name: "web".into(), exit_code: code, reason: None }],
            address: None,
        };
        let tasks = [task("a", 1, Some(1)), task("b", 5, Some(0)), task("c", 9, Some(1))];
        let exited = "Essential container in task exited";
        let with_code = format!("{exited}; web exited with code 1");
        let at = |second: i64| Some(Time::from_millis(second * 1000));
        assert_eq!(
            grouped(&tasks),
            [
                Group { reason: with_code, last: at(9), ids: vec!["a", "c"] },
                Group { reason: exited.into(), last: at(5), ids: vec!["b"] },
            ]
        );
    }
}
