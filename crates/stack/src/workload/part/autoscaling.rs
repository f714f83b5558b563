//! Application Auto Scaling: how many tasks run, and the policies that change it.

use copilot_cfn::intrinsic::{get_att, join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};
use sha2::{Digest, Sha256};

use super::queue_backlog;
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::function::Function;
use crate::template::go_number::float;
use crate::template::names::hexadecimal;
use crate::workload::context::Context;
use crate::workload::iam::{function_role, in_cluster, policy, role, trust};
use crate::workload::model::{Autoscaling, EcsKind, EcsWorkload, Scaling};
use crate::workload::stack::{Stack, env_import, from_environment};

const FUNCTION: Function = Function {
    id: "DynamicDesiredCountFunction",
    role: "DynamicDesiredCountFunctionRole",
    handler: "index.handler",
    timeout: 600,
};

/// Adds what keeps the number of tasks, where the count is not fixed.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>, cx: &Context<'_>) {
    let Some(scaling) = workload.count.autoscaling() else { return };
    add_desired_count(stack, workload, scaling, cx);
    add_target(stack, scaling, cx);
    add_utilization(stack, "CPU", scaling.cpu);
    add_utilization(stack, "Memory", scaling.memory);
    add_load_balancer_policies(stack, workload, scaling);
    if let Some(delay) = scaling.queue_delay {
        queue_backlog::add(stack, workload, delay, cx);
    }
}

/// An update must not reset the count to where it was at the last one, so a function looks how many tasks run now.
///
/// It has to look again whenever something changes, so one of its properties is a hash of what may change.
fn add_desired_count(stack: &mut Stack, workload: &EcsWorkload<'_>, scaling: &Autoscaling, cx: &Context<'_>) {
    let digest = Sha256::digest(format!("{}\n{scaling:?}\n{workload:?}", workload.image));
    let action = FUNCTION.action().properties(cfn!({
        "Cluster": env_import("ClusterId"),
        "App": reference("AppName"),
        "Env": reference("EnvName"),
        "Svc": reference("WorkloadName"),
        "DefaultDesiredCount": reference("TaskCount"),
        "UpdateID": hexadecimal(&digest[..16]),
    }));
    let allow = |sid: &'static str, action: &'static str, condition: Option<Value>| {
        cfn!({
            "Sid": sid,
            "Effect": "Allow",
            "Action": [action],
            "Resource": "*",
            "Condition"?: condition,
        })
    };
    let statements = cfn!([
        allow("ECS", "ecs:DescribeServices", Some(in_cluster("ClusterName"))),
        allow("ResourceGroups", "resource-groups:GetResources", None),
        allow("Tags", "tag:GetResources", None),
    ]);
    stack.resource("DynamicDesiredCountAction", action.about("Look-up of how many tasks run now"));
    stack.resource(FUNCTION.id, FUNCTION.resource(cx));
    let role = function_role(cx, cfn!([policy("DelegateDesiredCountAccess", statements)]));
    stack.resource(FUNCTION.role, role.about("Role of the function that counts running tasks"));
}

fn add_target(stack: &mut Stack, scaling: &Autoscaling, cx: &Context<'_>) {
    let managed =
        sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceAutoscaleRole");
    let scaler = role(cx, trust("ecs-tasks.amazonaws.com")).property("ManagedPolicyArns", cfn!([managed]));
    let service = join("/", cfn!(["service", env_import("ClusterId"), get_att("Service", "Name")]));
    let target = Resource::new("AWS::ApplicationAutoScaling::ScalableTarget").properties(cfn!({
        "MinCapacity": scaling.min,
        "MaxCapacity": scaling.max,
        "ResourceId": service,
        "ScalableDimension": "ecs:service:DesiredCount",
        "ServiceNamespace": "ecs",
        "RoleARN": get_att("AutoScalingRole", "Arn"),
    }));
    stack.resource("AutoScalingRole", scaler.about("Role with which the number of tasks is changed"));
    stack.resource("AutoScalingTarget", target.about("Bounds for the number of tasks"));
}

/// A policy that keeps a value; `metric` is the part of its configuration that says which.
pub(super) fn scaling_policy(name: Value, metric: Value, scaling: Scaling) -> Resource {
    let name = join("-", name);
    let mut configuration = cfn!({
        "ScaleInCooldown": float(scaling.cooldown.scale_in),
        "ScaleOutCooldown": float(scaling.cooldown.scale_out),
        "TargetValue": float(scaling.target),
    });
    if let (Some(map), Value::Map(metric)) = (configuration.as_map_mut(), metric) {
        map.extend(metric);
    }
    Resource::new("AWS::ApplicationAutoScaling::ScalingPolicy").properties(cfn!({
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": reference("AutoScalingTarget"),
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }))
}

fn add_utilization(stack: &mut Stack, what: &str, scaling: Option<Scaling>) {
    let Some(scaling) = scaling else { return };
    let metric = format!("ECSServiceAverage{what}Utilization");
    let name = cfn!([reference("WorkloadName"), metric.clone(), "ScalingPolicy"]);
    let specification = cfn!({ "PredefinedMetricSpecification": { "PredefinedMetricType": metric.clone() } });
    stack.resource(format!("AutoScalingPolicy{metric}"), scaling_policy(name, specification, scaling));
}

/// Requests and response time are those of the main rule's targets.
fn add_load_balancer_policies(stack: &mut Stack, workload: &EcsWorkload<'_>, scaling: &Autoscaling) {
    let imported = workload.http.as_ref().and_then(|http| http.imported.as_ref());
    // Of a backend service's own load balancer Copilot does not know; validation warns of it.
    let balancer = || match (workload.kind, imported) {
        (EcsKind::Backend, _) => from_environment("InternalLoadBalancerFullName"),
        (_, Some(imported)) => as_written(imported.name),
        (_, None) => from_environment("PublicLoadBalancerFullName"),
    };
    let metric = |name: &'static str, statistic: &'static str, group: &'static str| {
        cfn!({
            "CustomizedMetricSpecification": {
                "Dimensions": [
                    { "Name": "LoadBalancer", "Value": balancer() },
                    { "Name": "TargetGroup", "Value": get_att(group, "TargetGroupFullName") },
                ],
                "MetricName": name,
                "Namespace": "AWS/ApplicationELB",
                "Statistic": statistic,
            },
        })
    };
    if let Some(requests) = scaling.requests {
        let name = cfn!([reference("WorkloadName"), "ALBSumRequestCountPerTarget", "ScalingPolicy"]);
        // With an imported load balancer Copilot refers to a group that is not there; that could never be deployed.
        let named = imported.is_some() && workload.kind != EcsKind::Backend;
        let group = if named { "TargetGroupForImportedALB" } else { "TargetGroup" };
        let policy = scaling_policy(name, metric("RequestCountPerTarget", "Sum", group), requests);
        stack.resource("AutoScalingPolicyALBSumRequestCountPerTarget", policy);
    }
    if let Some(time) = scaling.response_time {
        let name = cfn!([reference("WorkloadName"), "ALBAverageResponseTime", "ScalingPolicy"]);
        let group = if imported.is_some() { "TargetGroupForImportedALB" } else { "TargetGroup" };
        let policy = scaling_policy(name, metric("TargetResponseTime", "Average", group), time);
        stack.resource("AutoScalingPolicyALBAverageResponseTime", policy);
    }
}
