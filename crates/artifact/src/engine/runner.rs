//! Running a command of an engine: lines as they come, an end that leaves nothing behind.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use super::Call;
use crate::Error;

/// Lines kept of what a command wrote.
const KEPT_LINES: usize = 400;
/// Longest line in bytes; what is longer is cut in pieces.
const LONGEST_LINE: usize = 16 * 1024;
/// Time that a command has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// A command. Its arguments are visible to every user of the machine, so secrets go through `env` or `stdin`.
#[derive(Default)]
pub(crate) struct Invocation {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: Option<String>,
    /// Texts that are replaced in everything that the command writes.
    pub(crate) secrets: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    pub(crate) success: bool,
    /// The last lines of standard output.
    pub(crate) stdout: Vec<String>,
    /// The last lines of both streams, in the order in which they were read.
    pub(crate) lines: Vec<String>,
}

impl Finished {
    /// The last lines that are not blank, for a message. Docker's client writes empty JSON before the reason.
    pub(crate) fn reason(&self) -> String {
        let for_people = |line: &&str| !line.is_empty() && !line.starts_with('{');
        let said: Vec<_> = self.lines.iter().map(|line| line.trim()).filter(for_people).collect();
        match said.len() {
            0 => "it said nothing".to_owned(),
            n => said[n.saturating_sub(3)..].join("; "),
        }
    }
}

impl Invocation {
    pub(crate) fn program_name(&self) -> String {
        self.program.display().to_string()
    }

    /// Runs the command to its end. On cancellation its whole process group is asked to end, then made to.
    pub(crate) async fn run(&self, call: &Call) -> Result<Finished, Error> {
        if call.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let mut child = self.spawn()?;
        let (sender, mut lines) = mpsc::channel(256);
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(read_lines(stdout, true, sender.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(read_lines(stderr, false, sender));
        }
        self.feed(&mut child).await;
        let mut kept = Kept::default();
        let ended = tokio::select! {
            () = call.cancel.cancelled() => None,
            status = self.follow(&mut child, &mut lines, &mut kept, call) => Some(status),
        };
        let Some(status) = ended else {
            end(&mut child).await;
            return Err(Error::Cancelled);
        };
        let status = status.map_err(|source| Error::EngineRun { program: self.program_name(), source })?;
        Ok(Finished { success: status.success(), stdout: kept.stdout.into(), lines: kept.lines.into() })
    }

    fn spawn(&self) -> Result<Child, Error> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A group of its own: Ctrl-C on the terminal reaches us alone, and we end all of the group.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::EngineMissing { program: self.program_name() },
            _ => Error::EngineRun { program: self.program_name(), source },
        })
    }

    async fn feed(&self, child: &mut Child) {
        if let (Some(text), Some(mut stdin)) = (&self.stdin, child.stdin.take()) {
            // A command that ends without reading its input tells why in its output.
            let _ = stdin.write_all(text.as_bytes()).await;
            let _ = stdin.shutdown().await;
        }
    }

    async fn follow(
        &self,
        child: &mut Child,
        lines: &mut mpsc::Receiver<(bool, String)>,
        kept: &mut Kept,
        call: &Call,
    ) -> std::io::Result<std::process::ExitStatus> {
        let mut take = |(is_stdout, line): (bool, String)| {
            let line = self.secrets.iter().fold(line, |line, secret| {
                if secret.is_empty() { line } else { line.replace(secret.as_str(), "***") }
            });
            (call.lines)(&line);
            kept.push(is_stdout, line);
        };
        let status = loop {
            tokio::select! {
                Some(line) = lines.recv() => take(line),
                status = child.wait() => break status?,
            }
        };
        // What is still in the pipes; a grandchild that keeps them open does not hold us up.
        while let Ok(Some(line)) = tokio::time::timeout(Duration::from_secs(2), lines.recv()).await {
            take(line);
        }
        Ok(status)
    }
}

#[derive(Default)]
struct Kept {
    stdout: VecDeque<String>,
    lines: VecDeque<String>,
}

impl Kept {
    fn push(&mut self, is_stdout: bool, line: String) {
        if is_stdout {
            push_bounded(&mut self.stdout, line.clone());
        }
        push_bounded(&mut self.lines, line);
    }
}

fn push_bounded(lines: &mut VecDeque<String>, line: String) {
    if lines.len() == KEPT_LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// Splits a stream at line feeds and carriage returns (progress bars end their lines so).
async fn read_lines(
    mut stream: impl AsyncRead + Unpin,
    is_stdout: bool,
    sender: mpsc::Sender<(bool, String)>,
) {
    let mut buffer = vec![0; 8 * 1024];
    let mut line = Vec::new();
    while let Ok(n) = stream.read(&mut buffer).await {
        if n == 0 {
            break;
        }
        for &byte in &buffer[..n] {
            if matches!(byte, b'\n' | b'\r') || line.len() == LONGEST_LINE {
                if !line.is_empty() && sender.send((is_stdout, text(&line))).await.is_err() {
                    return;
                }
                line.clear();
            }
            if !matches!(byte, b'\n' | b'\r') {
                line.push(byte);
            }
        }
    }
    if !line.is_empty() {
        let _ = sender.send((is_stdout, text(&line))).await;
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

/// Ends a command with all of its children.
async fn end(child: &mut Child) {
    signal_group(child, false);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        signal_group(child, true);
        let _ = child.kill().await;
    }
}

#[cfg(unix)]
fn signal_group(child: &Child, force: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended a moment ago.
        let _ = kill_process_group(pid, if force { Signal::KILL } else { Signal::TERM });
    }
}

#[cfg(not(unix))]
fn signal_group(child: &mut Child, _: bool) {
    let _ = child.start_kill();
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::Cancel;

    fn shell(script: &str) -> Invocation {
        Invocation {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            ..Invocation::default()
        }
    }

    #[tokio::test]
    async fn lines_come_as_they_are_written_and_secrets_do_not() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let lines: super::super::LineSink = Arc::new(move |l: &str| sink.lock().unwrap().push(l.to_owned()));
        let mut command = shell("read x; echo \"got $x\"; printf 'a\\rb\\n'; echo oops >&2; exit 3");
        command.stdin = Some("hunter2\n".into());
        command.secrets = vec!["hunter2".into()];
        let finished = command.run(&Call { lines, cancel: Cancel::new() }).await.unwrap();
        assert!(!finished.success);
        assert_eq!(finished.stdout, ["got ***", "a", "b"]);
        let mut seen = seen.lock().unwrap().clone();
        seen.sort();
        assert_eq!(seen, ["a", "b", "got ***", "oops"]);
    }

    #[tokio::test]
    async fn only_the_last_lines_are_kept() {
        let finished = shell("seq 1 5000").run(&Call::quiet(Cancel::new())).await.unwrap();
        assert_eq!(finished.stdout.len(), KEPT_LINES);
        assert_eq!(finished.reason(), "4998; 4999; 5000");
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let command = Invocation { program: "/nowhere/docker".into(), ..Invocation::default() };
        let error = command.run(&Call::quiet(Cancel::new())).await.unwrap_err();
        insta::assert_snapshot!(error, @"`/nowhere/docker` was not found");
    }

    #[tokio::test]
    async fn cancelling_ends_children_too() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {0}.part; mv {0}.part {0}; wait", pid_file.display());
        let cancel = Cancel::new();
        let call = Call::quiet(cancel.clone());
        let task = tokio::spawn(async move { shell(&script).run(&call).await });
        while !pid_file.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        cancel.cancel();
        assert!(matches!(task.await.unwrap(), Err(Error::Cancelled)));
        let pid = std::fs::read_to_string(&pid_file).unwrap();
        let gone = || {
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).map_or(true, |s| s.contains(") Z "))
        };
        for _ in 0..100 {
            if gone() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("process {pid} is still there");
    }
}
