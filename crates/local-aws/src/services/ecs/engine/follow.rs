//! Starting containers and watching them, on threads of their own: nothing of it holds the world up.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::command::{call, command, said};
use super::plan::Plan;
use super::{Network, Setup};
use crate::core::time::from_iso;

/// How often a container is looked at.
const PAUSE: Duration = Duration::from_millis(200);
/// How often it is looked for, if somebody else is starting it: two minutes.
const TRIES: u32 = 600;

/// How far a container is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is being made.
    Starting,
    /// It runs.
    Running,
    /// It ended with this code, for this reason if there was one.
    Ended(i64, Option<String>),
    /// It could not be started.
    Failed(String),
}

/// What is known of a container.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) stage: Stage,
    /// What it wrote and when, from its start.
    pub(crate) lines: Vec<(i64, String)>,
    /// `healthy`, `unhealthy`, `starting` or nothing.
    pub(crate) health: String,
    /// Its ports, and those of the machine that lead there.
    pub(crate) ports: Vec<(i64, i64)>,
}

/// Watches a container.
#[derive(Debug)]
pub(crate) struct Follower {
    name: String,
    seen: Mutex<Seen>,
    /// What reads its output.
    reader: Mutex<Option<Child>>,
}

impl Follower {
    pub(super) fn new(name: &str) -> Self {
        let seen =
            Seen { stage: Stage::Starting, lines: Vec::new(), health: String::new(), ports: Vec::new() };
        Self { name: name.to_owned(), seen: Mutex::new(seen), reader: Mutex::new(None) }
    }

    pub(super) fn failed(reason: String) -> Self {
        let follower = Self::new("");
        follower.turn(Stage::Failed(reason));
        follower
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No longer reads what it writes.
    pub(super) fn leave(&self) {
        if let Some(mut reader) = self.reader().take() {
            // It may have ended by itself.
            let _ = reader.kill();
            let _ = reader.wait();
        }
    }

    fn reader(&self) -> MutexGuard<'_, Option<Child>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, stage: Stage) {
        self.seen().stage = stage;
    }
}

/// Starts the containers of a task, and watches them.
pub(super) fn run(setup: &Setup, plans: &[Plan], followers: &[Arc<Follower>]) {
    for (plan, follower) in plans.iter().zip(followers) {
        if let Err(reason) = start(setup, plan, follower) {
            follower.turn(Stage::Failed(reason));
            return;
        }
        let (setup, follower) = (setup.clone(), Arc::clone(follower));
        std::thread::spawn(move || watch(&setup, &follower));
    }
}

fn start(setup: &Setup, plan: &Plan, follower: &Follower) -> Result<(), String> {
    let engine = &setup.engine;
    if call(engine, &["image", "inspect", &plan.image]).is_err() {
        fetch(setup, plan).map_err(|why| format!("CannotPullContainerError: {why}"))?;
    }
    let mut words = vec!["create".to_owned()];
    words.extend(plan.options.iter().cloned());
    words.push(plan.image.clone());
    words.extend(plan.arguments.iter().cloned());
    let mut create = command(engine, &words);
    // The engine takes values from its own environment, so that they stand in no argument. What it needs itself stays.
    create.envs(plan.variables.iter().filter(|(key, _)| !engine.variables.contains_key(*key)));
    said(&mut create).map_err(|why| format!("CannotCreateContainerError: {why}"))?;
    call(engine, &["start", &plan.name]).map_err(|why| format!("CannotStartContainerError: {why}"))?;
    let mut seen = follower.seen();
    for port in &plan.ports {
        let outside = match setup.network {
            Network::Host => Some(*port),
            Network::Bridge => mapped(setup, &plan.name, *port),
        };
        seen.ports.extend(outside.map(|outside| (*port, outside)));
    }
    if plan.checked {
        seen.health = "starting".into();
    }
    Ok(())
}

fn mapped(setup: &Setup, name: &str, port: i64) -> Option<i64> {
    let said = call(&setup.engine, &["port", name, &format!("{port}/tcp")]).ok()?;
    said.lines().next()?.rsplit_once(':')?.1.parse().ok()
}

/// Has the engine get an image: from the archive, or from where its name says.
fn fetch(setup: &Setup, plan: &Plan) -> Result<(), String> {
    let Some(archive) = &plan.archive else {
        return call(&setup.engine, &["pull", "--quiet", &plan.image]).map(drop);
    };
    let mut load = command(&setup.engine, &["load".to_owned(), "--quiet".to_owned()]);
    load.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = load.spawn().map_err(|error| error.to_string())?;
    let written = child.stdin.take().map(|mut input| archive.write(&mut input));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(complaint.lines().last().unwrap_or("the image can't be loaded").to_owned());
    }
    written.transpose().map(drop).map_err(|error| error.to_string())
}

/// Watches a container until it has ended.
pub(super) fn watch(setup: &Setup, follower: &Arc<Follower>) {
    let engine = &setup.engine;
    let mut tries = 0;
    while state(setup, &follower.name).is_none_or(|(status, ..)| status == "created") {
        tries += 1;
        if tries > TRIES || !matches!(follower.seen().stage, Stage::Starting) {
            return follower.turn(Stage::Failed("the container is gone".into()));
        }
        std::thread::sleep(PAUSE);
    }
    follower.turn(Stage::Running);
    let words = ["logs", "--follow", "--timestamps", &follower.name].map(str::to_owned);
    let mut logs = command(engine, &words);
    logs.stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Ok(mut child) = logs.spawn() {
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        let readers = streams.into_iter().flatten().map(|stream| {
            let follower = Arc::clone(follower);
            std::thread::spawn(move || read(stream, &follower))
        });
        let readers: Vec<_> = readers.collect();
        *follower.reader() = Some(child);
        while readers.iter().any(|reader| !reader.is_finished()) {
            look_at_health(setup, follower);
            std::thread::sleep(PAUSE);
        }
        follower.leave();
    }
    loop {
        match state(setup, &follower.name) {
            Some((status, code, killed)) if status == "exited" || status == "dead" => {
                let reason =
                    killed.then(|| "OutOfMemoryError: Container killed due to memory usage".to_owned());
                return follower.turn(Stage::Ended(code, reason));
            }
            // Somebody else removed it.
            None => return follower.turn(Stage::Ended(137, None)),
            Some(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// Status, exit code, and whether it was killed for its use of memory.
fn state(setup: &Setup, name: &str) -> Option<(String, i64, bool)> {
    let format = "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}";
    let said = call(&setup.engine, &["container", "inspect", "--format", format, name]).ok()?;
    let mut words = said.split(' ');
    Some((words.next()?.to_owned(), words.next()?.parse().ok()?, words.next() == Some("true")))
}

fn look_at_health(setup: &Setup, follower: &Follower) {
    if follower.seen().health.is_empty() {
        return;
    }
    let format = "{{if .State.Health}}{{.State.Health.Status}}{{end}}";
    let said = call(&setup.engine, &["container", "inspect", "--format", format, &follower.name]);
    if let Ok(health) = said {
        follower.seen().health = health;
    }
}

/// Reads what a container writes: each line begins with its time.
fn read(stream: Box<dyn Read + Send>, follower: &Follower) {
    for line in BufReader::new(stream).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
        let (time, text) = line.split_once(' ').unwrap_or((&line, ""));
        let (time, text) = from_iso(time).map_or((0, line.as_str()), |time| (time, text));
        follower.seen().lines.push((time, text.to_owned()));
    }
}
