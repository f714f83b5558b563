//! `Request-Driven Web Service`.

use copilot_cfn::intrinsic::{equals, reference};
use copilot_cfn::{Error, Template};

use crate::template::StackParameters;
use crate::workload::context::Context;
use crate::workload::model::{AppRunner, Placement, PrivateAccess};
use crate::workload::part::{addons_stack, app_runner, env_controller, publish};
use crate::workload::stack::Stack;

/// Renders the stack.
pub(crate) fn render(service: &AppRunner<'_>, cx: &Context<'_>) -> Result<Template, Error> {
    let mut stack =
        Stack::new("CloudFormation template that represents a request-driven web service on AWS App Runner.");
    add_parameters(&mut stack);
    let asks = environment_parameters(service);

    app_runner::role::add(&mut stack, service, cx);
    app_runner::service::add(&mut stack, service, cx);
    if !asks.is_empty() {
        env_controller::add(&mut stack, &asks, Vec::new(), cx);
    }
    if let Some(placement) = &service.placement {
        app_runner::vpc_connector::add(&mut stack, placement, service, !asks.is_empty());
    }
    if let Some(access) = service.private {
        app_runner::service::add_private_access(&mut stack, access, service);
    }
    if let Some(alias) = service.alias {
        app_runner::domain::add(&mut stack, alias, cx);
    }
    addons_stack::add(&mut stack, !asks.is_empty(), cx);
    publish::add(&mut stack, &service.publish);
    stack.finish()
}

fn add_parameters(stack: &mut Stack) {
    for name in ["AppName", "EnvName", "WorkloadName", "ContainerImage"] {
        stack.parameter(name, "String");
    }
    stack.parameter("ContainerPort", "Number");
    for name in ["ImageRepositoryType", "InstanceCPU", "InstanceMemory", "ArtifactKeyARN"] {
        stack.parameter(name, "String");
    }
    stack.condition("NeedsAccessRole", equals(reference("ImageRepositoryType"), "ECR"));
    stack.optional("HasAddons", "AddonsTemplateURL");
    for (condition, parameter) in app_runner::service::HEALTH_CHECK_PARAMETERS {
        stack.optional(condition, parameter);
    }
}

/// Parameters of the environment's stack that the service has a say in.
fn environment_parameters(service: &AppRunner<'_>) -> Vec<&'static str> {
    let private = service.private == Some(PrivateAccess::Environment);
    let nat = service.placement == Some(Placement::Private);
    let asked = [private.then_some("AppRunnerPrivateWorkloads"), nat.then_some("NATWorkloads")];
    asked.into_iter().flatten().collect()
}

/// The stack's parameters.
pub(crate) fn parameters(service: &AppRunner<'_>, cx: &Context<'_>) -> StackParameters {
    let mut own = StackParameters::common(cx);
    own.set("ContainerImage", &service.image);
    own.set("ContainerPort", service.port.to_string());
    own.set("ImageRepositoryType", service.repository.parameter());
    own.set("InstanceCPU", service.cpu.to_string());
    own.set("InstanceMemory", service.memory.to_string());
    let check = service.health_check.unwrap_or_default();
    let numbers = [
        ("HealthCheckInterval", check.interval),
        ("HealthCheckTimeout", check.timeout),
        ("HealthCheckHealthyThreshold", check.healthy_threshold),
        ("HealthCheckUnhealthyThreshold", check.unhealthy_threshold),
    ];
    let numbers = numbers.map(|(name, number)| (name, number.map(|number| number.to_string())));
    let path = ("HealthCheckPath", check.path.map(str::to_owned));
    for (name, value) in std::iter::once(path).chain(numbers) {
        if let Some(value) = value {
            own.set(name, value);
        }
    }
    own
}
