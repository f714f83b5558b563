//! Where asynchronous work runs, while the command itself stays on one thread.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::aws::Aws;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::io::Io;

/// How often whoever shows progress is woken although nothing happened.
const TICK: Duration = Duration::from_millis(100);

/// How long what is still under way on other threads may take at the end.
const PARTING: Duration = Duration::from_secs(1);

/// Threads for asynchronous work, and what ends it early.
pub(crate) struct Threads {
    handle: Handle,
    /// There until the end.
    runtime: Option<Runtime>,
    interrupt: Interrupt,
}

/// Threads of somebody else, or none but these.
pub(crate) enum Held<'a> {
    Shared(&'a Threads),
    Own(Threads),
}

impl Deref for Held<'_> {
    type Target = Threads;

    fn deref(&self) -> &Threads {
        match self {
            Self::Shared(threads) => threads,
            Self::Own(threads) => threads,
        }
    }
}

impl Threads {
    pub(crate) fn start(interrupt: &Interrupt) -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("can't start threads: {error}")))?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime), interrupt: interrupt.clone() })
    }

    /// Those of a session with AWS, or new ones where AWS is not needed.
    pub(crate) fn of<'a>(aws: Option<&'a Aws>, io: &Io<'_>) -> Result<Held<'a>, Failure> {
        match aws {
            Some(aws) => Ok(Held::Shared(aws.threads())),
            None => Self::start(io.interrupt()).map(Held::Own),
        }
    }

    /// Waits for an answer, whatever happens meanwhile: for what has to be brought to an end, or stops by itself.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }

    /// Waits for an answer, or until somebody wants the process to end.
    pub(crate) fn wait_or_end<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        self.handle.block_on(self.or_interrupted(work))
    }

    /// The work, which fails as soon as somebody wants the process to end.
    pub(crate) async fn or_interrupted<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            result = work => result.map_err(Into::into),
            () = self.interrupt.sent() => Err(Failure::Interrupted(None)),
        }
    }

    /// Runs `work`, which sends events, and lets `show` see each event as it comes, and `None` every tenth of a second.
    pub(crate) fn follow<E, T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(UnboundedSender<E>) -> F,
        mut show: impl FnMut(Option<E>),
    ) -> T {
        let (sender, mut events) = unbounded_channel();
        let result = self.handle.block_on(async {
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
}

impl Drop for Threads {
    /// A name that is looked up, or a file that is read, is not waited for much longer than the command itself.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(PARTING);
        }
    }
}

/// What was sent right before the work ended.
fn drain<E>(events: &mut UnboundedReceiver<E>, mut show: impl FnMut(Option<E>)) {
    while let Ok(event) = events.try_recv() {
        show(Some(event));
    }
}
