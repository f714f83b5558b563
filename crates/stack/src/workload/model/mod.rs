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

pub(crate) use crate::addons::Addons;
pub(crate) use app_runner::{AppRunner, AppRunnerHealthCheck, ImageRepository, PrivateAccess};
pub(crate) use container::{Container, Credential, HealthCheck, LogRouter, Mount, Sidecar, Text};
pub(crate) use count::{Autoscaling, Cooldown, Count, QueueDelay, Scaling};
pub(crate) use deployment::{CustomAlarms, Deployment, RollbackAlarms};
pub(crate) use http::{Http, HttpHealthCheck, ImportedAlb, ImportedListener, Rule};
pub(crate) use job::Job;
pub(crate) use messaging::{Fifo, Queue, Subscription, Subscriptions, Topic, TopicQueue};
pub(crate) use network::{Connect, Network, Placement};
pub(crate) use nlb::{Listener, ListenerProtocol, Nlb};
pub(crate) use ports::{ExposedPort, ExposedPorts, Target};
pub(crate) use static_site::{ObjectLocation, SiteDomain, StaticSite};
pub(crate) use storage::{FileSystem, Volume, VolumeKind};
pub(crate) use task::{EcsKind, EcsWorkload, Platform};
