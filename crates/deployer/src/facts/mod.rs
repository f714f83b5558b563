//! What AWS knows about an application, gathered concurrently, each question asked once.

mod environment;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use copilot_stack::facts::{self, Facts};
use futures::future::{try_join, try_join_all, try_join5};
use indexmap::IndexMap;

pub(crate) use environment::read_metadata;
pub(crate) use network::tagged;

use crate::application::{self, Application, Environment};
use crate::error::Error;
use crate::regional::{self, Region};
use crate::session::Session;
use crate::{connection, ec2, pipeline};

/// A question that costs calls, so that it is asked only where its answer matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// Version, manifest and outputs of each environment's stack. Needs its manager role.
    EnvironmentStacks,
    /// Which services behind an environment's load balancer redirect HTTP to HTTPS. Goes with [`Self::EnvironmentStacks`].
    RedirectingServices,
    /// `CloudFront`'s prefix list in each environment's region. Who may not ask for it does without.
    PrefixLists,
    /// The subnets of each environment, for look-ups by tags.
    Subnets,
    /// The topics of each environment, for subscriptions.
    Topics,
    /// Which pipelines are deployed.
    Pipelines,
    /// Which workloads are registered.
    Workloads,
}

/// What to ask beyond the application, its regions and its environments' records.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The environments that matter; `None` for all.
    pub environments: Option<Vec<String>>,
    /// The kinds of questions to ask of each environment and of the application.
    pub questions: Vec<Question>,
    /// Load balancers that manifests name, with the environment that holds them.
    pub load_balancers: Vec<(String, String)>,
    /// Connections that pipelines name.
    pub connections: Vec<String>,
}

impl Wanted {
    /// Everything that a file of facts can hold without knowing any manifest.
    pub fn everything() -> Self {
        use Question::{EnvironmentStacks, Pipelines, PrefixLists, RedirectingServices, Subnets, Topics};
        let questions = vec![EnvironmentStacks, RedirectingServices, PrefixLists, Subnets, Topics, Pipelines];
        Self { questions, ..Self::default() }
    }

    pub(crate) fn asks(&self, question: Question) -> bool {
        self.questions.contains(&question)
    }
}

/// An application as AWS knows it: the facts that rendering needs, and what they were made from.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// What a rendering takes.
    pub facts: Facts,
    /// The application's regions with their repositories.
    pub regions: Vec<Region>,
    /// The environments' records.
    pub environments: Vec<Environment>,
    /// Names of the registered workloads, if they were asked for.
    pub workloads: Option<Vec<String>>,
}

/// Gathers facts.
///
/// # Errors
/// When the application or one of the wanted environments is not there, a role can't be assumed, or AWS refuses.
pub async fn gather(session: &Session, app: &str, wanted: &Wanted) -> Result<Gathered, Error> {
    let (record, environments) =
        try_join(application::application(session, app), application::environments(session, app)).await?;
    let environments = choose(app, environments, wanted.environments.as_deref())?;
    let others = try_join5(
        regional::regions(session, app, &record.account_id),
        try_join_all(environments.iter().map(|env| environment::facts(session, app, env, wanted))),
        connections(session, wanted),
        pipelines(session, app, wanted),
        workloads(session, app, wanted),
    );
    let (others, prefix_lists) = try_join(others, prefix_lists(session, &environments, wanted)).await?;
    let (regions, mut environment_facts, connections, pipelines, workloads) = others;
    for found in &mut environment_facts {
        found.cloudfront_prefix_list_id = prefix_lists.get(&found.region).cloned();
    }
    let load_balancers = load_balancers(session, &environments, wanted).await?;
    let facts = Facts {
        application: application_facts(record),
        regions: region_facts(&regions),
        environments: environments.iter().map(|env| env.name.clone()).zip(environment_facts).collect(),
        load_balancers,
        connections,
        pipelines,
        ..Facts::default()
    };
    Ok(Gathered { facts, regions, environments, workloads })
}

fn choose(app: &str, all: Vec<Environment>, wanted: Option<&[String]>) -> Result<Vec<Environment>, Error> {
    let Some(wanted) = wanted else { return Ok(all) };
    if let Some(missing) = wanted.iter().find(|name| !all.iter().any(|env| env.name == **name)) {
        return Err(Error::NoEnvironment { app: app.to_owned(), name: missing.clone() });
    }
    Ok(all.into_iter().filter(|env| wanted.contains(&env.name)).collect())
}

fn application_facts(record: Application) -> facts::Application {
    facts::Application {
        name: record.name,
        account_id: record.account_id,
        domain: Some(record.domain).filter(|domain| !domain.is_empty()),
        permissions_boundary: record.permissions_boundary.filter(|name| !name.is_empty()),
        tags: record.tags.into_iter().collect(),
    }
}

/// What a rendering takes of an application's regions.
pub fn region_facts(regions: &[Region]) -> IndexMap<String, facts::Region> {
    let facts = |region: &Region| facts::Region {
        artifact_bucket: Some(region.bucket.clone()),
        artifact_key_arn: Some(region.key_arn.clone()),
    };
    regions.iter().map(|region| (region.region.clone(), facts(region))).collect()
}

async fn load_balancers(
    session: &Session,
    environments: &[Environment],
    wanted: &Wanted,
) -> Result<IndexMap<String, facts::LoadBalancer>, Error> {
    let asked =
        wanted.load_balancers.iter().filter_map(|(env, name)| {
            let record = environments.iter().find(|record| record.name == *env)?;
            Some(async move {
                Ok::<_, Error>((name.clone(), network::load_balancer(session, record, name).await?))
            })
        });
    Ok(try_join_all(asked).await?.into_iter().collect())
}

/// `CloudFront`'s prefix list in each region. Roles of builds may not ask for it, which is no failure.
async fn prefix_lists(
    session: &Session,
    environments: &[Environment],
    wanted: &Wanted,
) -> Result<BTreeMap<String, String>, Error> {
    if !wanted.asks(Question::PrefixLists) {
        return Ok(BTreeMap::new());
    }
    let regions: BTreeSet<&String> = environments.iter().map(|env| &env.region).collect();
    let asked = regions.into_iter().map(|region| async move {
        match ec2::cloudfront_prefix_list(&session.in_region(region)).await {
            Ok(found) => Ok(found.map(|id| (region.clone(), id))),
            Err(Error::AccessDenied { message, .. }) => {
                tracing::debug!(%region, %message, "may not ask for prefix lists");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

async fn connections(session: &Session, wanted: &Wanted) -> Result<IndexMap<String, String>, Error> {
    let found = wanted.connections.iter().map(|name| connection::find(session, name));
    let arns = try_join_all(found).await?;
    Ok(wanted.connections.iter().cloned().zip(arns).collect())
}

async fn workloads(session: &Session, app: &str, wanted: &Wanted) -> Result<Option<Vec<String>>, Error> {
    if !wanted.asks(Question::Workloads) {
        return Ok(None);
    }
    let registered = application::workloads(session, app).await?;
    Ok(Some(registered.into_iter().map(|workload| workload.name).collect()))
}

async fn pipelines(
    session: &Session,
    app: &str,
    wanted: &Wanted,
) -> Result<IndexMap<String, facts::DeployedPipeline>, Error> {
    if !wanted.asks(Question::Pipelines) {
        return Ok(IndexMap::new());
    }
    let deployed = pipeline::list(session, app).await?;
    Ok(deployed.into_iter().map(|p| (p.name, facts::DeployedPipeline { legacy: p.legacy })).collect())
}
