#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! - [`Plan`] says which images and objects there should be; [`BuildSpec`], [`keys`] and [`assets`] describe them
//!   and read nothing but the files that are asked for.
//! - [`execute()`] makes it so, concurrently, over three traits: [`Engine`] (docker, podman and finch by their command
//!   line), [`Registry`] and [`ObjectStore`]. It reports progress as [`Event`]s and ends in a [`Report`].
//! - [`aws`] (feature `aws`, on by default) implements [`Registry`] for ECR and [`ObjectStore`] for S3.
//! - [`write_all_or_nothing`] writes a directory of rendered files.

mod atomic_dir;
mod cancel;
mod checksum;
mod content_type;
mod context;
mod distribution;
mod dockerignore;
mod error;
mod glob;
mod hash;
mod lock;
mod paths;
mod plan;
mod registry;
mod retry;
mod spec;
mod store;
mod upload;

pub mod assets;
#[cfg(feature = "aws")]
pub mod aws;
pub mod engine;
pub mod execute;
pub mod keys;
pub mod oci;

pub use atomic_dir::write_all_or_nothing;
pub use cancel::Cancel;
pub use checksum::of_hex as s3_checksum;
pub use content_type::content_type;
pub use context::{Context, Entry, Kind};
pub use distribution::LoopbackRegistry;
pub use dockerignore::DockerIgnore;
pub use engine::{CliEngine, Engine, EngineKind};
pub use error::Error;
pub use execute::{Backends, Event, Failure, ImageSink, Observer, Options, Report, execute};
pub use hash::{sha256_file, sha256_hex};
pub use plan::{Body, ImageId, ImageRequest, ObjectRequest, Plan};
pub use registry::{Credentials, Registry, RemoteImage, ecr_host, registry_host};
pub use retry::Backoff;
pub use spec::{
    BUILDER_LABEL, BuildSecret, BuildSpec, CONTAINER_LABEL, Identity, SecretSource, VERSION_LABEL, main_tags,
    sidecar_tags, standard_labels,
};
pub use store::{
    DirectoryStore, Location, ObjectInfo, ObjectStore, Part, StoreError, StoreErrorKind, partition,
};
