//! Workloads that run as tasks of ECS.

use copilot_manifest::workload::defaults;

use super::{
    Container, Count, Deployment, ExposedPorts, Http, Job, LogRouter, Network, Nlb, Sidecar, Subscriptions,
    Target, Topic, Volume,
};

/// The types of workload that run as tasks of ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EcsKind {
    /// `Load Balanced Web Service`.
    LoadBalanced,
    /// `Backend Service`.
    Backend,
    /// `Worker Service`.
    Worker,
    /// `Scheduled Job`.
    Job,
}

/// A workload that runs as tasks of ECS.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EcsWorkload<'a> {
    /// Its type.
    pub kind: EcsKind,
    /// The main container, which has the workload's name.
    pub main: Container<'a>,
    /// Image of the main container; empty when it is built and nothing was pushed yet.
    pub image: String,
    /// Port of the main container.
    pub port: Option<u16>,
    /// ARN of the main container's uploaded env file.
    pub env_file: Option<&'a str>,
    /// Whether the main container can only read its root file system.
    pub readonly_root: Option<bool>,
    /// Other containers, sorted by name.
    pub sidecars: Vec<Sidecar<'a>>,
    /// The container that routes logs.
    pub log_router: Option<LogRouter<'a>>,
    /// Days for which logs are kept.
    pub log_retention: i64,
    /// Whether traces are collected for X-Ray.
    pub tracing: bool,
    /// CPU units of a task.
    pub cpu: i64,
    /// Memory of a task in MiB.
    pub memory: i64,
    /// Operating system and processor.
    pub platform: Platform,
    /// How many tasks run.
    pub count: Count,
    /// Whether commands can be run in its containers.
    pub exec: bool,
    /// Size of the task's own storage in GiB, where it is not the default.
    pub ephemeral_storage: Option<i64>,
    /// Volumes, sorted by name.
    pub volumes: Vec<Volume<'a>>,
    /// Where tasks run.
    pub network: Network<'a>,
    /// Topics it publishes to; `None` without the key, which is not the same as an empty list.
    pub publish: Vec<Topic>,
    /// How a new version replaces the old one.
    pub deployment: Deployment<'a>,
    /// Application Load Balancer.
    pub http: Option<Http<'a>>,
    /// Network Load Balancer.
    pub nlb: Option<Nlb<'a>>,
    /// Ports of all containers.
    pub ports: ExposedPorts<'a>,
    /// Seconds in which failing checks of a new task do not count, where the manifest says so.
    pub grace_period: Option<i64>,
    /// Where the main rule sends its requests; without one: the main container and its port.
    pub target: Target<'a>,
    /// What Service Connect, if it is on, offers to clients. The port mapping is named even when it is off.
    pub connect_target: Option<Target<'a>>,
    /// Topics a worker listens to; `None` when the manifest has no list of topics.
    pub subscribe: Option<Subscriptions<'a>>,
    /// When a job runs.
    pub job: Option<Job>,
}

impl EcsWorkload<'_> {
    /// Seconds in which failing checks of a new task do not count.
    pub(crate) fn health_check_grace_period(&self) -> i64 {
        self.grace_period.unwrap_or(defaults::GRACE_PERIOD.as_secs())
    }
}

/// Operating system and processor of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Platform {
    /// Operating system.
    pub os: OperatingSystem,
    /// Processor.
    pub architecture: Architecture,
}

/// Operating system of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperatingSystem {
    /// Linux.
    Linux,
    /// Windows Server 2019 Core.
    Windows2019Core,
    /// Windows Server 2019 Full.
    Windows2019Full,
    /// Windows Server 2022 Core.
    Windows2022Core,
    /// Windows Server 2022 Full.
    Windows2022Full,
}

/// Processor of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// 64-bit x86.
    X86,
    /// 64-bit Arm.
    Arm,
}

impl Platform {
    /// From the manifest's words, in any case. What is neither Windows nor Arm is Linux on x86.
    pub(crate) fn new(os: &str, architecture: &str) -> Self {
        let os = match os.to_ascii_lowercase().as_str() {
            "windows" | "windows_server_2019_core" => OperatingSystem::Windows2019Core,
            "windows_server_2019_full" => OperatingSystem::Windows2019Full,
            "windows_server_2022_core" => OperatingSystem::Windows2022Core,
            "windows_server_2022_full" => OperatingSystem::Windows2022Full,
            _ => OperatingSystem::Linux,
        };
        let arm = ["arm", "arm64"].iter().any(|known| architecture.eq_ignore_ascii_case(known));
        Self { os, architecture: if arm { Architecture::Arm } else { Architecture::X86 } }
    }

    /// Whether it runs Windows.
    pub(crate) fn is_windows(self) -> bool {
        self.os != OperatingSystem::Linux
    }

    /// Whether it is what Fargate runs when nothing is said.
    pub(crate) fn is_default(self) -> bool {
        self == Self::default()
    }

    /// Fargate's platform version. The latest one of Windows has to be named.
    pub(crate) fn fargate_version(self) -> &'static str {
        if self.is_windows() { "1.0.0" } else { "LATEST" }
    }
}

impl Default for Platform {
    fn default() -> Self {
        Self { os: OperatingSystem::Linux, architecture: Architecture::X86 }
    }
}

impl OperatingSystem {
    /// As a task definition spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "LINUX",
            Self::Windows2019Core => "WINDOWS_SERVER_2019_CORE",
            Self::Windows2019Full => "WINDOWS_SERVER_2019_FULL",
            Self::Windows2022Core => "WINDOWS_SERVER_2022_CORE",
            Self::Windows2022Full => "WINDOWS_SERVER_2022_FULL",
        }
    }
}

impl Architecture {
    /// As a task definition spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::X86 => "X86_64",
            Self::Arm => "ARM64",
        }
    }
}
