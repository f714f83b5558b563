//! The image of a container.

use copilot_yaml::Node;

use crate::decode::{Context, Decode, Describe, Map, Shape, Spanned};
use crate::workload::{ContainerHealthCheck, codes};

crate::record! {
    /// Where an image comes from: a Dockerfile that is built, or a registry.
    pub struct BuildOrLocation {
        /// Path of a Dockerfile relative to the workspace's root, or the arguments of `docker build`. Excludes `location`.
        build: Build,
        /// Reference of an existing image, such as `nginx:1.27` or one in Amazon ECR. Excludes `build`.
        location: String,
    }
}

impl BuildOrLocation {
    /// What to build, unless it is an empty path, which counts for nothing.
    pub fn build(&self) -> Option<&Spanned<Build>> {
        self.build.as_ref().filter(|build| !build.is_unset())
    }
}

crate::record! {
    /// Arguments of `docker build`.
    pub struct BuildArgs {
        /// Directory that is sent to the builder, relative to the workspace's root. Default: the Dockerfile's directory.
        context: String,
        /// Path of the Dockerfile, relative to the workspace's root. Default: `Dockerfile` in `context`.
        dockerfile: String,
        /// Values of the Dockerfile's `ARG` instructions, by name.
        args: Map<String>,
        /// Stage of the Dockerfile to build. Default: the last one.
        target: String,
        /// Images whose layers the builder may reuse.
        cache_from: Vec<String>,
    }
}

crate::union! {
    /// How an image is built.
    pub enum Build {
        /// Path of the Dockerfile; its directory is the context.
        other Dockerfile(String),
        /// Arguments of `docker build`.
        mapping Args(BuildArgs),
    }
    expected "the path of a Dockerfile, or a mapping with some of the keys `context`, `dockerfile`, `args`, `target`, `cache_from`"
}

impl Build {
    /// Whether it is an empty path, which counts as no build at all.
    pub fn is_unset(&self) -> bool {
        matches!(self, Self::Dockerfile(path) if path.is_empty())
    }

    /// The Dockerfile as written, in either form.
    pub fn dockerfile(&self) -> Option<&str> {
        match self {
            Self::Dockerfile(path) => Some(path),
            Self::Args(args) => args.dockerfile.as_ref().map(|path| path.value.as_str()),
        }
    }

    /// The arguments, if there are more than a path.
    pub fn args(&self) -> Option<&BuildArgs> {
        match self {
            Self::Dockerfile(_) => None,
            Self::Args(args) => Some(args),
        }
    }
}

crate::record! {
    /// The image of the main container.
    pub struct Image {
        /// ARN of the secret that holds user name and password of a private registry.
        credentials: String,
        /// Docker labels of the container.
        labels: Map<String>,
        /// Containers that have to reach a state before this one starts: `start`, `complete`, `success` or `healthy`, by the
        /// container's name.
        depends_on: Map<String>,
    }
    flatten {
        /// Where it comes from.
        origin: BuildOrLocation,
    }
    after decode one_origin;
    after merge exclude_other_origin;
}

fn one_origin(image: &Image, _: &Node, cx: &mut Context<'_>) {
    if let (Some(build), Some(location)) = (image.origin.build(), &image.origin.location) {
        let problem =
            cx.error(&codes::IMAGE_ORIGIN, "`image` sets both `build` and `location`", location.span, "");
        let problem = problem.at(cx.source(), build.span, "the other is here");
        cx.report(problem.help("keep either `build` or `location`"));
    }
}

/// The origin that the override names is the only one.
fn exclude_other_origin(image: &mut Image, over: &Image) {
    if over.origin.build().is_some() {
        image.origin.location = None;
    }
    if over.origin.location.is_some() {
        image.origin.build = None;
    }
}

crate::record! {
    /// The image of the main container of a service that listens on a port.
    pub struct ServiceImage {
        /// Port on which the container listens, 1 to 65535.
        port: u16,
        /// Command inside the container that tells whether it is healthy.
        healthcheck: ContainerHealthCheck,
    }
    flatten {
        /// The image.
        image: Image,
    }
}

crate::record! {
    /// The image of the main container of a worker or a job.
    pub struct TaskImage {
        /// Command inside the container that tells whether it is healthy.
        healthcheck: ContainerHealthCheck,
    }
    flatten {
        /// The image.
        image: Image,
    }
}

crate::record! {
    /// The image that App Runner runs.
    pub struct AppRunnerImage {
        /// Port on which the container listens, 1 to 65535.
        port: u16,
    }
    flatten {
        /// The image.
        image: Image,
    }
}

/// Reference of an image in a registry. An empty one is accepted, and renders an empty image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference(pub String);

impl Decode for ImageReference {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        String::decode(node, cx).map(Self)
    }
}

impl Describe for ImageReference {
    fn shape() -> Shape {
        Shape::String
    }
}

impl crate::workload::value::ShortForm for ImageReference {
    const EXPECTED: &'static str = "an image, or a mapping with the key `build` or `location`";
    fn is_unset(&self) -> bool {
        false
    }
}

crate::merge_replaces!(ImageReference);
crate::never_blank!(ImageReference);
