//! How long to wait, and how often to look.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// How often to ask, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Time between two questions.
    pub interval: Duration,
    /// Time after which waiting ends.
    pub limit: Duration,
}

impl Patience {
    /// What Copilot grants a stack: 90 minutes. We look every three seconds.
    pub const STACK: Self = Self { interval: Duration::from_secs(3), limit: Duration::from_mins(90) };
    /// What Copilot grants a person to complete a connection: 45 minutes.
    pub const CONNECTION: Self = Self { interval: Duration::from_secs(5), limit: Duration::from_mins(45) };

    pub(crate) fn deadline(self) -> Instant {
        Instant::now() + self.limit
    }

    /// Sleeps until the next question, or says that time is up.
    pub(crate) async fn pause(self, deadline: Instant, what: &str) -> Result<(), Error> {
        if Instant::now() + self.interval > deadline {
            return Err(Error::TimedOut { what: what.to_owned(), minutes: self.limit.as_secs() / 60 });
        }
        tokio::time::sleep(self.interval).await;
        Ok(())
    }
}
