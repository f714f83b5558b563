//! Waiting between attempts.

use std::time::Duration;

use crate::{Cancel, Error};

/// How often and how patiently a transient failure is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Attempts in all; at least one is made.
    pub attempts: u32,
    /// Pause after the first failure; it doubles from there.
    pub base: Duration,
    /// The longest pause.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { attempts: 5, base: Duration::from_millis(500), max: Duration::from_secs(20) }
    }
}

impl Backoff {
    /// The pause after the given failed attempt, counted from 1. `salt` spreads the retries of concurrent jobs by up
    /// to a quarter, without randomness.
    pub fn pause(&self, attempt: u32, salt: &str) -> Duration {
        let doubled = self.base.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1))).min(self.max);
        let spread = salt.bytes().fold(attempt, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b))) % 256;
        doubled.saturating_sub(doubled / 4 * spread / 255)
    }

    /// Waits after a failed attempt.
    pub(crate) async fn wait(&self, attempt: u32, salt: &str, cancel: &Cancel) -> Result<(), Error> {
        tokio::select! {
            () = cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(self.pause(attempt, salt)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff { attempts: 9, base: Duration::from_millis(100), max: Duration::from_secs(1) };
        for (attempt, whole) in [(1, 100), (2, 200), (3, 400), (5, 1000), (40, 1000)] {
            let pause = backoff.pause(attempt, "key").as_millis();
            assert!((whole * 3 / 4..=whole).contains(&pause), "{attempt}: {pause}");
        }
        assert_ne!(backoff.pause(1, "a"), backoff.pause(1, "b"));
    }
}
