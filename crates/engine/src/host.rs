//! What a run needs of the program around it: somebody who hears of events, a clock, and a way to be stopped.

use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use copilot_artifact::Cancel;
use copilot_yaml::Diagnostics;

use crate::error::Error;
use crate::event::{Event, Happening, Notice};

/// The program that a run is a part of.
///
/// A run prints nothing, asks nobody and looks at no clock of its own: it does all of that here. [`Quiet`] is enough for a
/// program that shows no progress.
pub trait Host: Sync {
    /// Something happened. Called from whichever thread the run is on; it should return soon.
    fn event(&self, event: Event);

    /// What stops the run.
    fn cancel(&self) -> &Cancel;

    /// The time.
    fn now(&self) -> SystemTime;

    /// A text that no other run has, of letters, digits and `-`: change sets are named with it.
    fn run_id(&self) -> String;
}

impl dyn Host + '_ {
    /// Tells of something, with the time.
    pub(crate) fn tell(&self, what: Happening) {
        self.event(Event { at: self.now(), what });
    }

    /// Tells of something that nothing depends on.
    pub fn notice(&self, notice: Notice) {
        self.tell(Happening::Notice(notice));
    }

    /// Tells of what is wrong with files without keeping the run from going on.
    pub(crate) fn findings(&self, found: Diagnostics) {
        if !found.is_empty() {
            self.tell(Happening::Findings(found));
        }
    }

    /// An error once the run is to stop: for loops between two steps.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.cancel().is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The work, which fails as soon as the run is to stop. It is boxed, since futures of the AWS SDK take tens of kilobytes.
    pub(crate) fn or_cancelled<'a, T: 'a, E: Into<Error> + 'a>(
        &'a self,
        work: impl Future<Output = Result<T, E>> + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>> {
        Box::pin(async move {
            tokio::select! {
                result = work => result.map_err(Into::into),
                () = self.cancel().cancelled() => Err(Error::Cancelled),
            }
        })
    }
}

/// A host that hears nothing and is never stopped.
#[derive(Debug, Clone)]
pub struct Quiet {
    cancel: Cancel,
    clock: fn() -> SystemTime,
    run_id: String,
}

impl Quiet {
    /// With a clock, and a text that no other run has.
    pub fn new(clock: fn() -> SystemTime, run_id: impl Into<String>) -> Self {
        Self { cancel: Cancel::new(), clock, run_id: run_id.into() }
    }
}

impl Host for Quiet {
    fn event(&self, _: Event) {}

    fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    fn now(&self) -> SystemTime {
        (self.clock)()
    }

    fn run_id(&self) -> String {
        self.run_id.clone()
    }
}
