//! Whether a manifest fits what AWS has: what only shows when it meets its environment.
//!
//! Everything that the manifest alone tells was checked when it was read.

mod domain;
mod environment;
mod http;
mod topics;

use copilot_manifest::workload::{Workload, WorkloadConfig};

use super::context::Context;
use super::resolve::Problems;

/// Reports everything of a workload that its environment can not give.
pub(crate) fn check(workload: &Workload, cx: &Context<'_>, problems: &mut Problems<'_>) {
    environment::check(workload, cx, problems);
    match &workload.config {
        WorkloadConfig::LoadBalancedWebService(config) => http::of_web_service(config, cx, problems),
        WorkloadConfig::BackendService(config) => http::of_backend(config, cx, problems),
        WorkloadConfig::WorkerService(config) => topics::check(config, cx, problems),
        WorkloadConfig::RequestDrivenWebService(config) => domain::of_app_runner(config, cx, problems),
        WorkloadConfig::StaticSite(config) => domain::of_static_site(config, cx, problems),
        WorkloadConfig::ScheduledJob(_) => {}
    }
}
