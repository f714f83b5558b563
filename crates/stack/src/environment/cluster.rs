//! The cluster in which tasks run.

use copilot_cfn::{Resource, cfn};

use super::settings::Settings;
use crate::template::About as _;
use crate::template::Stack;

/// Adds the cluster. Container insights are always set, so that the account's own default never counts.
pub(super) fn add(stack: &mut Stack, settings: &Settings<'_>) {
    let insights = if settings.container_insights { "enabled" } else { "disabled" };
    let cluster = Resource::new("AWS::ECS::Cluster").properties(cfn!({
        "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "Configuration": { "ExecuteCommandConfiguration": { "Logging": "DEFAULT" } },
        "ClusterSettings": [{ "Name": "containerInsights", "Value": insights }],
    }));
    stack.resource("Cluster", cluster.about("ECS cluster of the environment's workloads"));
}
