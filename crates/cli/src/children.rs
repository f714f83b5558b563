//! Programs that we start and wait for: when somebody wants an end, they end too, with all that they have started.

use std::io;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::interrupt::Interrupt;

/// How often it is looked whether they are to end.
const PAUSE: Duration = Duration::from_millis(50);
/// Time that a program has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Starts a program in a group of its own: Ctrl-C on the terminal reaches us alone, and we end all of the group.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.spawn()
}

/// A program that somebody waits for.
#[derive(Debug)]
pub(crate) struct Running {
    id: u32,
    ended: AtomicBool,
}

impl Running {
    pub(crate) fn new(child: &Child) -> Self {
        Self { id: child.id(), ended: AtomicBool::new(false) }
    }

    /// Says that the program has ended as soon as what this returns is dropped.
    pub(crate) fn until_dropped(&self) -> Ended<'_> {
        Ended(&self.ended)
    }

    /// Waits for the end of the program. If somebody wants an end meanwhile, it is asked to, and made to.
    pub(crate) fn end_with(&self, interrupt: &Interrupt) {
        let mut asked = None;
        while !self.ended.load(Ordering::SeqCst) {
            match asked {
                None if interrupt.is_sent() => {
                    self.signal(false);
                    asked = Some(Instant::now());
                }
                Some(when) if when.elapsed() >= GRACE => return self.signal(true),
                _ => std::thread::sleep(PAUSE),
            }
        }
    }

    #[cfg(unix)]
    fn signal(&self, force: bool) {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = i32::try_from(self.id).ok().and_then(Pid::from_raw) {
            // It may have ended a moment ago.
            let _ = kill_process_group(group, if force { Signal::KILL } else { Signal::TERM });
        }
    }

    /// There, Ctrl-C reaches every program of the console.
    #[cfg(not(unix))]
    fn signal(&self, _: bool) {}
}

/// See [`Running::until_dropped`].
#[derive(Debug)]
pub(crate) struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
