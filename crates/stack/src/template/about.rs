//! What a resource is for, in a few words. Copilot shows them while it deploys a stack.

use copilot_cfn::{Resource, Str};

/// The key in a resource's `Metadata`, by which Copilot knows which resources to show.
const KEY: &str = "aws:copilot:description";

/// Says what a resource is for.
pub(crate) trait About {
    /// Puts a phrase into the resource's metadata. CloudFormation does nothing with it.
    #[must_use]
    fn about(self, phrase: impl Into<Str>) -> Self;
}

impl About for Resource {
    fn about(self, phrase: impl Into<Str>) -> Self {
        self.metadata(KEY, phrase.into())
    }
}
