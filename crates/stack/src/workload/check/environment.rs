//! What the environment's stack has to be able to do.

use copilot_manifest::decode::{Path, Spanned};
use copilot_manifest::workload::{HttpOrBool, Placement, Subnets, Workload, WorkloadConfig};
use copilot_yaml::Span;

use crate::codes;
use crate::template::version::numbers;
use crate::workload::context::Context;
use crate::workload::model as resolved;
use crate::workload::resolve::{self, Problems};

const PLACEMENT: [&str; 3] = ["network", "vpc", "placement"];

/// Something that environments can do since a version of their template.
struct Feature {
    name: &'static str,
    since: [u64; 3],
}

const ALB: Feature = Feature { name: "a public load balancer", since: [1, 0, 0] };
const INTERNAL_ALB: Feature = Feature { name: "an internal load balancer", since: [1, 10, 0] };
const NAT: Feature = Feature { name: "NAT gateways", since: [1, 3, 0] };
const EFS: Feature = Feature { name: "a managed file system", since: [1, 3, 0] };

pub(super) fn check(workload: &Workload, cx: &Context<'_>, problems: &mut Problems<'_>) {
    check_subnets(&workload.config, cx, problems);
    let Some(version) = cx.environment.version.as_deref() else { return };
    if version == "bootstrap" {
        let message =
            format!("the environment `{}` was never deployed: it has nothing but its roles", cx.env);
        let help = format!("deploy the environment `{}` first", cx.env);
        problems.report_at(&codes::WORKLOAD_ENVIRONMENT, Path::default(), workload.name.span, message, help);
        return;
    }
    let Some(found) = numbers(version) else { return };
    for (feature, path, span) in demanded(&workload.config) {
        if found < feature.since {
            let [major, minor, patch] = feature.since;
            let message = format!(
                "`{path}` needs {}, which the environment `{}` of version {version} can not have",
                feature.name, cx.env
            );
            let help =
                format!("deploy the environment again; version v{major}.{minor}.{patch} or later is needed");
            problems.report_at(&codes::WORKLOAD_ENVIRONMENT, path, span, message, help);
        }
    }
}

fn demanded(config: &WorkloadConfig) -> Vec<(Feature, Path, Span)> {
    let mut list = Vec::new();
    match config {
        WorkloadConfig::LoadBalancedWebService(config) => {
            if let Some(http) = config.http.as_ref().filter(|http| !HttpOrBool::disabled(&http.value)) {
                list.push((ALB, "http".into(), http.span));
            }
        }
        WorkloadConfig::BackendService(config) => {
            if let Some(http) = config.http.as_ref().filter(|http| !http.is_empty() && http.alb.is_none()) {
                list.push((INTERNAL_ALB, "http".into(), http.span));
            }
        }
        _ => {}
    }
    if let Some(placement) = placement(config).filter(|placement| placement.is_private()) {
        list.push((NAT, PLACEMENT.into(), placement.span));
    }
    let volumes = config.ecs().and_then(|shared| shared.task.storage.as_deref());
    let volumes = volumes.and_then(|storage| storage.volumes.as_ref()).into_iter().flat_map(|map| map.iter());
    let managed = volumes.filter_map(|(_, volume)| volume.efs.as_ref()).find(|efs| efs.is_managed());
    list.extend(managed.map(|efs| (EFS, ["storage", "volumes"].into(), efs.span)));
    list
}

/// Where the workload's tasks or instances run, as written.
fn placement(config: &WorkloadConfig) -> Option<&Spanned<Placement>> {
    if let WorkloadConfig::RequestDrivenWebService(config) = config {
        return config.network.as_deref()?.vpc.as_deref()?.placement.as_ref();
    }
    config.ecs()?.network?.vpc.as_deref()?.placement.as_ref()
}

/// Tags that no subnet has would leave the workload without any.
fn check_subnets(config: &WorkloadConfig, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(written) = placement(config) else { return };
    let Placement::Fields(fields) = &written.value else { return };
    let by_tags = matches!(fields.subnets.as_deref(), Some(Subnets::FromTags(_)));
    let found = resolve::placement(Some(&written.value), cx.environment);
    if by_tags && found == resolved::Placement::Subnets(Vec::new()) {
        let message = format!("the environment `{}` has no subnet with these tags", cx.env);
        let help = "correct the tags, or tag the subnets; values may hold `*` and `?`";
        problems.report(&codes::WORKLOAD_ENVIRONMENT, PLACEMENT, written, message, help);
    }
}
