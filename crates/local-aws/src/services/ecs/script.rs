//! What a test lets tasks do.

use serde::{Deserialize, Serialize};

use super::definitions::family;

/// What tasks do instead of running for ever and being well. The first script that fits a task decides.
///
/// It also stands in for containers of an engine: a task with a script is not run for real.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskScript {
    /// Only for tasks of this family, or of this revision of it (`FAMILY:REVISION`).
    pub family: Option<String>,
    /// Only for tasks with a container whose image has this in its name, tag or digest.
    pub image: Option<String>,
    /// The container that the rest is about; the first essential one without a name.
    pub container: Option<String>,
    /// Lines of that container's log, written when it runs.
    pub lines: Vec<String>,
    /// The code with which it exits. Without one, it runs on.
    pub exit_code: Option<i64>,
    /// Steps that it runs before it exits.
    pub after: u32,
    /// Why the task can't be started at all, such as `CannotPullContainerError: …`.
    pub cannot_start: Option<String>,
    /// Why the container ended, such as `OutOfMemoryError: Container killed due to memory usage`.
    pub reason: Option<String>,
    /// Whether its health check fails.
    pub unhealthy: bool,
    /// Whether the load balancer's check fails.
    pub unhealthy_target: bool,
    /// For how many tasks; for all without a number.
    pub times: Option<u32>,
}

impl TaskScript {
    /// Whether this is for a task of a definition (its ARN) with these images.
    pub(super) fn fits<'a>(&self, definition: &str, mut images: impl Iterator<Item = &'a str>) -> bool {
        let revision = definition.rsplit('/').next().unwrap_or(definition);
        let fits = |wanted: &str| wanted == revision || wanted == family(definition);
        self.times != Some(0)
            && self.family.as_deref().is_none_or(fits)
            && self.image.as_deref().is_none_or(|part| images.any(|image| image.contains(part)))
    }
}
