//! Manifests of services and jobs.
//!
//! A manifest type is a record of optional keys, as it was written; what holds where a key is missing is filled in by
//! the loader before an environment's overrides are laid over it. The texts on the fields are the documentation of the
//! keys.

pub mod value;

mod alias;
mod backend;
pub mod codes;
mod config;
mod container_healthcheck;
mod count;
pub mod defaults;
mod deployment;
mod envelope;
mod exec;
mod http;
mod image;
mod load;
mod load_balanced_web;
mod logging;
mod network;
mod nlb;
mod observability;
mod platform;
pub mod ports;
mod publish;
mod request_driven;
mod schedule;
mod scheduled_job;
mod sidecar;
mod static_site;
mod storage;
mod subscribe;
mod task;
mod validate;
mod windows;
mod worker;

pub use alias::{AdvancedAlias, Alias};
pub use backend::BackendService;
pub use config::{EcsWorkload, Workload, WorkloadConfig, WorkloadType};
pub use container_healthcheck::ContainerHealthCheck;
pub use count::{AdvancedCount, Cooldown, Count, QueueDelay, Range, RangeBounds};
pub use deployment::{AlarmThresholds, Deployment, WorkerAlarmThresholds, WorkerDeployment};
pub use exec::{Exec, ExecConfig};
pub use http::{HealthCheck, Http, HttpHealthCheck, HttpOrBool, RoutingRule, health_check_path};
pub use image::{
    AppRunnerImage, Build, BuildArgs, BuildOrLocation, Image, ImageReference, ServiceImage, TaskImage,
};
pub use load::{Loaded, WorkloadManifest};
pub use load_balanced_web::LoadBalancedWebService;
pub use logging::Logging;
pub use network::{
    Connect, ConnectConfig, Network, Placement, PlacementFields, SecurityGroups, SecurityGroupsConfig,
    Subnets, SubnetsFromTags, Vpc,
};
pub use nlb::{Nlb, NlbHealthCheck, NlbListener, split_port};
pub use observability::Observability;
pub use platform::{Platform, PlatformFields};
pub use publish::{Publish, Topic, TopicFifo, TopicFifoConfig};
pub use request_driven::{
    AppRunnerHttp, AppRunnerNetwork, AppRunnerVpc, PrivateEndpoint, RequestDrivenWebService,
};
pub use schedule::{Schedule, ScheduleError};
pub use scheduled_job::{ScheduledJob, Trigger};
pub use sidecar::Sidecar;
pub use static_site::{FileUpload, StaticSite, StaticSiteHttp, UnclearableString};
pub use storage::{Efs, EfsAuth, EfsConfig, MountOptions, MountPoint, Storage, Volume};
pub use subscribe::{DeadLetter, Fifo, FifoConfig, Queue, Subscribe, TopicQueue, TopicSubscription};
pub use task::{CommandOverride, OverrideRule, OverrideRules, Task};
pub use validate::LOG_ROUTER;
pub use worker::WorkerService;
