//! What a run did: the same struct for people and machines.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ImageId, Location};

/// What a run did, and what it did not come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// One entry for each image of the plan, in its order.
    pub images: Vec<ImageReport>,
    /// One entry for each object of the plan, in its order.
    pub objects: Vec<ObjectReport>,
    /// How often the outside was asked.
    pub counts: Counts,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Duration of the run in milliseconds.
    pub elapsed_ms: u64,
}

/// How often the outside was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Builds by the engine.
    pub builds: u64,
    /// Images fetched from one repository for another.
    pub pulls: u64,
    /// Pushes by the engine.
    pub pushes: u64,
    /// Log-ins to registries.
    pub logins: u64,
    /// Tags set in a registry without a push.
    pub tags: u64,
    /// Objects sent.
    pub uploads: u64,
}

/// What became of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageReport {
    /// Whom it is for.
    pub id: ImageId,
    /// URI of the repository.
    pub repository: String,
    /// Tags that were asked for.
    pub tags: Vec<String>,
    /// Hash of what goes into it, once known.
    pub identity: Option<String>,
    /// Digest of its manifest (`sha256:…`), where it was published.
    pub digest: Option<String>,
    /// Id in the local engine, where it stayed there.
    pub image_id: Option<String>,
    /// What was done.
    pub outcome: ImageOutcome,
    /// Why it was built or not.
    pub why: String,
    /// Duration of the build in milliseconds; images with the same identity share one build.
    pub build_ms: u64,
    /// Duration of the push in milliseconds.
    pub push_ms: u64,
}

/// What was done for an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImageOutcome {
    /// Built in this run.
    Built,
    /// Fetched from another repository that had it.
    Copied,
    /// Found where it should be.
    Reused,
    /// It would be built or copied, but the run only looked.
    Planned,
    /// Left alone, since there is nowhere to publish to.
    Skipped,
    /// It failed.
    Failed,
    /// The run ended before.
    #[default]
    NotDone,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectReport {
    /// Where it belongs.
    pub at: Location,
    /// What it is.
    pub what: String,
    /// Its size, once known.
    pub bytes: Option<u64>,
    /// What was done.
    pub outcome: ObjectOutcome,
    /// Why it was sent although an object was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Duration in milliseconds.
    pub elapsed_ms: u64,
}

/// What was done for an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ObjectOutcome {
    /// Sent.
    Uploaded,
    /// There already.
    Present,
    /// It would be sent, but the run only looked.
    Planned,
    /// Left alone, since there is nowhere to send it to.
    Skipped,
    /// It failed.
    Failed,
    /// The run ended before.
    #[default]
    NotDone,
}

impl Report {
    /// The image of a container in an environment.
    pub fn image(&self, workload: &str, container: &str, environment: &str) -> Option<&ImageReport> {
        self.images.iter().find(|image| {
            image.id.workload == workload
                && image.id.container == container
                && image.id.environment == environment
        })
    }

    /// Number of objects that were sent.
    pub fn uploads(&self) -> u64 {
        self.counts.uploads
    }
}

impl ImageReport {
    /// What a template refers to: `repository@sha256:…`. Without a digest, by its last tag.
    pub fn reference(&self) -> String {
        match (&self.digest, self.tags.last()) {
            (Some(digest), _) => format!("{}@{digest}", self.repository),
            (None, Some(tag)) => format!("{}:{tag}", self.repository),
            (None, None) => self.repository.clone(),
        }
    }
}

/// Milliseconds, as reports count.
pub(super) fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
