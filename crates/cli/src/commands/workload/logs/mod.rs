//! `svc logs` and `job logs`: what tasks and instances write.

mod arguments;
mod view;

use std::time::Duration;

use copilot_deployer::stack::Patience;
use copilot_deployer::workload::{Deployed, LogEvent, LogGroup, Platform, Range};
use copilot_deployer::{Error as AwsError, Time};
use copilot_engine::Cancel;
use copilot_engine::workload::logs::{self, STATES, TASKS, Tail, Wanted};

pub(crate) use arguments::{JobLogs, ServiceLogs};
use arguments::{Reading, default_lines};

use super::which::Found;
use crate::aws::Access;
use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;

/// Time between two questions while lines are followed.
const INTERVAL: Duration = Duration::from_secs(1);

/// What to read, and from where.
struct Job {
    group: LogGroup,
    wanted: Wanted,
}

pub(super) fn service(arguments: &ServiceLogs, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let found = arguments.which.look(Kind::Service, |kind| kind != "Static Site", access, io)?;
    let now = now(io);
    let range = arguments.reading.range(now);
    let deployed = &found.deployed;
    let (group, prefixes) = match deployed.platform() {
        Platform::StaticSite => {
            let message = format!("`{}` is a static site, which writes no log", deployed.name);
            return Err(Failure::new(message));
        }
        Platform::AppRunner => (app_runner_group(arguments, deployed)?, vec![String::new()]),
        _ => {
            let group = match &arguments.log_group {
                Some(group) => group.clone(),
                None => deployed.log_group()?.to_owned(),
            };
            let group = LogGroup::new(deployed.config(), group);
            let Some(prefixes) = streams(arguments, &found, &group, now, io)? else {
                io.note("no task of the service has stopped");
                return found.aws.close();
            };
            (group, prefixes)
        }
    };
    let lines =
        arguments.reading.lines().or_else(|| arguments.reading.is_open(range).then_some(default_lines()));
    let wanted = Wanted { prefixes, range, lines, streams: None };
    run(&Job { group, wanted }, &arguments.reading, &found, now, io)?;
    found.aws.close()
}

/// The log of what an App Runner service's containers write, that of what App Runner does, or any.
fn app_runner_group(arguments: &ServiceLogs, deployed: &Deployed) -> Result<LogGroup, Failure> {
    let of_tasks = [
        ("--tasks", !arguments.tasks.is_empty()),
        ("--previous", arguments.previous),
        ("--container", arguments.container.is_some()),
    ];
    if let Some((flag, _)) = of_tasks.iter().find(|(_, given)| *given) {
        let message = format!("`{}` runs on App Runner, where `{flag}` means nothing", deployed.name);
        return Err(Failure::with_hint(message, "`--log-group system` shows what App Runner does"));
    }
    let group = match arguments.log_group.as_deref() {
        None => deployed.app_runner_log_group(false)?,
        Some(name) if name.eq_ignore_ascii_case("system") => deployed.app_runner_log_group(true)?,
        Some(name) => name.to_owned(),
    };
    Ok(LogGroup::new(deployed.config(), group))
}

/// What the names of the streams begin with; nothing where the task that is meant is not there.
fn streams(
    arguments: &ServiceLogs,
    found: &Found,
    group: &LogGroup,
    now: Time,
    io: &mut Io<'_>,
) -> Result<Option<Vec<String>>, Failure> {
    let (deployed, container) = (&found.deployed, arguments.container.as_deref());
    if arguments.previous {
        let of = container.unwrap_or(&deployed.name);
        let task = found.aws.wait(logs::previous(deployed, group, of, now.millis()))?;
        let Some(task) = task else { return Ok(None) };
        io.note(format!("the task that stopped last is {task}"));
        return Ok(Some(logs::prefixes(&deployed.name, container, &[task])));
    }
    // Streams of a group that somebody else writes to are named otherwise.
    let any = arguments.log_group.is_some() && container.is_none() && arguments.tasks.is_empty();
    let of_tasks = || logs::prefixes(&deployed.name, container, &arguments.tasks);
    Ok(Some(if any { vec![String::new()] } else { of_tasks() }))
}

pub(super) fn job(arguments: &JobLogs, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let found = arguments.which.look(Kind::Job, |_| true, access, io)?;
    let now = now(io);
    let range = arguments.reading.range(now);
    let mut prefixes = logs::prefixes(&found.deployed.name, None, &arguments.tasks);
    if arguments.include_state_machine {
        prefixes = vec![TASKS.to_owned(), STATES.to_owned()];
    }
    let group = LogGroup::new(found.deployed.config(), found.deployed.log_group()?);
    // A range of times is of all runs in it, and so are tasks that are named.
    let newest = arguments.tasks.is_empty() && arguments.reading.is_open(range);
    let streams = arguments.last.map(usize::from).or_else(|| newest.then_some(1));
    let wanted = Wanted { prefixes, range, lines: arguments.reading.lines(), streams };
    run(&Job { group, wanted }, &arguments.reading, &found, now, io)?;
    found.aws.close()
}

fn now(io: &Io<'_>) -> Time {
    let now = io.now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

/// Prints lines as they are found, or as they come.
fn run(job: &Job, reading: &Reading, found: &Found, now: Time, io: &mut Io<'_>) -> Result<(), Failure> {
    let Job { group, wanted } = job;
    // Nobody reads on: there is no need to go on either.
    let (enough, mut problem, mut printed) = (Cancel::new(), None, false);
    let interval = found.aws.cloud().patience(Patience { interval: INTERVAL, ..Patience::STACK }).interval;
    let result = found.aws.follow(
        |events| {
            let enough = enough.clone();
            async move {
                let emit = |lines: Vec<LogEvent>| drop(events.send(lines));
                let work = read(group, wanted, reading.follow, now.millis(), interval, emit);
                tokio::select! {
                    result = work => result,
                    () = enough.cancelled() => Ok(()),
                }
            }
        },
        |lines: Option<Vec<LogEvent>>| {
            let Some(lines) = lines.filter(|lines| !lines.is_empty()) else { return };
            printed = true;
            if problem.is_none()
                && let Err(failure) = view::print(&lines, reading.json, io)
            {
                problem = Some(failure);
                enough.cancel();
            }
        },
    );
    if let Some(failure) = problem {
        return Err(failure);
    }
    match result {
        // That is how following ends.
        Err(Failure::Interrupted(_)) if reading.follow => Err(Failure::Ended),
        Err(failure) => Err(failure),
        Ok(()) => {
            if !printed && !reading.json {
                io.note(format!("nothing is in the log `{}`{}", group.name(), reading.narrowed()));
            }
            Ok(())
        }
    }
}

/// What is there, then what comes if it is followed.
async fn read(
    group: &LogGroup,
    wanted: &Wanted,
    follow: bool,
    now: i64,
    interval: Duration,
    mut emit: impl FnMut(Vec<LogEvent>),
) -> Result<(), AwsError> {
    if !follow {
        return logs::read(group, wanted, now, emit).await;
    }
    let mut tail = Tail::new(wanted.prefixes.clone(), wanted.range.from.unwrap_or(now));
    if wanted.lines.is_some() {
        // The last lines of what was there, and from them on.
        let past = Wanted { range: Range { to: None, ..wanted.range }, ..wanted.clone() };
        let mut told = Vec::new();
        logs::read(group, &past, now, |events| told = events).await?;
        let from = told.first().map_or(now, |event| event.timestamp.min(now));
        tail = Tail::new(wanted.prefixes.clone(), from.max(wanted.range.from.unwrap_or(from)));
        tail.told(&told);
        emit(told);
    }
    logs::follow(group, tail, interval, emit).await.map(|_| ())
}
