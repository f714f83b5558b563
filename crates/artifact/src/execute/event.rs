//! Progress, for whoever draws it.

use std::time::Duration;

use super::Observer;

/// Something that happened. `image` is a label that stays the same from `ImageQueued` on; `object` is a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The content of an image was hashed; `environments` need it.
    ImageQueued {
        /// `api`, or `api/nginx` for a sidecar; with environments in brackets where they differ.
        image: String,
        /// The environments that the image is for.
        environments: Vec<String>,
        /// Hash of everything that goes into it.
        identity: String,
    },
    /// A line of a build.
    Building {
        /// The image.
        image: String,
        /// The line, as the engine wrote it.
        line: String,
    },
    /// An image was built.
    Built {
        /// The image.
        image: String,
        /// How long it took.
        took: Duration,
    },
    /// A push has started.
    Pushing {
        /// The image.
        image: String,
        /// The reference.
        reference: String,
    },
    /// An image is in a repository.
    Pushed {
        /// The image.
        image: String,
        /// The reference.
        reference: String,
        /// Digest of the manifest.
        digest: String,
        /// How long it took.
        took: Duration,
    },
    /// An image did not have to be built or pushed.
    Reused {
        /// The image.
        image: String,
        /// Where it was found.
        reference: String,
        /// Why it is the same.
        why: String,
    },
    /// An object is being sent.
    Uploading {
        /// Its key.
        object: String,
        /// What it is.
        what: String,
    },
    /// An object that is there is sent again.
    Replacing {
        /// Its key.
        object: String,
        /// What it is.
        what: String,
        /// What is wrong with the one that is there.
        why: String,
    },
    /// An object was sent.
    Uploaded {
        /// Its key.
        object: String,
        /// What it is.
        what: String,
        /// Its size.
        bytes: u64,
        /// How long it took.
        took: Duration,
    },
    /// Nothing had to be, or was to be, done.
    Skipped {
        /// The key of an object or the label of an image.
        what: String,
        /// Why.
        why: String,
    },
    /// A failure that may pass; it is tried again.
    Retrying {
        /// The key of an object or the reference of an image.
        what: String,
        /// The failure.
        error: String,
    },
    /// Something that the user should know and that stops nothing.
    Warning {
        /// What.
        text: String,
    },
    /// An image or an object failed; the rest of the run is stopped.
    Failed {
        /// The key of an object or the label of an image.
        what: String,
        /// The failure.
        error: String,
    },
}

/// Sends events to whoever listens, if anyone.
#[derive(Clone, Default)]
pub(super) struct Events(pub(super) Option<Observer>);

impl Events {
    pub(super) fn send(&self, event: Event) {
        if let Some(observer) = &self.0 {
            observer(event);
        }
    }
}
