//! A process of Node.js that runs one function.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use camino::Utf8Path;
use serde_json::Value as Json;

use crate::core::input::Input;

const RUNNER: &str = include_str!("runner.js");
/// How long a process may take for a step. It has little to do in one, but the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// The version of Node.js.
    pub(super) version: String,
}

/// What a process says.
pub(super) enum Message {
    /// Nothing goes on before time passes.
    Idle,
    /// A line for the log.
    Log(String),
    /// Service, operation and input of a call to AWS.
    Call(Json),
    /// What CloudFormation gets.
    Answer(String),
    /// Nothing is to be expected any more.
    Failed(String),
}

impl Process {
    /// Starts one. It sees nothing of the environment of this process, which may have keys of a real AWS.
    pub(super) fn start(program: &Utf8Path) -> Result<Self, String> {
        let refused = |why: &str| format!("{program} can't run it: {why}");
        let mut child = Command::new(program)
            .args(["--no-warnings", "-e", RUNNER])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| refused(&error.to_string()))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines() {
                    if line.is_ok_and(|line| sender.send(line).is_err()) {
                        return;
                    }
                }
            });
        }
        let mut process = Self { input: child.stdin.take(), child, lines, version: String::new() };
        let ready = process.receive().ok_or_else(|| refused("it ends at once"))?;
        ready.text("ready").ok_or_else(|| refused("it is no Node.js"))?.clone_into(&mut process.version);
        Ok(process)
    }

    /// Tells it something. One that has ended is found out about when it is listened to.
    pub(super) fn send(&mut self, message: &Json) {
        if let Some(input) = &mut self.input {
            let _ = writeln!(input, "{message}").and_then(|()| input.flush());
        }
    }

    fn receive(&self) -> Option<Json> {
        let line = self.lines.recv_timeout(PATIENCE).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// The next thing that it says.
    pub(super) fn next(&mut self) -> Message {
        let Some(message) = self.receive() else {
            return Message::Failed("Node.js ended, or said nothing for half a minute".into());
        };
        let text = |key: &str| message.text(key).map(str::to_owned);
        if let Some(line) = text("log") {
            Message::Log(line)
        } else if let Some(answer) = text("answer") {
            Message::Answer(answer)
        } else if let Some(reason) = text("failed") {
            Message::Failed(reason)
        } else if message.has("call") {
            Message::Call(message)
        } else {
            Message::Idle
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
