//! Containers beside the main one.

use crate::decode::{Map, Spanned};
use crate::workload::value::{Either, Secret, Variable};
use crate::workload::{BuildOrLocation, CommandOverride, ContainerHealthCheck, ImageReference, MountPoint};

crate::record! {
    /// A container beside the main one.
    pub struct Sidecar {
        /// Port that it opens to the load balancer and to other services, as in `9000`, `9000/tcp` or `53/udp`.
        port: String,
        /// Reference of an image, or a mapping with `build` (as under the main `image`) or `location`.
        image: Either<ImageReference, BuildOrLocation>,
        /// Whether the task stops when this container stops. Default: true.
        essential: bool,
        /// ARN of the secret that holds user name and password of a private registry.
        credentials_parameter as "credentialsParameter": String,
        /// Environment variables.
        variables: Map<Variable>,
        /// Path of a file with environment variables, relative to the workspace's root; its name ends in `.env`.
        env_file: String,
        /// Secret environment variables.
        secrets: Map<Secret>,
        /// Volumes of `storage.volumes` that it mounts.
        mount_points: Vec<Spanned<MountPoint>>,
        /// Docker labels.
        labels: Map<String>,
        /// Containers that have to reach a state before this one starts: `start`, `complete`, `success` or `healthy`, by the
        /// container's name.
        depends_on: Map<String>,
        /// Command inside the container that tells whether it is healthy.
        healthcheck: ContainerHealthCheck,
    }
    flatten {
        /// What it runs.
        command: CommandOverride,
    }
}

impl Sidecar {
    /// Reference of the image in a registry; `None` if it is built.
    pub fn image_reference(&self) -> Option<&str> {
        match self.image.as_deref()? {
            Either::Basic(image) => Some(&image.0),
            Either::Advanced(origin) => origin.location.as_ref().map(|location| location.value.as_str()),
        }
    }

    /// How the image is built; `None` if it comes from a registry.
    pub fn build(&self) -> Option<&crate::workload::Build> {
        match self.image.as_deref()? {
            Either::Basic(_) => None,
            Either::Advanced(origin) if origin.location.is_some() => None,
            Either::Advanced(origin) => origin.build.as_deref(),
        }
    }
}
