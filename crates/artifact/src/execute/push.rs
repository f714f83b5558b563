//! Pushing and tagging, with patience.

use std::sync::atomic::Ordering;

use super::Event;
use super::group::{Group, Target};
use super::images::Publisher;
use crate::engine::Call;
use crate::{Engine, Error, Registry, registry_host};

impl Publisher {
    /// Pushes until it succeeds, fails for good, or was tried often enough. A token that expired is renewed once.
    pub(super) async fn push(
        &self,
        group: &Group,
        reference: &str,
        engine: &dyn Engine,
        registry: &dyn Registry,
        call: &Call,
    ) -> Result<String, Error> {
        let host = registry_host(reference);
        let backoff = self.options.backoff;
        let mut login = self.logins.ensure(host, 0, (engine, registry), backoff, call).await?;
        let (mut attempt, mut renewed) = (1, false);
        loop {
            self.events.send(Event::Pushing { image: group.label.clone(), reference: reference.to_owned() });
            self.counts.pushes.fetch_add(1, Ordering::Relaxed);
            let error = match engine.push(reference, call).await {
                Ok(Some(digest)) => return Ok(digest),
                Ok(None) => return self.ask_digest(reference, registry).await,
                Err(error) => error,
            };
            match error {
                Error::TokenExpired { .. } if !renewed => {
                    renewed = true;
                    self.retrying(reference, &error);
                    login = self.logins.ensure(host, login, (engine, registry), backoff, call).await?;
                }
                error if error.is_transient() && attempt < backoff.attempts => {
                    self.retrying(reference, &error);
                    backoff.wait(attempt, reference, &self.stop).await?;
                    attempt += 1;
                }
                Error::Registry { action, reference, reason, .. } => {
                    return Err(Error::Registry { action, reference, attempts: attempt, reason });
                }
                error => return Err(error),
            }
        }
    }

    /// Podman and finch do not always tell the digest of what they pushed.
    async fn ask_digest(&self, reference: &str, registry: &dyn Registry) -> Result<String, Error> {
        let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, "latest"));
        let found = self.retry(reference, || registry.find(repository, tag)).await?;
        let lost = || Error::Registry {
            action: "finding",
            reference: reference.to_owned(),
            attempts: 1,
            reason: "the registry does not have what was just pushed".to_owned(),
        };
        Ok(found.ok_or_else(lost)?.digest)
    }

    pub(super) async fn set_tags(
        &self,
        target: &Target,
        digest: &str,
        present: &[String],
        registry: &dyn Registry,
    ) -> Result<(), Error> {
        for tag in target.tags.iter().filter(|tag| !present.contains(tag)) {
            let reference = format!("{}:{tag}", target.repository);
            self.counts.tags.fetch_add(1, Ordering::Relaxed);
            match self.retry(&reference, || registry.tag(&target.repository, digest, tag)).await {
                // Templates refer to the digest, so the tag is a convenience.
                Err(error @ Error::TagImmutable { .. }) => {
                    self.warnings.push(error.to_string(), &self.events);
                }
                result => result?,
            }
        }
        Ok(())
    }
}
