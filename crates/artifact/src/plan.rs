//! What there should be: images in repositories, objects in buckets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;

use crate::content_type::content_type;
use crate::{BuildSpec, Error, Location};

/// Which container of which workload an image is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ImageId {
    /// Name of the service or job.
    pub workload: String,
    /// Name of the container; the main one is named as the workload.
    pub container: String,
    /// Name of the environment.
    pub environment: String,
}

impl std::fmt::Display for ImageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.workload == self.container {
            f.write_str(&self.workload)
        } else {
            write!(f, "{}/{}", self.workload, self.container)
        }
    }
}

/// An image that a workload needs in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRequest {
    /// Whom it is for.
    pub id: ImageId,
    /// How to make it.
    pub build: BuildSpec,
    /// URI of the repository, without a tag.
    pub repository: String,
    /// Tags that should point at it, in the order in which they are set.
    pub tags: Vec<String>,
}

/// The content of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A file, which is streamed.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its SHA-256 when it was planned: another content is refused.
        sha256: String,
        /// Its size in bytes when it was planned.
        size: u64,
    },
    /// A zip of a file or of a directory, made when it is needed.
    Zip {
        /// The workspace, out of which nothing in the zip leads.
        root: PathBuf,
        /// What is zipped.
        path: PathBuf,
    },
}

/// An object that should be in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRequest {
    /// Where it belongs. The key is made of a hash of the content, and what is there with that content is not written again.
    pub at: Location,
    /// Its content.
    pub body: Body,
    /// Its content type, empty if unknown.
    pub content_type: String,
    /// What it is, for people: `addons template of api`.
    pub what: String,
    /// Whether it is written as a whole even if it is large. Then its SHA-256 is the store's checksum, which can be compared
    /// without having the object; that of an object in parts can't.
    pub whole: bool,
}

impl ObjectRequest {
    /// An object whose content type follows from the extension of its key.
    pub fn new(at: Location, body: Body, what: impl Into<String>) -> Self {
        let content_type = content_type(at.key.as_ref());
        Self { at, body, content_type, what: what.into(), whole: false }
    }

    /// With the SHA-256 of its content as the store's checksum, however large it is. It is held in memory to be sent.
    #[must_use]
    pub fn as_a_whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The size in bytes, if it is known before the object is made.
    pub fn size(&self) -> Option<u64> {
        match &self.body {
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::File { size, .. } => Some(*size),
            Body::Zip { .. } => None,
        }
    }
}

/// A set of images and objects. Adding what is in it already changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    images: Vec<ImageRequest>,
    objects: BTreeMap<Location, ObjectRequest>,
}

impl Plan {
    /// An empty plan.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an image.
    pub fn image(&mut self, request: ImageRequest) -> &mut Self {
        if !self.images.contains(&request) {
            self.images.push(request);
        }
        self
    }

    /// Adds an object. Keys are made of hashes, so the first request for a place stands for all.
    pub fn object(&mut self, request: ObjectRequest) -> &mut Self {
        self.objects.entry(request.at.clone()).or_insert(request);
        self
    }

    /// Adds objects.
    pub fn objects_of(&mut self, requests: impl IntoIterator<Item = ObjectRequest>) -> &mut Self {
        requests.into_iter().for_each(|request| {
            self.object(request);
        });
        self
    }

    /// The images, as they were added.
    pub fn images(&self) -> &[ImageRequest] {
        &self.images
    }

    /// The objects, sorted by their place.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = &ObjectRequest> {
        self.objects.values()
    }

    /// True if there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty() && self.objects.is_empty()
    }

    /// Fails if an image can not be built on an engine for `engine_os` (`linux`), or if a Dockerfile or a context
    /// is missing: everything that can be known before anything is built.
    pub fn check(&self, engine_os: &str) -> Result<(), Error> {
        for request in &self.images {
            let image = request.id.to_string();
            if let Some(os) = request.build.os().filter(|os| *os != engine_os) {
                return Err(Error::PlatformUnsupported {
                    image,
                    platform: request.build.platform.clone().unwrap_or_else(|| os.to_owned()),
                    engine_os: engine_os.to_owned(),
                });
            }
            request.build.check_paths(&image)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str) -> ObjectRequest {
        let at = Location { region: "us-west-2".into(), bucket: "b".into(), key: key.into() };
        ObjectRequest::new(at, Body::Bytes(Bytes::from_static(b"x")), "test")
    }

    #[test]
    fn a_place_is_planned_once() {
        let mut plan = Plan::new();
        plan.objects_of([object("a.json"), object("a.json"), object("b")]);
        assert_eq!(plan.objects().len(), 2);
        assert_eq!(plan.objects().next().unwrap().content_type, "application/json");
    }

    #[test]
    fn a_windows_image_is_refused_before_anything_is_built() {
        let mut plan = Plan::new();
        plan.image(ImageRequest {
            id: ImageId { workload: "api".into(), container: "api".into(), environment: "test".into() },
            build: BuildSpec { platform: Some("windows/amd64".into()), ..BuildSpec::default() },
            repository: "r".into(),
            tags: vec![],
        });
        let error = plan.check("linux").unwrap_err();
        insta::assert_snapshot!(error, @"image `api` wants platform `windows/amd64`, but the engine builds for `linux`");
        assert!(error.help().unwrap().contains("CodePipeline builds on Linux"));
    }
}
