//! The service itself.

use copilot_cfn::intrinsic::{get_att, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::tags;
use crate::template::About as _;
use crate::template::as_written::as_written;
use crate::template::names::screaming_snake;
use crate::workload::context::Context;
use crate::workload::model::{AppRunner, PrivateAccess};
use crate::workload::part::environment_variables::{self as env, variable};
use crate::workload::part::secret;
use crate::workload::stack::{Stack, addon_output, env_import, from_environment, only_if};

/// Conditions and the parameters that they look at.
pub(crate) const HEALTH_CHECK_PARAMETERS: [(&str, &str); 5] = [
    ("HasHealthCheckPath", "HealthCheckPath"),
    ("HasHealthCheckInterval", "HealthCheckInterval"),
    ("HasHealthCheckTimeout", "HealthCheckTimeout"),
    ("HasHealthCheckHealthyThreshold", "HealthCheckHealthyThreshold"),
    ("HasHealthCheckUnhealthyThreshold", "HealthCheckUnhealthyThreshold"),
];

/// Adds the service.
pub(crate) fn add(stack: &mut Stack, service: &AppRunner<'_>, cx: &Context<'_>) {
    let access = only_if("NeedsAccessRole", cfn!({ "AccessRoleArn": get_att("AccessRole", "Arn") }));
    let observability = service.tracing.then(|| {
        cfn!({
            "ObservabilityEnabled": true,
            "ObservabilityConfigurationArn": sub(
                "arn:aws:apprunner:${AWS::Region}:${AWS::AccountId}:observabilityconfiguration/DefaultConfiguration/1/00000000000000000000000000000001",
            ),
        })
    });
    let scaling = service.scaling.map(|name| {
        sub(format!(
            "arn:${{AWS::Partition}}:apprunner:${{AWS::Region}}:${{AWS::AccountId}}:autoscalingconfiguration/{name}"
        ))
    });
    let secrets = secrets(service, cx);
    let resource = Resource::new("AWS::AppRunner::Service").properties(cfn!({
        "ServiceName": sub("${AppName}-${EnvName}-${WorkloadName}"),
        "SourceConfiguration": {
            "AuthenticationConfiguration": access,
            "AutoDeploymentsEnabled": false,
            "ImageRepository": {
                "ImageIdentifier": reference("ContainerImage"),
                "ImageRepositoryType": reference("ImageRepositoryType"),
                "ImageConfiguration": {
                    "Port": reference("ContainerPort"),
                    "RuntimeEnvironmentSecrets"?: (!secrets.is_empty()).then_some(secrets),
                    "RuntimeEnvironmentVariables": variables(service, cx),
                    "StartCommand"?: service.command.map(as_written),
                },
            },
        },
        "InstanceConfiguration": {
            "Cpu": reference("InstanceCPU"),
            "Memory": reference("InstanceMemory"),
            "InstanceRoleArn": get_att("InstanceRole", "Arn"),
        },
        "HealthCheckConfiguration"?: service.health_check.map(|_| health_check()),
        "NetworkConfiguration": network(service),
        "ObservabilityConfiguration"?: observability,
        "AutoScalingConfigurationArn"?: scaling,
        "Tags": tags(service),
    }));
    stack.resource("Service", resource.about("App Runner service with the containers"));
}

fn health_check() -> Value {
    let mut check = cfn!({ "Protocol": "HTTP" });
    if let Some(map) = check.as_map_mut() {
        for (condition, parameter) in HEALTH_CHECK_PARAMETERS {
            let key = parameter.strip_prefix("HealthCheck").unwrap_or(parameter);
            map.insert(key, only_if(condition, reference(parameter)));
        }
    }
    check
}

fn network(service: &AppRunner<'_>) -> Value {
    let egress = if service.placement.is_some() {
        cfn!({ "EgressType": "VPC", "VpcConnectorArn": reference("VpcConnector") })
    } else {
        cfn!({ "EgressType": "DEFAULT" })
    };
    let ingress = service.private.map(|_| cfn!({ "IsPubliclyAccessible": false }));
    cfn!({ "EgressConfiguration": egress, "IngressConfiguration"?: ingress })
}

fn variables(service: &AppRunner<'_>, cx: &Context<'_>) -> Vec<Value> {
    let mut list = vec![
        variable("COPILOT_APPLICATION_NAME", reference("AppName")),
        variable("COPILOT_ENVIRONMENT_NAME", reference("EnvName")),
        variable("COPILOT_SERVICE_NAME", reference("WorkloadName")),
    ];
    if service.placement.is_some() {
        let endpoint = as_written(&cx.service_discovery_endpoint());
        list.push(variable("COPILOT_SERVICE_DISCOVERY_ENDPOINT", endpoint));
    }
    list.extend(env::of_topics(&service.publish, cx));
    list.extend(env::own(&service.variables));
    list.extend(env::of_addons(cx));
    let secrets = cx.addons.into_iter().flat_map(crate::workload::model::Addons::secrets);
    list.extend(
        secrets.map(|output| variable(format!("{}_ARN", screaming_snake(output)), addon_output(output))),
    );
    list
}

fn secrets(service: &AppRunner<'_>, cx: &Context<'_>) -> Vec<Value> {
    let own =
        service.secrets.iter().map(|(name, source)| variable(as_written(name), secret::source(*source)));
    let addons = cx.addons.into_iter().flat_map(crate::workload::model::Addons::secrets);
    own.chain(addons.map(|output| variable(screaming_snake(output), addon_output(output)))).collect()
}

/// Adds the way into a service that only the environment's network reaches.
pub(crate) fn add_private_access(stack: &mut Stack, access: PrivateAccess<'_>, service: &AppRunner<'_>) {
    let endpoint = match access {
        PrivateAccess::Environment => from_environment("AppRunnerVpcEndpointId"),
        PrivateAccess::Endpoint(id) => as_written(id),
    };
    let connection = Resource::new("AWS::AppRunner::VpcIngressConnection").properties(cfn!({
        "ServiceArn": get_att("Service", "ServiceArn"),
        "IngressVpcConfiguration": { "VpcId": env_import("VpcId"), "VpcEndpointId": endpoint },
        "Tags": tags(service),
    }));
    let connection = connection.about("Way from the environment's network to the service");
    stack.resource("AppRunnerVpcIngressConnection", connection);
}
