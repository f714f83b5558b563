//! What holds where a manifest says nothing. Overrides of environments are laid over these.

use crate::decode::Spanned;
use crate::workload::{
    Count, Exec, Network, Placement, RequestDrivenWebService, Task, Vpc, WorkloadConfig, WorkloadType,
};

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
    task.cpu.get_or_insert_with(|| Spanned::implied(256));
    task.memory.get_or_insert_with(|| Spanned::implied(512));
    task.count.get_or_insert_with(|| Spanned::implied(Count::Fixed(1)));
    if !kind.is_job() {
        let exec = task.exec.get_or_insert_with(|| Spanned::implied(Exec::default()));
        exec.enable.get_or_insert_with(|| Spanned::implied(false));
    }
    let network = network.get_or_insert_with(|| Spanned::implied(Network::default()));
    let vpc = network.vpc.get_or_insert_with(|| Spanned::implied(Vpc::default()));
    vpc.placement.get_or_insert_with(|| Spanned::implied(Placement::Kind("public".to_owned())));
}

fn app_runner(config: &mut RequestDrivenWebService) {
    config.cpu.get_or_insert_with(|| Spanned::implied(1024));
    config.memory.get_or_insert_with(|| Spanned::implied(2048));
}
