//! Where asynchronous work runs, while the command itself stays on one thread.

use std::future::Future;
use std::time::Duration;

use copilot_artifact::Cancel;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::failure::Failure;

/// How often whoever shows progress is woken although nothing happened.
const TICK: Duration = Duration::from_millis(100);

/// Threads for asynchronous work.
pub(crate) struct Threads(Runtime);

impl Threads {
    pub(crate) fn start() -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().enable_all().build();
        runtime.map(Self).map_err(|error| Failure::new(format!("can't start threads: {error}")))
    }

    /// Waits for an answer.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }

    /// Runs `work`, which sends events, and lets `show` see each event as it comes, and `None` every tenth of a second.
    pub(crate) fn follow<E, T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(UnboundedSender<E>) -> F,
        mut show: impl FnMut(Option<E>),
    ) -> T {
        let (sender, mut events) = unbounded_channel();
        let result = self.0.block_on(async {
            let work = work(sender);
            tokio::pin!(work);
            let mut ticks = tokio::time::interval(TICK);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    biased;
                    Some(event) = events.recv() => show(Some(event)),
                    result = &mut work => break result,
                    _ = ticks.tick() => show(None),
                }
            }
        });
        drain(&mut events, show);
        result
    }

    /// From now on, Ctrl-C and a request to terminate cancel instead of ending the process at once.
    pub(crate) fn cancel_on_interrupt(&self, cancel: Cancel) {
        self.0.spawn(async move {
            interrupted().await;
            cancel.cancel();
        });
    }
}

/// Waits until somebody wants the process to end.
#[cfg(unix)]
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits until somebody wants the process to end.
#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// What was sent right before the work ended.
fn drain<E>(events: &mut UnboundedReceiver<E>, mut show: impl FnMut(Option<E>)) {
    while let Ok(event) = events.try_recv() {
        show(Some(event));
    }
}
