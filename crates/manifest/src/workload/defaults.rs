//! What holds where a manifest says nothing. Overrides of environments are laid over these.

use crate::decode::Spanned;
use crate::workload::value::Duration;
use crate::workload::{
    Count, Exec, Network, Placement, RequestDrivenWebService, Task, Vpc, WorkloadConfig, WorkloadType,
};

/// CPU units of a task.
pub const TASK_CPU: i64 = 256;
/// Memory of a task in MiB.
pub const TASK_MEMORY: i64 = 512;
/// Number of tasks.
pub const TASKS: i64 = 1;
/// CPU units of an instance of App Runner.
pub const INSTANCE_CPU: i64 = 1024;
/// Memory of an instance of App Runner in MiB.
pub const INSTANCE_MEMORY: i64 = 2048;
/// Time after a task's start in which failed checks of a load balancer don't count.
pub const GRACE_PERIOD: Duration = Duration::from_secs(60);
/// Time that a target that stops is given to finish what it has begun.
pub const DEREGISTRATION_DELAY: Duration = Duration::from_secs(60);
/// Time to wait after tasks were taken away.
pub const COOLDOWN_IN: Duration = Duration::from_secs(120);
/// Time to wait after tasks were added.
pub const COOLDOWN_OUT: Duration = Duration::from_secs(60);
/// Days for which logs are kept.
pub const LOG_RETENTION: i64 = 30;

/// The check of a container whose manifest sets only some of its keys.
pub mod container_check {
    use crate::workload::value::Duration;

    /// What is run.
    pub const COMMAND: [&str; 2] = ["CMD-SHELL", "curl -f http://localhost/ || exit 1"];
    /// Time between two checks.
    pub const INTERVAL: Duration = Duration::from_secs(10);
    /// Failures in a row before the container is replaced.
    pub const RETRIES: i64 = 2;
    /// Time after the start in which failures don't count.
    pub const START_PERIOD: Duration = Duration::from_secs(0);
    /// Time after which a check has failed.
    pub const TIMEOUT: Duration = Duration::from_secs(5);
}

impl WorkloadConfig {
    /// Fills in the defaults of the type.
    pub(crate) fn fill_defaults(&mut self) {
        let kind = self.kind();
        match self {
            Self::LoadBalancedWebService(config) => ecs(kind, &mut config.task, &mut config.network),
            Self::BackendService(config) => ecs(kind, &mut config.task, &mut config.network),
            Self::WorkerService(config) => ecs(kind, &mut config.task, &mut config.network),
            Self::ScheduledJob(config) => ecs(kind, &mut config.task, &mut config.network),
            Self::RequestDrivenWebService(config) => app_runner(config),
            Self::StaticSite(_) => {}
        }
    }
}

fn ecs(kind: WorkloadType, task: &mut Task, network: &mut Option<Spanned<Network>>) {
    task.cpu.get_or_insert_with(|| Spanned::implied(TASK_CPU));
    task.memory.get_or_insert_with(|| Spanned::implied(TASK_MEMORY));
    task.count.get_or_insert_with(|| Spanned::implied(Count::Fixed(TASKS)));
    if !kind.is_job() {
        let exec = task.exec.get_or_insert_with(|| Spanned::implied(Exec::default()));
        exec.enable.get_or_insert_with(|| Spanned::implied(false));
    }
    let network = network.get_or_insert_with(|| Spanned::implied(Network::default()));
    let vpc = network.vpc.get_or_insert_with(|| Spanned::implied(Vpc::default()));
    vpc.placement.get_or_insert_with(|| Spanned::implied(Placement::Kind("public".to_owned())));
}

fn app_runner(config: &mut RequestDrivenWebService) {
    config.cpu.get_or_insert_with(|| Spanned::implied(INSTANCE_CPU));
    config.memory.get_or_insert_with(|| Spanned::implied(INSTANCE_MEMORY));
}
