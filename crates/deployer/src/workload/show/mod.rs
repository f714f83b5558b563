//! What a service is made of, in each environment that it is deployed in.

mod app_runner;
mod ecs;
mod routes;
mod site;

use std::collections::BTreeMap;

use futures::future::try_join_all;
use serde::{Serialize, Serializer};

pub use app_runner::{AppRunnerDescription, AppRunnerRoute, Observability, Tracing, Variable};
pub use ecs::{Configuration, ContainerSecret, ContainerVariable, EcsDescription, Endpoint, RollbackAlarm};
pub use routes::Route;
pub use site::{SiteDescription, Tree};

use super::find::{Deployed, find_in};
use crate::application::{Environment, Workload};
use crate::error::Error;
use crate::facts::read_metadata;
use crate::null::null_if_empty;
use crate::session::Session;
use crate::stack::{self, Resource};

/// A service. Its JSON is what Copilot prints, which depends on its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Description {
    /// On ECS.
    Ecs(EcsDescription),
    /// On App Runner.
    AppRunner(AppRunnerDescription),
    /// A static site.
    StaticSite(SiteDescription),
}

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ecs(it) => it.serialize(serializer),
            Self::AppRunner(it) => it.serialize(serializer),
            Self::StaticSite(it) => it.serialize(serializer),
        }
    }
}

/// Resources by environment.
pub type Resources = BTreeMap<String, Vec<Listed>>;

/// A resource as it is listed. Its JSON is what Copilot prints.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Listed {
    /// Its type, such as `AWS::ECS::Service`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name or ARN at AWS.
    #[serde(rename = "physicalID")]
    pub physical_id: String,
    /// Its name in the template.
    #[serde(rename = "logicalID", skip_serializing_if = "String::is_empty")]
    pub logical_id: String,
}

/// A list that is `null` where it is empty, as Copilot writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        null_if_empty(&self.0, serializer)
    }
}

/// What nobody asks for: what only helps CloudFormation along.
const HIDDEN: [&str; 3] = [
    "Custom::RulePriorityFunction",
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
];

/// Describes a service in those environments that it is deployed in, and the resources of its stacks if asked to. There may be
/// no such environment.
///
/// # Errors
/// [`Error::AssumeRole`], or when AWS refuses.
pub async fn show(
    session: &Session,
    app: &str,
    service: &Workload,
    environments: &[Environment],
    resources: bool,
) -> Result<Description, Error> {
    let found = try_join_all(environments.iter().map(async |environment| {
        match find_in(session, app, environment.clone(), &service.name).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotDeployed { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }));
    let found: Vec<Deployed> = found.await?.into_iter().flatten().collect();
    let resources = if resources { found.iter().map(listed).collect() } else { Resources::new() };
    let header = Header { service: service.name.clone(), kind: service.kind.clone(), app: app.to_owned() };
    Ok(match service.kind.as_str() {
        "Request-Driven Web Service" => {
            let each = try_join_all(found.iter().map(app_runner::one)).await?;
            Description::AppRunner(app_runner::together(header, each, resources))
        }
        "Static Site" => {
            let each = try_join_all(found.iter().map(site::one)).await?;
            Description::StaticSite(site::together(header, each, resources))
        }
        kind => {
            let kind = ecs::Kind::of(kind);
            let each = try_join_all(found.iter().map(|found| ecs::one(found, kind))).await?;
            Description::Ecs(ecs::together(header, kind, each, resources))
        }
    })
}

/// Which service it is.
struct Header {
    service: String,
    kind: String,
    app: String,
}

fn listed(found: &Deployed) -> (String, Vec<Listed>) {
    let shown = found.resources().iter().filter(|resource| !HIDDEN.contains(&resource.kind.as_str()));
    let mut shown: Vec<Listed> = shown
        .map(|Resource { kind, physical_id, logical_id, .. }| Listed {
            kind: kind.clone(),
            physical_id: physical_id.clone(),
            logical_id: logical_id.clone(),
        })
        .collect();
    shown.sort();
    (found.environment.name.clone(), shown)
}

/// The manifest that a workload was deployed with in an environment, after variables were put in; `None` where its stack has
/// none because an early program made it.
///
/// # Errors
/// When CloudFormation refuses.
pub async fn manifest(deployed: &Deployed) -> Result<Option<String>, Error> {
    let metadata = stack::metadata(&deployed.stacks(), &deployed.stack).await?.unwrap_or_default();
    let manifest = read_metadata(&deployed.stack, &metadata).manifest.unwrap_or_default();
    let manifest = manifest.trim_end();
    Ok((!manifest.is_empty()).then(|| format!("{manifest}\n")))
}

/// Alternatives as a part of a sentence.
fn or(alternatives: &[String]) -> String {
    match alternatives {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} or {two}"),
        [others @ .., last] => format!("{}, or {last}", others.join(", ")),
    }
}
