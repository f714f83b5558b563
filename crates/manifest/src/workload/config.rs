//! A workload of any type.

use copilot_yaml::Source;

use crate::decode::{Map, Merge, Spanned};
use crate::interpolate::Written;
use crate::workload::{
    BackendService, CommandOverride, ContainerHealthCheck, Image, LoadBalancedWebService, Logging, Network,
    OverrideRules, Publish, RequestDrivenWebService, ScheduledJob, Sidecar, StaticSite, Task, WorkerService,
};

/// A type of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadType {
    /// `Load Balanced Web Service`.
    LoadBalancedWebService,
    /// `Backend Service`.
    BackendService,
    /// `Worker Service`.
    WorkerService,
    /// `Request-Driven Web Service`.
    RequestDrivenWebService,
    /// `Static Site`.
    StaticSite,
    /// `Scheduled Job`.
    ScheduledJob,
}

impl WorkloadType {
    /// All types, in the order in which they are documented.
    pub const ALL: [Self; 6] = [
        Self::LoadBalancedWebService,
        Self::BackendService,
        Self::WorkerService,
        Self::RequestDrivenWebService,
        Self::StaticSite,
        Self::ScheduledJob,
    ];

    /// The name that stands under `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoadBalancedWebService => "Load Balanced Web Service",
            Self::BackendService => "Backend Service",
            Self::WorkerService => "Worker Service",
            Self::RequestDrivenWebService => "Request-Driven Web Service",
            Self::StaticSite => "Static Site",
            Self::ScheduledJob => "Scheduled Job",
        }
    }

    /// The type of that name, which has to be written exactly so.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The form of a whole manifest of this type, with the documentation of its keys.
    pub fn shape(self) -> crate::decode::Shape {
        crate::workload::envelope::shape(self)
    }

    /// Whether it is a job.
    pub const fn is_job(self) -> bool {
        matches!(self, Self::ScheduledJob)
    }
}

impl std::fmt::Display for WorkloadType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A workload's manifest for one environment: interpolated, with defaults and the environment's overrides.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its name.
    pub name: Spanned<String>,
    /// Everything else, by type.
    pub config: WorkloadConfig,
    /// The manifest's text with its variables substituted, before overrides.
    pub text: Source,
    /// The manifest's file, for messages: they show what is written there, not what variables hold.
    pub written: Written,
}

/// What a manifest says besides name and type.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkloadConfig {
    /// `Load Balanced Web Service`.
    LoadBalancedWebService(Box<LoadBalancedWebService>),
    /// `Backend Service`.
    BackendService(Box<BackendService>),
    /// `Worker Service`.
    WorkerService(Box<WorkerService>),
    /// `Request-Driven Web Service`.
    RequestDrivenWebService(Box<RequestDrivenWebService>),
    /// `Static Site`.
    StaticSite(Box<StaticSite>),
    /// `Scheduled Job`.
    ScheduledJob(Box<ScheduledJob>),
}

/// What the workloads on ECS have in common.
#[derive(Debug, Clone, Copy)]
pub struct EcsWorkload<'a> {
    /// The image of the main container.
    pub image: Option<&'a Image>,
    /// The port of the main container.
    pub port: Option<u16>,
    /// How the main container is watched.
    pub healthcheck: Option<&'a ContainerHealthCheck>,
    /// What the main container runs.
    pub command: &'a CommandOverride,
    /// Size, number and surroundings of tasks.
    pub task: &'a Task,
    /// Where logs go.
    pub logging: Option<&'a Logging>,
    /// Containers beside the main one.
    pub sidecars: Option<&'a Map<Sidecar>>,
    /// Subnets, security groups and Service Connect.
    pub network: Option<&'a Network>,
    /// SNS topics that the workload publishes to.
    pub publish: Option<&'a Publish>,
    /// Changes to the rendered task definition.
    pub taskdef_overrides: Option<&'a OverrideRules>,
}

macro_rules! ecs {
    ($ty:ident, $port:expr) => {
        impl<'a> From<&'a $ty> for EcsWorkload<'a> {
            fn from(config: &'a $ty) -> Self {
                Self {
                    image: config.image.as_ref().map(|image| &image.image),
                    port: $port(config),
                    healthcheck: config.image.as_ref().and_then(|image| image.healthcheck.as_deref()),
                    command: &config.command,
                    task: &config.task,
                    logging: config.logging.as_deref(),
                    sidecars: config.sidecars.as_deref(),
                    network: config.network.as_deref(),
                    publish: config.publish.as_deref(),
                    taskdef_overrides: config.taskdef_overrides.as_deref(),
                }
            }
        }
    };
}

ecs!(LoadBalancedWebService, |config: &LoadBalancedWebService| port(config.image.as_deref()));
ecs!(BackendService, |config: &BackendService| port(config.image.as_deref()));
ecs!(WorkerService, |_| None);
ecs!(ScheduledJob, |_| None);

impl WorkloadConfig {
    /// The type.
    pub const fn kind(&self) -> WorkloadType {
        match self {
            Self::LoadBalancedWebService(_) => WorkloadType::LoadBalancedWebService,
            Self::BackendService(_) => WorkloadType::BackendService,
            Self::WorkerService(_) => WorkloadType::WorkerService,
            Self::RequestDrivenWebService(_) => WorkloadType::RequestDrivenWebService,
            Self::StaticSite(_) => WorkloadType::StaticSite,
            Self::ScheduledJob(_) => WorkloadType::ScheduledJob,
        }
    }

    /// What the workloads on ECS have in common; `None` for App Runner and static sites.
    pub fn ecs(&self) -> Option<EcsWorkload<'_>> {
        Some(match self {
            Self::LoadBalancedWebService(config) => (&**config).into(),
            Self::BackendService(config) => (&**config).into(),
            Self::WorkerService(config) => (&**config).into(),
            Self::ScheduledJob(config) => (&**config).into(),
            Self::RequestDrivenWebService(_) | Self::StaticSite(_) => return None,
        })
    }

    /// The main container's image; `None` for static sites.
    pub fn image(&self) -> Option<&Image> {
        match self {
            Self::RequestDrivenWebService(config) => config.image.as_ref().map(|image| &image.image),
            _ => self.ecs()?.image,
        }
    }

    /// SNS topics that the workload publishes to.
    pub fn publish(&self) -> Option<&Publish> {
        match self {
            Self::RequestDrivenWebService(config) => config.publish.as_deref(),
            _ => self.ecs()?.publish,
        }
    }
}

fn port(image: Option<&crate::workload::ServiceImage>) -> Option<u16> {
    Some(image?.port.as_ref()?.value)
}

/// Lays an environment's overrides over the base. Two configurations of different types leave the base as it is.
impl Merge for WorkloadConfig {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Self::LoadBalancedWebService(base), Self::LoadBalancedWebService(over)) => base.merge(over),
            (Self::BackendService(base), Self::BackendService(over)) => base.merge(over),
            (Self::WorkerService(base), Self::WorkerService(over)) => base.merge(over),
            (Self::RequestDrivenWebService(base), Self::RequestDrivenWebService(over)) => base.merge(over),
            (Self::StaticSite(base), Self::StaticSite(over)) => base.merge(over),
            (Self::ScheduledJob(base), Self::ScheduledJob(over)) => base.merge(over),
            _ => {}
        }
    }
}
