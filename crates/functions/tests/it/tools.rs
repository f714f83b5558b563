//! Programs that the tests use where they are installed.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Command, Output};

/// The folder of the JavaScript sources.
pub(crate) fn js() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("js")
}

/// What the program printed; nothing, after saying so aloud, where it is not installed.
pub(crate) fn run(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let program = command.get_program().display();
            say(&format!("NOT RUN: {program} is not installed, so what it would have checked is unchecked"));
            None
        }
        Err(error) => panic!("{}: {error}", command.get_program().display()),
    }
}

/// Writes a line past the harness, which keeps what a passing test prints to itself.
pub(crate) fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Panics with what the program printed unless it succeeded.
pub(crate) fn assert_success(what: &str, output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}:\n{}{}", text(&output.stdout), text(&output.stderr));
}
