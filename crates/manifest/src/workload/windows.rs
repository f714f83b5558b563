//! Images for Windows, which the builds of a pipeline can't build.

use copilot_yaml::{Diagnostic, Source};

use super::{WorkloadConfig, codes};
use crate::decode::Map;

impl WorkloadConfig {
    /// A warning if an image would have to be built for Windows. `source` is the manifest.
    pub(super) fn windows_image(&self, source: &Source) -> Option<Diagnostic> {
        let shared = self.ecs()?;
        let platform = shared.task.platform.as_ref().filter(|_| shared.task.is_windows())?;
        let main = self.image().filter(|image| image.origin.location.is_none());
        let main = main.is_some_and(|image| image.origin.build().is_some());
        let mut sidecars = shared.sidecars.into_iter().flat_map(Map::iter);
        if !main && !sidecars.any(|(_, sidecar)| sidecar.build().is_some()) {
            return None;
        }
        let message = "a pipeline can't build images for Windows";
        let diagnostic =
            Diagnostic::warning(&codes::WINDOWS_IMAGE, message).at(source, platform.span, "this platform");
        let help = "build and push the image elsewhere, and name it with `image.location`";
        Some(diagnostic.help(help).path("platform"))
    }
}
