//! Being asked to end: by Ctrl-C, or by the signal that init systems and CI send.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use copilot_engine::Cancel;

use crate::exit::INTERRUPTED;

/// One request to end, which everything that takes long looks at: calls of AWS, builds, hashing, rendering, child processes.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    cancel: Cancel,
    /// The exit code that says why; 0 until somebody asks.
    code: Arc<AtomicU8>,
}

impl Interrupt {
    /// Nobody asks for an end until [`Interrupt::send`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for an end with this exit code. Returns whether it is the first time; the first code stays.
    pub fn send(&self, code: u8) -> bool {
        let first = self.code.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        self.cancel.cancel();
        first
    }

    /// The exit code of a command that was ended: that of Ctrl-C, unless something else asked.
    pub(crate) fn code(&self) -> u8 {
        match self.code.load(Ordering::SeqCst) {
            0 => INTERRUPTED,
            code => code,
        }
    }

    /// What work is given to watch. What stops itself by it doesn't stop others.
    pub(crate) fn cancel(&self) -> Cancel {
        self.cancel.child()
    }

    /// Whether an end was asked for.
    pub(crate) fn is_sent(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Waits until an end is asked for.
    pub(crate) async fn sent(&self) {
        self.cancel.cancelled().await;
    }

    /// Listens to the process's signals from now on. The second ends the process by `end`: something may hang.
    ///
    /// # Errors
    /// When there can be no thread for it.
    pub fn listen(&self, end: fn(u8)) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let interrupt = self.clone();
        let listen = move || {
            runtime.block_on(signals(|code| {
                if !interrupt.send(code) {
                    end(code);
                }
            }));
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map(drop)
    }
}

/// Hands the exit code that belongs to each signal to `hear`, for as long as the process lives.
#[cfg(unix)]
async fn signals(hear: impl Fn(u8)) {
    use tokio::signal::unix::{SignalKind, signal};

    use crate::exit::TERMINATED;
    let both = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = both else { return };
    loop {
        hear(tokio::select! {
            _ = interrupt.recv() => INTERRUPTED,
            _ = terminate.recv() => TERMINATED,
        });
    }
}

/// Hands the exit code that belongs to Ctrl-C to `hear`, for as long as the process lives.
#[cfg(not(unix))]
async fn signals(hear: impl Fn(u8)) {
    while tokio::signal::ctrl_c().await.is_ok() {
        hear(INTERRUPTED);
    }
}

#[cfg(test)]
mod tests {
    use super::Interrupt;

    #[test]
    fn the_first_request_counts() {
        let interrupt = Interrupt::new();
        assert!(!interrupt.is_sent());
        assert_eq!(interrupt.code(), 130, "what nobody asked for by a signal was Ctrl-C");
        assert!(interrupt.send(143));
        assert!(!interrupt.send(130));
        assert_eq!(interrupt.code(), 143);
        assert!(interrupt.is_sent() && interrupt.cancel().is_cancelled());
    }

    #[test]
    fn what_stops_itself_stops_nothing_else() {
        let interrupt = Interrupt::new();
        interrupt.cancel().cancel();
        assert!(!interrupt.is_sent());
    }
}
