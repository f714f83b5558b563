//! Programs that we start and wait for: when somebody wants an end, they end too, with all that they have started.

use std::io;
use std::process::{Child, Command};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often it is looked whether they are to end.
const PAUSE: Duration = Duration::from_millis(50);
/// Time that a program has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Starts a program in a group of its own: Ctrl-C on the terminal reaches us alone, and we end all of the group.
///
/// # Errors
/// When it can't be started.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.spawn()
}

/// A program that somebody waits for.
#[derive(Debug)]
pub struct Running {
    id: u32,
    ended: Mutex<bool>,
    changed: Condvar,
}

impl Running {
    /// A program that [`spawn`] has started.
    pub fn new(child: &Child) -> Self {
        Self { id: child.id(), ended: Mutex::new(false), changed: Condvar::new() }
    }

    /// Says that the program has ended as soon as what this returns is dropped.
    pub fn until_dropped(&self) -> Ended<'_> {
        Ended(self)
    }

    /// Waits for the end of the program. Once `wanted` says that somebody wants an end, it is asked to end, and made to.
    pub fn end_when(&self, wanted: &(dyn Fn() -> bool + Sync)) {
        let mut asked = None;
        let mut ended = self.ended();
        while !*ended {
            match asked {
                None if wanted() => {
                    self.signal(false);
                    asked = Some(Instant::now());
                }
                Some(when) if Instant::now().duration_since(when) >= GRACE => return self.signal(true),
                _ => {}
            }
            ended = self.changed.wait_timeout(ended, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn ended(&self) -> MutexGuard<'_, bool> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
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
pub struct Ended<'a>(&'a Running);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        *self.0.ended() = true;
        self.0.changed.notify_all();
    }
}
