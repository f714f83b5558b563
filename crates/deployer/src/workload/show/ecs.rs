//! Services on ECS.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client as CloudWatch;
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types::{self, TaskDefinition};
use copilot_stack::stack_name;
use futures::future::{try_join, try_join4};
use serde::Serialize;

use super::routes::{self, Route};
use super::{Header, List, Resources};
use crate::error::Error;
use crate::stack;
use crate::workload::find::Deployed;
use crate::workload::status;

/// A service on ECS. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EcsDescription {
    /// Its name.
    pub service: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its application.
    pub application: String,
    /// How large it is, by environment.
    pub configurations: List<Configuration>,
    /// Alarms that undo a rollout.
    #[serde(rename = "rollbackAlarms", skip_serializing_if = "Vec::is_empty")]
    pub rollback_alarms: Vec<RollbackAlarm>,
    /// How it is reached; none for a worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routes: Option<List<Route>>,
    /// Names by which other workloads reach it; none for a worker.
    #[serde(rename = "serviceDiscovery", skip_serializing_if = "Option::is_none")]
    pub service_discovery: Option<List<Endpoint>>,
    /// Names by which other workloads reach it over Service Connect.
    #[serde(rename = "serviceConnect", skip_serializing_if = "Vec::is_empty")]
    pub service_connect: Vec<Endpoint>,
    /// Variables of its containers.
    pub variables: List<ContainerVariable>,
    /// Where its containers' secrets are; never their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<ContainerSecret>,
    /// Resources of its stacks, if they were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: Resources,
}

/// How large a service is in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The environment.
    pub environment: String,
    /// The port that it listens at; `-` for none.
    pub port: String,
    /// Units of CPU, of which 1024 are one.
    pub cpu: String,
    /// Memory in MiB.
    pub memory: String,
    /// Operating system and processor, such as `LINUX/X86_64`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// How many tasks it has; none on App Runner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<String>,
}

/// An alarm that undoes a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackAlarm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The environment.
    pub environment: String,
}

/// A name by which others reach a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// The environments in which it does.
    pub environment: Vec<String>,
    /// Name and port.
    pub endpoint: String,
}

/// A variable of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContainerVariable {
    /// The environment.
    pub environment: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The container.
    pub container: String,
}

/// Where a secret of a container is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSecret {
    /// Name of the variable that holds it.
    pub name: String,
    /// The container.
    pub container: String,
    /// The environment.
    pub environment: String,
    /// Name of a parameter in SSM, or an ARN.
    pub value_from: String,
}

/// What the type of a service decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    LoadBalanced,
    Backend,
    Worker,
}

impl Kind {
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "Load Balanced Web Service" => Self::LoadBalanced,
            "Backend Service" => Self::Backend,
            _ => Self::Worker,
        }
    }
}

/// What there is in one environment.
pub(super) struct InEnvironment {
    configuration: Configuration,
    alarms: Vec<RollbackAlarm>,
    route: Option<Route>,
    discovery: Option<String>,
    connect: Vec<String>,
    variables: Vec<ContainerVariable>,
    secrets: Vec<ContainerSecret>,
}

pub(super) async fn one(found: &Deployed, kind: Kind) -> Result<InEnvironment, Error> {
    let env = &found.environment.name;
    let stacks = found.stacks();
    let environment = stack_name::environment(&found.app, env);
    let asked = try_join4(
        stack::describe(&stacks, &found.stack),
        stack::describe(&stacks, &environment),
        definition(found),
        service(found),
    );
    let (own, surroundings, definition, service) = Box::pin(asked).await?;
    let Some(own) = own else { return Err(Error::NoStack { stack: found.stack.clone() }) };
    let surroundings = surroundings.ok_or(Error::NoStack { stack: environment })?;
    let parameter = |key: &str| own.parameters.get(key).cloned().unwrap_or_default();
    let port = parameter("TargetPort");
    let reachable = kind == Kind::LoadBalanced || (kind == Kind::Backend && port != "-1");
    let variables = variables(&definition, env);
    let places = routes::Places { found, own: &own, surroundings: &surroundings, variables: &variables };
    let (route, alarms) = try_join(places.route(kind), alarms(found, service.as_ref())).await?;
    let discovery = reachable.then(|| {
        let domain = surroundings.parameters.get("ServiceDiscoveryEndpoint").cloned();
        format!("{}.{}:{port}", found.name, domain.unwrap_or_else(|| format!("{}.local", found.app)))
    });
    let connect = service.as_ref().filter(|_| reachable).map(aliases).unwrap_or_default();
    let configuration = Configuration {
        environment: env.clone(),
        port: if reachable { port } else { "-".to_owned() },
        cpu: parameter("TaskCPU"),
        memory: parameter("TaskMemory"),
        platform: platform(&definition),
        tasks: Some(parameter("TaskCount")),
    };
    let secrets = secrets(&definition, env);
    Ok(InEnvironment { configuration, alarms, route, discovery, connect, variables, secrets })
}

pub(super) fn together(
    header: Header,
    kind: Kind,
    each: Vec<InEnvironment>,
    resources: Resources,
) -> EcsDescription {
    let worker = kind == Kind::Worker;
    let mut it = EcsDescription {
        service: header.service,
        kind: header.kind,
        application: header.app,
        configurations: List::default(),
        rollback_alarms: Vec::new(),
        routes: (!worker).then(List::default),
        service_discovery: None,
        service_connect: Vec::new(),
        variables: List::default(),
        secrets: Vec::new(),
        resources,
    };
    let (mut discovery, mut connect) = (BTreeMap::new(), BTreeMap::new());
    for one in each {
        let env = &one.configuration.environment;
        for (names, found) in [(one.discovery.as_slice(), &mut discovery), (&one.connect, &mut connect)] {
            for name in names {
                found.entry(name.clone()).or_insert_with(Vec::new).push(env.clone());
            }
        }
        it.configurations.0.push(one.configuration);
        it.rollback_alarms.extend(one.alarms);
        if let Some(routes) = &mut it.routes {
            routes.0.extend(one.route);
        }
        it.variables.0.extend(one.variables);
        it.secrets.extend(one.secrets);
    }
    it.service_discovery = (!worker).then(|| List(endpoints(discovery)));
    it.service_connect = endpoints(connect);
    it
}

fn endpoints(found: BTreeMap<String, Vec<String>>) -> Vec<Endpoint> {
    found.into_iter().map(|(endpoint, environment)| Endpoint { environment, endpoint }).collect()
}

/// The task definition that the stack made last.
async fn definition(found: &Deployed) -> Result<TaskDefinition, Error> {
    let arn = found.task_definition()?;
    let request = Ecs::new(found.config()).describe_task_definition().task_definition(arn);
    let answer = request.send().await.map_err(|error| Error::aws("ecs:DescribeTaskDefinition", &error))?;
    answer.task_definition.ok_or_else(|| Error::Nothing(format!("ECS knows no task definition {arn}")))
}

/// The service, unless the stack never got that far.
async fn service(found: &Deployed) -> Result<Option<types::Service>, Error> {
    let Ok(service) = found.service() else { return Ok(None) };
    let cluster = found.cluster().await?;
    status::describe(found, &cluster, &service.arn).await.map(Some)
}

fn platform(definition: &TaskDefinition) -> String {
    let platform = definition.runtime_platform();
    let system = platform.and_then(|platform| platform.operating_system_family());
    let processor = platform.and_then(|platform| platform.cpu_architecture());
    let system = system.map_or("LINUX", types::OsFamily::as_str);
    format!("{system}/{}", processor.map_or("X86_64", types::CpuArchitecture::as_str))
}

fn variables(definition: &TaskDefinition, environment: &str) -> Vec<ContainerVariable> {
    let all = definition.container_definitions().iter();
    all.flat_map(|container| container.environment().iter().map(move |variable| (container, variable)))
        .map(|(container, variable)| ContainerVariable {
            environment: environment.to_owned(),
            name: variable.name().unwrap_or_default().to_owned(),
            value: variable.value().unwrap_or_default().to_owned(),
            container: container.name().unwrap_or_default().to_owned(),
        })
        .collect()
}

fn secrets(definition: &TaskDefinition, environment: &str) -> Vec<ContainerSecret> {
    let all = definition.container_definitions().iter();
    all.flat_map(|container| container.secrets().iter().map(move |secret| (container, secret)))
        .map(|(container, secret)| ContainerSecret {
            name: secret.name().to_owned(),
            container: container.name().unwrap_or_default().to_owned(),
            environment: environment.to_owned(),
            value_from: secret.value_from().to_owned(),
        })
        .collect()
}

/// Names over Service Connect in the newest rollout.
fn aliases(service: &types::Service) -> Vec<String> {
    let newest = service.deployments().first();
    let Some(connect) = newest.and_then(|rollout| rollout.service_connect_configuration()) else {
        return Vec::new();
    };
    if !connect.enabled() {
        return Vec::new();
    }
    let namespace = connect.namespace().unwrap_or_default();
    let each = connect.services().iter().flat_map(|service| {
        let discovery = service.discovery_name().filter(|name| !name.is_empty());
        let usual = format!("{}.{namespace}", discovery.unwrap_or(service.port_name()));
        match service.client_aliases() {
            [] => vec![usual],
            aliases => aliases
                .iter()
                .map(|alias| {
                    let name = alias.dns_name().filter(|name| !name.is_empty());
                    format!("{}:{}", name.unwrap_or(&usual), alias.port())
                })
                .collect(),
        }
    });
    each.collect()
}

/// The alarms that the service's deployments look at.
async fn alarms(found: &Deployed, service: Option<&types::Service>) -> Result<Vec<RollbackAlarm>, Error> {
    let configured = service.and_then(|service| service.deployment_configuration()?.alarms());
    let names = configured.map(|alarms| alarms.alarm_names().to_vec()).unwrap_or_default();
    let alarms = status::by_names(&CloudWatch::new(found.config()), &names).await?.into_iter();
    let alarm = |alarm: status::Alarm| RollbackAlarm {
        name: alarm.name,
        description: alarm.description,
        environment: found.environment.name.clone(),
    };
    Ok(alarms.map(alarm).collect())
}
