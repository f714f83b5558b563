//! `Load Balanced Web Service`.

use copilot_cfn::intrinsic::{equals, get_att, reference};
use copilot_cfn::{Error, Str, Template, Value, cfn};

use super::task_parts;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::part::{
    autoscaling, deployment_alarms, load_balancer, network_load_balancer, service, service_discovery,
};
use crate::workload::stack::Stack;

/// Renders the stack.
pub(crate) fn render(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack =
        Stack::new("CloudFormation template that represents a load balanced web service on Amazon ECS.");
    task_parts::add_parameters(&mut stack, workload);
    stack.parameter("ContainerPort", "Number");
    stack.flag("DNSDelegated");
    stack.parameter("LogRetention", "Number");
    stack.parameter("TargetContainer", "String");
    stack.parameter("TargetPort", "Number");
    task_parts::add_gov_cloud_condition(&mut stack);
    stack.condition("HasAssociatedDomain", equals(reference("DNSDelegated"), true));

    task_parts::add_resources(&mut stack, workload, cx);
    service_discovery::add(&mut stack);
    let mut waits_for: Vec<Str> = Vec::new();
    let mut targets: Vec<Value> = Vec::new();
    if let Some(http) = workload.http.as_ref().filter(|http| !http.rules.is_empty()) {
        load_balancer::add(&mut stack, workload, http, cx);
        waits_for.extend(load_balancer::rule_ids(http));
        targets.extend(load_balancer::targets(http));
    }
    if let Some(nlb) = &workload.nlb {
        network_load_balancer::add(&mut stack, nlb, cx);
        waits_for.extend(network_load_balancer::listener_ids(nlb));
        targets.extend(network_load_balancer::targets(nlb));
    }
    let service = service::base(workload, cx).properties(cfn!({
        "HealthCheckGracePeriodSeconds": workload.health_check_grace_period(),
        "LoadBalancers": if targets.is_empty() { Value::Null } else { targets.into() },
        "ServiceRegistries":
            [{ "RegistryArn": get_att("DiscoveryService", "Arn"), "Port": reference("TargetPort") }],
    }));
    stack.resource_after("Service", waits_for, service);
    autoscaling::add(&mut stack, workload, cx);
    deployment_alarms::add(&mut stack, &workload.deployment, cx);
    stack.export("DiscoveryServiceARN", get_att("DiscoveryService", "Arn"));
    stack.finish()
}
