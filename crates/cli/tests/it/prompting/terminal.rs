//! A terminal that a test types on and looks at.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};

use super::screen::Screen;
use crate::support::command;

const COLUMNS: u16 = 100;
const ROWS: u16 = 40;
/// How long anything may take to be seen.
const SOON: Duration = Duration::from_secs(30);

/// The program on a pseudo terminal.
pub(super) struct Terminal {
    keyboard: File,
    screen: Arc<Mutex<Screen>>,
    reader: JoinHandle<()>,
    child: Child,
    /// Kept open, so that its settings can be compared at the end.
    device: OwnedFd,
    settings: Termios,
}

impl Terminal {
    /// Starts the program in a folder, as a person does who has no files of AWS.
    pub(super) fn start(folder: &Utf8Path, arguments: &[&str]) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).unwrap();
        let settings = tcgetattr(&pair.slave).unwrap();
        let stream = || Stdio::from(pair.slave.try_clone().unwrap());
        let mut command = command(folder, arguments, &[]);
        command.stdin(stream()).stdout(stream()).stderr(stream());
        command.env_remove("CI").envs([("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")]);
        command.env("HOME", folder.join("nobody")).env_remove("AWS_PROFILE").env_remove("AWS_REGION");
        let child = command.spawn().unwrap();
        let screen = Arc::new(Mutex::new(Screen::new(COLUMNS.into())));
        let (mut output, seen) = (File::from(pair.master.try_clone().unwrap()), Arc::clone(&screen));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux says that it is an error when nobody has the terminal open any more.
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                seen.lock().unwrap().write(&bytes[..count]);
            }
        });
        Self { keyboard: pair.master.into(), screen, reader, child, device: pair.slave, settings }
    }

    /// Types, once this is to be seen.
    pub(super) fn answer(&mut self, seen: &str, keys: &str) {
        let started = Instant::now();
        while !self.shown().contains(seen) {
            assert!(started.elapsed() < SOON, "never seen: {seen}\n{}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    fn shown(&self) -> String {
        self.screen.lock().unwrap().text()
    }

    /// Waits for the end: what is on the screen then, and how it ended. The terminal has to be as it was.
    pub(super) fn end(mut self) -> (String, ExitStatus) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(started.elapsed() < SOON, "it goes on\n{}", self.shown());
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(tcgetattr(&self.device).unwrap() == self.settings, "lines and echo are as before");
        drop(self.device);
        self.reader.join().unwrap();
        let text = self.screen.lock().unwrap().text();
        (text, status)
    }
}
