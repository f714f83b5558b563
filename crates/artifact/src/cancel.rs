//! Being stopped.

use tokio_util::sync::CancellationToken;

/// Stops a run: cancel it from a Ctrl-C handler and await the run, which cleans up and ends in
/// [`Error::Cancelled`](crate::Error::Cancelled). Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct Cancel(CancellationToken);

impl Cancel {
    /// Nobody wants an end yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for an end.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether an end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until an end is asked for.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }

    /// What ends with this one, and can be ended alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}
