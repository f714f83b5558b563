//! What a template is rendered from: a workload whose unions are resolved, whose defaults are filled in and whose facts
//! are looked up. No part of a template looks into a manifest.

mod app_runner;
mod container;
mod count;
mod deployment;
mod http;
mod job;
mod messaging;
mod network;
mod nlb;
mod ports;
mod static_site;
mod storage;
mod task;

pub use crate::addons::{Addons, Output, OutputKind};
pub use app_runner::{AppRunner, AppRunnerHealthCheck, ImageRepository, PrivateAccess};
pub use container::{Container, Credential, HealthCheck, LogRouter, Mount, Sidecar, Text};
pub use count::{Autoscaling, Cooldown, Count, QueueDelay, Scaling};
pub use deployment::{CustomAlarms, Deployment, RollbackAlarms};
pub use http::{Http, HttpHealthCheck, ImportedAlb, ImportedListener, Rule};
pub use job::Job;
pub use messaging::{Fifo, Queue, Subscription, Subscriptions, Topic, TopicQueue};
pub use network::{Connect, Network, Placement};
pub use nlb::{Listener, ListenerProtocol, Nlb};
pub use ports::{ExposedPort, ExposedPorts, Target};
pub use static_site::{ObjectLocation, SiteDomain, StaticSite};
pub use storage::{FileSystem, Volume, VolumeKind};
pub use task::{Architecture, EcsKind, EcsWorkload, OperatingSystem, Platform};
