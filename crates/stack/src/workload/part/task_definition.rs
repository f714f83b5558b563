//! The task definition.

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Resource, Value, cfn};

use super::{container, environment_variables, log_router, tracing, volume};
use crate::template::About as _;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::stack::{Stack, full_name};

/// Adds the task definition with all containers. Their order is part of what patches refer to.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    let common = environment_variables::common(workload, cx);
    let mut containers = vec![container::main(workload, cx, &common)];
    containers.extend(workload.log_router.as_ref().map(|router| log_router::container(router, &common)));
    containers.extend(workload.tracing.then(tracing::container));
    containers.extend(workload.sidecars.iter().map(|sidecar| container::sidecar(sidecar, workload, &common)));

    let platform = workload.platform;
    let runtime = (!platform.is_default()).then(|| {
        cfn!({
            "OperatingSystemFamily": platform.os.as_str(),
            "CpuArchitecture": platform.architecture.as_str(),
        })
    });
    let storage =
        workload.ephemeral_storage.filter(|size| *size != 20).map(|size| cfn!({ "SizeInGiB": size }));
    let volumes: Vec<Value> = volume::list(&workload.volumes);
    let task = Resource::new("AWS::ECS::TaskDefinition").depends_on("LogGroup").properties(cfn!({
        "Family": full_name(None),
        "RuntimePlatform"?: runtime,
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "Cpu": reference("TaskCPU"),
        "Memory": reference("TaskMemory"),
        "EphemeralStorage"?: storage,
        "ExecutionRoleArn": get_att("ExecutionRole", "Arn"),
        "TaskRoleArn": get_att("TaskRole", "Arn"),
        "ContainerDefinitions": containers,
        "Volumes"?: (!volumes.is_empty()).then_some(volumes),
    }));
    stack.resource("TaskDefinition", task.about("Containers, size and roles of a task"));
    volume::add_access_point(stack, &workload.volumes, cx);
}
