//! The command line as the host of a run: the run is on a thread of its own, and what it tells is shown on this one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use copilot_engine::{Cancel, Event, Host};

use crate::io::Io;
use crate::view::View;

/// How often whoever shows progress is woken although nothing happened.
const TICK: Duration = Duration::from_millis(100);

/// Hands events to the thread that shows them.
struct Relay {
    events: Sender<Event>,
    cancel: Cancel,
    clock: fn() -> SystemTime,
}

impl Host for Relay {
    fn event(&self, event: Event) {
        // Nobody listens any more only where the process ends anyway.
        let _ = self.events.send(event);
    }

    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn now(&self) -> SystemTime {
        (self.clock)()
    }

    fn run_id(&self) -> String {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let time = self.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        format!("{time:x}-{:x}-{:x}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed))
    }
}

/// Does some work, and shows what it tells as it comes.
pub(crate) fn engage<T: Send>(
    mut view: View,
    io: &mut Io<'_>,
    work: impl FnOnce(&dyn Host) -> T + Send,
) -> T {
    let (events, heard) = channel();
    let relay = Relay { events, cancel: io.interrupt().cancel(), clock: io.clock() };
    let result = std::thread::scope(|scope| {
        // The relay goes with the work, so that the channel ends with it.
        let worker = scope.spawn(move || work(&relay));
        loop {
            match heard.recv_timeout(TICK) {
                Ok(event) => view.show(Some(event.what), io),
                Err(RecvTimeoutError::Timeout) => view.show(None, io),
                Err(RecvTimeoutError::Disconnected) => break worker.join(),
            }
        }
    });
    view.end(io);
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
