//! One log-in for each registry, and another one when its token expires.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::{Call, Engine};
use crate::{Backoff, Error, Registry};

/// Log-ins so far, by host. One at a time: engines keep credentials in one file.
#[derive(Default)]
pub(super) struct Logins {
    done: tokio::sync::Mutex<HashMap<String, u64>>,
    count: AtomicU64,
}

impl Logins {
    /// Logs in to `host` unless that happened after the log-in number `seen` (0 for none). Returns the number of the
    /// log-in that counts now.
    pub(super) async fn ensure(
        &self,
        host: &str,
        seen: u64,
        (engine, registry): (&dyn Engine, &dyn Registry),
        backoff: Backoff,
        call: &Call,
    ) -> Result<u64, Error> {
        let mut done = self.done.lock().await;
        let number = done.get(host).copied().unwrap_or_default();
        if number > seen {
            return Ok(number);
        }
        if !engine.logs_in_by_itself(host) {
            let mut attempt = 1;
            while let Err(error) = self.login(host, engine, registry, call).await {
                if !error.is_transient() || attempt >= backoff.attempts {
                    return Err(error);
                }
                backoff.wait(attempt, host, &call.cancel).await?;
                attempt += 1;
            }
        }
        done.insert(host.to_owned(), number + 1);
        Ok(number + 1)
    }

    async fn login(
        &self,
        host: &str,
        engine: &dyn Engine,
        registry: &dyn Registry,
        call: &Call,
    ) -> Result<(), Error> {
        if let Some(credentials) = registry.credentials(host).await? {
            self.count.fetch_add(1, Ordering::Relaxed);
            engine.login(host, &credentials, call).await?;
        }
        Ok(())
    }

    /// Log-ins tried.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}
