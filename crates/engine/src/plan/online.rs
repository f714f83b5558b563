//! A plan with what AWS knows: what is needed is asked once for all stacks, then each deployed stack is fetched.

use std::collections::{BTreeMap, BTreeSet};

use copilot_deployer::facts::{Gathered, Wanted};
use copilot_deployer::stack::{Found, Where, snapshots};
use copilot_stack::Facts;

use super::remote::{Asked, Asking};
use super::{Current, Plan, Proposed, Request, compare, made, proposed, remote};
use crate::build::{self, Environments, Inputs, Settings, Target};
use crate::cloud::Cloud;
use crate::environment::{self, AddonFiles};
use crate::error::Error;
use crate::host::Host;
use crate::pipeline::{Known, LoadedPipeline, observed_of, parse, wanted};

/// Plans with what is deployed at AWS.
///
/// # Errors
/// As rendering does, and as AWS refuses.
pub async fn online(
    request: Request<'_>,
    asking: Asking,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Plan, Error> {
    // What is wrong with the manifest alone is told before AWS is asked.
    let loaded = request.pipeline.map(|file| parse(request.project, file, Known::default())).transpose()?;
    let gathered = gather(request, loaded.map(|(loaded, _)| loaded).as_ref(), cloud, host).await?;
    let facts = gathered.facts.clone();
    let proposed = all(request, gathered, cloud, host).await?;
    let mut deployed = deployed(&proposed, &facts, cloud, host).await?;
    let mut pairs: Vec<(Proposed, Option<Current>)> = proposed
        .into_iter()
        .map(|proposed| {
            let current = deployed.remove(&proposed.stack).map(Current::of);
            (proposed, current)
        })
        .collect();
    let mut asked = Vec::new();
    if asking != Asking::default() {
        let (region, run) = (cloud.session().region(), host.run_id());
        for (proposed, current) in &mut pairs {
            // A change set of a stack that is not there would make it, empty.
            let Some(current) = current else { continue };
            compare::keep(proposed, Some(current));
            asked.push(Asked::of(proposed, current, &facts, region, &run)?);
        }
    }
    let checked = pairs.into_iter().map(|pair| host.check().map(|()| pair));
    let mut plan = made(&facts.application.name, checked)?;
    remote::ask(&mut plan, asking, asked, (request.project, &facts), cloud, host).await?;
    Ok(plan)
}

/// One gathering for everything.
async fn gather(
    request: Request<'_>,
    loaded: Option<&LoadedPipeline>,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Gathered, Error> {
    let scope = request.scope;
    let mut all = loaded.map_or_else(Wanted::default, wanted);
    if scope.workloads || scope.environments {
        // Which environments there are is not known yet, and no question depends on it.
        let pairs = match loaded {
            Some(_) if scope.workloads => proposed::pairs(loaded, request.project, &Facts::default())?,
            _ => Vec::new(),
        };
        let files = if scope.environments { request.project.workspace().environments()? } else { Vec::new() };
        let environments: Vec<String> = files.into_iter().map(|file| file.folder).collect();
        all = union(all, build::wanted_of(request.project, &pairs, &environments)?);
    }
    all.environments = None;
    build::ask(request.project, &all, cloud, host).await
}

fn union(mut one: Wanted, other: Wanted) -> Wanted {
    for question in other.questions {
        if !one.questions.contains(&question) {
            one.questions.push(question);
        }
    }
    one.load_balancers.extend(other.load_balancers);
    one.connections.extend(other.connections);
    one
}

/// What is to be, with files under the names that an upload would give them.
async fn all(
    request: Request<'_>,
    gathered: Gathered,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Vec<Proposed>, Error> {
    let (project, scope) = (request.project, request.scope);
    let mut facts = gathered.facts.clone();
    let registered = gathered.workloads.clone();
    let mut found = Vec::new();
    if scope.environments {
        for file in project.workspace().environments()? {
            if facts.environments.contains_key(&file.folder) {
                let loaded = environment::read(project, &file).map_err(Error::Findings)?;
                environment::complete(&mut facts, &loaded, cloud, host).await?;
            }
        }
        found.extend(proposed::environments(request, &facts, AddonFiles::Read, host)?);
    }
    let region = cloud.session().region();
    let observed = request
        .pipeline
        .map(|file| Ok::<_, Error>((file, observed_of(project, file, gathered, region, host)?)));
    let observed = observed.transpose()?;
    if scope.workloads {
        let inputs = Inputs {
            project,
            pairs: &proposed::pairs(
                observed.as_ref().map(|(_, observed)| &observed.loaded),
                project,
                &facts,
            )?,
            environments: Environments::default(),
            facts: Some(&facts),
            registered: registered.as_deref(),
            cloud: Some(cloud),
            tag: None,
            target: Target::Compare,
            settings: Settings::default(),
        };
        found.extend(proposed::workloads(inputs, &facts, host).await?);
    }
    if let Some((file, observed)) = observed.filter(|_| scope.pipeline) {
        let rendered = observed.rendered(project, host)?;
        found.push(proposed::of_pipeline(file, observed.loaded, rendered, &facts));
    }
    Ok(found)
}

/// The stacks that are there, by name.
async fn deployed(
    proposed: &[Proposed],
    facts: &Facts,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<BTreeMap<String, Found>, Error> {
    let mut places: BTreeMap<Where, BTreeSet<String>> = BTreeMap::new();
    for stack in proposed {
        places.entry(remote::place_of(&stack.subject, facts)?).or_default().insert(stack.stack.clone());
    }
    let mut found = BTreeMap::new();
    for (place, names) in &places {
        found.extend(host.or_cancelled(snapshots(cloud.session(), place, names)).await?);
    }
    Ok(found)
}
