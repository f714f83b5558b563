//! The values of a workload's parameters.

use super::context::Context;
use super::model::{EcsKind, EcsWorkload};
use crate::template::names::logical_id;

use crate::template::StackParameters;

impl StackParameters {
    /// What all types have.
    pub(crate) fn common(cx: &Context<'_>) -> Self {
        let mut own = Self::default();
        own.set("AppName", cx.app);
        own.set("EnvName", cx.env);
        own.set("WorkloadName", cx.name);
        // Facts of several workloads may hold the address of one that has addons.
        let url = cx.facts.addons_url.as_deref().filter(|_| cx.addons.is_some());
        own.set("AddonsTemplateURL", url.unwrap_or_default());
        own.set("ArtifactKeyARN", cx.artifact_key_arn());
        let reserved = [("application", cx.app), ("environment", cx.env), ("service", cx.name)];
        own.set_tags(&cx.facts.application, reserved);
        own
    }

    /// What a workload that runs as tasks of ECS has.
    pub(crate) fn of_tasks(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Self {
        let mut own = Self::common(cx);
        own.set("ContainerImage", &workload.image);
        own.set("EnvFileARN", workload.env_file.unwrap_or_default());
        if let Some(router) = &workload.log_router {
            own.set("LoggingEnvFileARN", router.env_file.unwrap_or_default());
        }
        for sidecar in &workload.sidecars {
            let name = format!("EnvFileARNFor{}", logical_id(sidecar.container.name));
            own.set(name, sidecar.env_file.unwrap_or_default());
        }
        own.set("TaskCPU", workload.cpu.to_string());
        own.set("TaskMemory", workload.memory.to_string());
        own.set("TaskCount", workload.count.initial().to_string());
        own.set("LogRetention", workload.log_retention.to_string());
        if let Some(job) = &workload.job {
            own.set("Schedule", job.schedule.parameter());
        }
        own.set_traffic(workload, cx);
        own
    }

    fn set_traffic(&mut self, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
        match workload.kind {
            EcsKind::LoadBalanced => {
                self.set("ContainerPort", workload.port.unwrap_or_default().to_string());
                self.set("TargetPort", &workload.target.port);
                let delegated = cx.domain().is_some() && cx.certificates.public.is_empty();
                self.set("DNSDelegated", delegated.to_string());
            }
            EcsKind::Backend => {
                let port = workload.port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
                let target = &workload.target.port;
                self.set("TargetPort", if target.is_empty() { port.as_str() } else { target });
                self.set("ContainerPort", port);
            }
            EcsKind::Worker | EcsKind::Job => return,
        }
        self.set("TargetContainer", workload.target.container);
        // `http: true` names no path: its template has no such parameters.
        if let Some(http) = workload.http.as_ref().filter(|http| !http.rules.is_empty()) {
            self.set("HTTPSEnabled", http.https.to_string());
            self.set("RulePath", http.written_path.unwrap_or_default());
        }
        if let Some(nlb) = &workload.nlb {
            self.set("NLBAliases", nlb.aliases.join(","));
            self.set("NLBPort", &nlb.main_port);
        }
    }
}
