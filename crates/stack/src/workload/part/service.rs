//! The service of ECS: what all its types have in common.

use copilot_cfn::intrinsic::{get_att, import_value, reference, split};
use copilot_cfn::{Resource, Value, cfn};

use super::{deployment_alarms, service_connect};
use crate::template::About as _;
use crate::template::as_written::{all_as_written, as_written};
use crate::workload::context::Context;
use crate::workload::model::{Addons, Count, EcsWorkload, Network, Placement, RollbackAlarms, Text};
use crate::workload::stack::{addon_output, env_import, not_in_gov_cloud};

/// The service with what all types have.
pub(crate) fn base(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Resource {
    let strategy = capacity_providers(&workload.count);
    let desired = match workload.count {
        Count::Auto(_) => get_att("DynamicDesiredCountAction", "DesiredCount"),
        Count::Fixed(_) | Count::Spot(_) => reference("TaskCount"),
    };
    let (minimum, maximum) = if workload.deployment.recreate { (0, 100) } else { (100, 200) };
    let service = Resource::new("AWS::ECS::Service").about("ECS service that keeps the tasks running");
    service.properties(cfn!({
        "PlatformVersion": workload.platform.fargate_version(),
        "Cluster": env_import("ClusterId"),
        "TaskDefinition": reference("TaskDefinition"),
        "DesiredCount": desired,
        "DeploymentConfiguration": {
            "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true },
            "MinimumHealthyPercent": minimum,
            "MaximumPercent": maximum,
            "Alarms": alarms(workload, cx),
        },
        "PropagateTags": "SERVICE",
        "EnableExecuteCommand"?: workload.exec.then_some(true),
        "LaunchType"?: strategy.is_none().then_some("FARGATE"),
        "CapacityProviderStrategy"?: strategy,
        "ServiceConnectConfiguration": service_connect::configuration(workload, cx),
        "NetworkConfiguration": { "AwsvpcConfiguration": network(&workload.network, cx) },
    }))
}

fn alarms(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Value {
    let names: Vec<Value> = match &workload.deployment.alarms {
        RollbackAlarms::None => {
            return not_in_gov_cloud(cfn!({ "Enable": false, "AlarmNames": [], "Rollback": true }));
        }
        RollbackAlarms::Existing(names) => names.iter().map(|name| (*name).to_owned().into()).collect(),
        RollbackAlarms::Custom(alarms) => {
            deployment_alarms::names(*alarms, cx).map(|name| as_written(&name)).collect()
        }
    };
    cfn!({ "AlarmNames": names, "Enable": true, "Rollback": true })
}

/// How tasks are spread over Fargate and Fargate Spot; `None` when all run on Fargate.
fn capacity_providers(count: &Count) -> Option<Value> {
    let spot = cfn!({ "CapacityProvider": "FARGATE_SPOT", "Weight": 1 });
    match count {
        Count::Fixed(_) => None,
        Count::Spot(_) => Some(cfn!([spot])),
        Count::Auto(scaling) => {
            let from = scaling.spot_from?;
            let on_demand = (from >= scaling.min).then(|| {
                cfn!({ "CapacityProvider": "FARGATE", "Weight": 0, "Base": from.saturating_sub(1).max(0) })
            });
            Some(cfn!([spot, ..on_demand]))
        }
    }
}

fn network(network: &Network<'_>, cx: &Context<'_>) -> Value {
    let groups = security_groups(network, !network.deny_default_group, cx);
    cfn!({
        "AssignPublicIp": assign_public_ip(network),
        "Subnets": subnets(network),
        "SecurityGroups": if groups.is_empty() { Value::Null } else { groups.into() },
    })
}

/// `ENABLED` in public subnets.
pub(crate) fn assign_public_ip(network: &Network<'_>) -> &'static str {
    if network.placement == Placement::Public { "ENABLED" } else { "DISABLED" }
}

/// The subnets' IDs: those of the environment, or those of the manifest.
pub(crate) fn subnets(network: &Network<'_>) -> Value {
    match &network.placement {
        Placement::Public => split(",", env_import("PublicSubnets")),
        Placement::Private => split(",", env_import("PrivateSubnets")),
        Placement::Subnets(ids) => all_as_written(ids).into(),
    }
}

/// The environment's security group, if wanted, those of the manifest and those of addons.
pub(crate) fn security_groups(network: &Network<'_>, with_default: bool, cx: &Context<'_>) -> Vec<Value> {
    let mut groups: Vec<Value> = Vec::new();
    groups.extend(with_default.then(|| env_import("EnvironmentSecurityGroup")));
    groups.extend(network.security_groups.iter().map(|group| match group {
        Text::Plain(id) => as_written(id),
        Text::Export(name) => import_value(as_written(name)),
    }));
    groups.extend(cx.addons.into_iter().flat_map(Addons::security_groups).map(addon_output));
    groups
}
