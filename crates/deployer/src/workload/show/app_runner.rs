//! Services on App Runner.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_apprunner::Client;
use aws_sdk_apprunner::types::Service;
use serde::Serialize;

use super::ecs::Configuration;
use super::{Header, List, Resources};
use crate::error::Error;
use crate::workload::find::Deployed;
use crate::workload::status::describe_app_runner;

/// A service on App Runner. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AppRunnerDescription {
    /// Its name.
    pub service: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its application.
    pub application: String,
    /// How large it is, by environment.
    pub configurations: List<Configuration>,
    /// How it is reached.
    pub routes: List<AppRunnerRoute>,
    /// Its variables.
    pub variables: List<Variable>,
    /// Resources of its stacks, if they were asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: Resources,
    /// How it is traced; none where nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observability: Vec<Observability>,
    /// Where its secrets are; never their values. The key of the place is `value`, as in Copilot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Variable>,
}

/// How a service is reached in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppRunnerRoute {
    /// The environment.
    pub environment: String,
    /// Its address.
    pub url: String,
    /// `internet`, or `environment` for one that is reached from its VPC only.
    pub ingress: &'static str,
}

/// A variable, or the place of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// The environment.
    pub environment: String,
    /// Its name.
    pub name: String,
    /// Its value, or where the secret is.
    pub value: String,
}

/// How a service is traced in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observability {
    /// The environment.
    pub environment: String,
    /// Who traces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracing: Option<Tracing>,
}

/// Who traces a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tracing {
    /// `AWSXRAY`.
    pub vendor: String,
}

/// What there is in one environment.
pub(super) struct InEnvironment {
    configuration: Configuration,
    route: AppRunnerRoute,
    variables: Vec<Variable>,
    secrets: Vec<Variable>,
    observability: Observability,
}

pub(super) async fn one(found: &Deployed) -> Result<InEnvironment, Error> {
    let env = &found.environment.name;
    let service = describe_app_runner(found).await?;
    let client = Client::new(found.config());
    let route = route(found, &client, &service).await?;
    let tracing = tracing(&client, &service).await;
    let image = service.source_configuration().and_then(|source| source.image_repository());
    let image = image.and_then(|image| image.image_configuration());
    let instance = service.instance_configuration();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let configuration = Configuration {
        environment: env.clone(),
        port: text(image.and_then(|image| image.port())),
        cpu: text(instance.and_then(|instance| instance.cpu())),
        memory: text(instance.and_then(|instance| instance.memory())),
        platform: String::new(),
        tasks: None,
    };
    Ok(InEnvironment {
        configuration,
        route,
        variables: sorted(env, image.and_then(|image| image.runtime_environment_variables())),
        secrets: sorted(env, image.and_then(|image| image.runtime_environment_secrets())),
        observability: Observability { environment: env.clone(), tracing },
    })
}

pub(super) fn together(
    header: Header,
    each: Vec<InEnvironment>,
    resources: Resources,
) -> AppRunnerDescription {
    let mut it = AppRunnerDescription {
        service: header.service,
        kind: header.kind,
        application: header.app,
        configurations: List::default(),
        routes: List::default(),
        variables: List::default(),
        resources,
        observability: Vec::new(),
        secrets: Vec::new(),
    };
    for one in each {
        it.configurations.0.push(one.configuration);
        it.routes.0.push(one.route);
        it.variables.0.extend(one.variables);
        it.secrets.extend(one.secrets);
        it.observability.push(one.observability);
    }
    if it.observability.iter().all(|one| one.tracing.is_none()) {
        it.observability.clear();
    }
    it
}

fn sorted(environment: &str, found: Option<&HashMap<String, String>>) -> Vec<Variable> {
    let mut found: Vec<Variable> = found
        .into_iter()
        .flatten()
        .map(|(name, value)| Variable {
            environment: environment.to_owned(),
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Its address; that of its connection with the VPC if only that leads to it.
async fn route(found: &Deployed, client: &Client, service: &Service) -> Result<AppRunnerRoute, Error> {
    let mut resources = found.resources().iter();
    let connection = resources.find(|resource| resource.kind == "AWS::AppRunner::VpcIngressConnection");
    let environment = found.environment.name.clone();
    let Some(connection) = connection else {
        let url = format!("https://{}", service.service_url().unwrap_or_default());
        return Ok(AppRunnerRoute { environment, url, ingress: "internet" });
    };
    let request = client.describe_vpc_ingress_connection();
    let answer = request.vpc_ingress_connection_arn(&connection.physical_id).send().await;
    let answer = answer.map_err(|error| Error::aws("apprunner:DescribeVpcIngressConnection", &error))?;
    let domain = answer.vpc_ingress_connection.and_then(|connection| connection.domain_name);
    let url = format!("https://{}", domain.unwrap_or_default());
    Ok(AppRunnerRoute { environment, url, ingress: "environment" })
}

/// Who traces it. An environment of an early version may not ask, which is no failure.
async fn tracing(client: &Client, service: &Service) -> Option<Tracing> {
    let observed = service.observability_configuration().filter(|it| it.observability_enabled())?;
    let request = client.describe_observability_configuration();
    let request = request.observability_configuration_arn(observed.observability_configuration_arn()?);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = Error::aws("apprunner:DescribeObservabilityConfiguration", &error);
            tracing::debug!(%error, "may not ask how the service is traced");
            return None;
        }
    };
    let vendor = answer.observability_configuration?.trace_configuration?.vendor;
    Some(Tracing { vendor: vendor.as_str().to_owned() })
}
