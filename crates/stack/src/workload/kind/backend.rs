//! `Backend Service`.

use copilot_cfn::intrinsic::{equals, get_att, not, reference};
use copilot_cfn::{Error, Template, Value, cfn};
use copilot_manifest::workload::defaults;

use super::task_parts;
use crate::workload::context::Context;
use crate::workload::model::EcsWorkload;
use crate::workload::part::{autoscaling, deployment_alarms, load_balancer, service, service_discovery};
use crate::workload::stack::{Stack, only_if};

/// Renders the stack.
pub(crate) fn render(workload: &EcsWorkload<'_>, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack = Stack::new("CloudFormation template that represents a backend service on Amazon ECS.");
    task_parts::add_parameters(&mut stack, workload);
    stack.parameter("ContainerPort", "Number");
    stack.parameter("TargetContainer", "String");
    stack.parameter("TargetPort", "Number");
    stack.parameter_or("LogRetention", "Number", defaults::LOG_RETENTION);
    task_parts::add_gov_cloud_condition(&mut stack);
    stack.condition("ExposePort", not(equals(reference("TargetPort"), -1)));

    task_parts::add_resources(&mut stack, workload, cx);
    service_discovery::add(&mut stack);
    let registries =
        cfn!([{ "RegistryArn": get_att("DiscoveryService", "Arn"), "Port": reference("TargetPort") }]);
    let mut service =
        service::base(workload, cx).property("ServiceRegistries", only_if("ExposePort", registries));
    let mut waits_for = vec!["EnvControllerAction".into()];
    if let Some(http) = &workload.http {
        load_balancer::add(&mut stack, workload, http, cx);
        waits_for.extend(load_balancer::rule_ids(http));
        service = service
            .property("HealthCheckGracePeriodSeconds", workload.health_check_grace_period())
            .property("LoadBalancers", Value::List(load_balancer::targets(http)));
    }
    stack.resource_after("Service", waits_for, service);
    autoscaling::add(&mut stack, workload, cx);
    deployment_alarms::add(&mut stack, &workload.deployment, cx);
    stack.export("DiscoveryServiceARN", get_att("DiscoveryService", "Arn"));
    stack.finish()
}
