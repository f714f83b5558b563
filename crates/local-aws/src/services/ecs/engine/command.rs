//! What the engine is told.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{Engine, LABEL, Network, Setup};

/// Seconds that a container has to end by itself.
const GRACE: &str = "2";
/// How often it is looked whether an engine has answered that it is there, and how long that may take: five seconds.
const LOOK: Duration = Duration::from_millis(10);
const PATIENCE: u32 = 500;

/// A call of the engine's program. It sees nothing of this process's own environment.
pub(super) fn command(engine: &Engine, words: &[String]) -> Command {
    let mut command = Command::new(&engine.program);
    command.args(words).env_clear().envs(&engine.variables).stdin(Stdio::null());
    command
}

/// What a call of the engine says, or why it failed.
pub(super) fn call(engine: &Engine, words: &[&str]) -> Result<String, String> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    said(&mut command(engine, &words))
}

/// What a program says, or why it failed: the last line of what it complains of.
pub(super) fn said(command: &mut Command) -> Result<String, String> {
    read(&command.output().map_err(|error| error.to_string())?)
}

fn read(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let mut lines = complaint.lines().map(str::trim).filter(|line| !line.is_empty());
    let meant = |line: &&str| !line.starts_with("Run '") && !line.starts_with("See '");
    Err(lines.rfind(meant).unwrap_or("it says nothing").to_owned())
}

/// The same from a program that has to answer soon: an engine that is just starting may take for ever.
fn soon(command: &mut Command) -> Result<String, String> {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    for _ in 0..PATIENCE {
        if child.try_wait().map_err(|error| error.to_string())?.is_some() {
            return read(&child.wait_with_output().map_err(|error| error.to_string())?);
        }
        std::thread::sleep(LOOK);
    }
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    Err("it takes too long".to_owned())
}

/// Whether the engine answers, and how it is set up; its version.
pub(super) fn ask(engine: &Engine, mark: &str) -> Result<(Setup, String), String> {
    let format = "{{.Server.Version}} {{.Server.Arch}}";
    let words = ["version", "--format", format].map(str::to_owned);
    let said = soon(&mut command(engine, &words))
        .map_err(|why| format!("{} does not answer: {why}", engine.program))?;
    let (version, architecture) = said.split_once(' ').unwrap_or((&said, "amd64"));
    let bridge = call(engine, &["network", "inspect", "bridge"]).is_ok();
    let setup = Setup {
        engine: engine.clone(),
        network: if bridge { Network::Bridge } else { Network::Host },
        architecture: architecture.to_owned(),
        mark: mark.to_owned(),
    };
    Ok((setup, version.to_owned()))
}

/// Stops containers, one after the other as they were started.
pub(super) fn stop(setup: &Setup, names: &[String]) {
    let mut words = vec!["stop", "-t", GRACE];
    words.extend(names.iter().map(String::as_str));
    // What is gone already needs no stopping.
    let _ = call(&setup.engine, &words);
}

/// Removes containers.
pub(super) fn remove(setup: &Setup, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let mut words = vec!["rm", "--force", "--volumes"];
    words.extend(names.iter().map(String::as_str));
    let _ = call(&setup.engine, &words);
}

/// Removes all containers of this state.
pub(super) fn remove_all(setup: &Setup) {
    let filter = format!("label={LABEL}={}", setup.mark);
    let found = call(&setup.engine, &["ps", "--all", "--quiet", "--filter", &filter]).unwrap_or_default();
    let names: Vec<String> = found.lines().map(str::to_owned).collect();
    remove(setup, &names);
}
