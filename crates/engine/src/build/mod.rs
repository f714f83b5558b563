//! The build stage: images and files of many workloads in many environments, once, in parallel, and then their stacks, and those of
//! environments.
//!
//! Everything that can be known before is known before: [`plan`] reads manifests, facts and files and renders every stack once to
//! find what is wrong; [`apply`] builds images and uploads files, then renders the stacks again with what came of it.

mod compare;
mod environments;
pub(crate) mod functions;
pub(crate) mod images;
mod needs;
pub(crate) mod places;
mod prepare;
mod publish;
mod report;
mod selection;
mod stacks;
mod units;
pub(crate) mod uploads;

use camino::Utf8PathBuf;
use copilot_artifact::execute::Reuse;
use copilot_deployer::facts::{Gathered, Wanted, gather};
use copilot_stack::Facts;
use copilot_yaml::Diagnostics;

use crate::cloud::Cloud;
use crate::environment::{self, LoadedManifest};
use crate::error::Error;
use crate::event::Happening;
use crate::host::Host;
use crate::project::Project;

pub use compare::compare;
pub use environments::Environments;
pub use functions::{Keys, object as function_object};
pub(crate) use images::within;
pub use places::Places;
use prepare::Prepared;
pub(crate) use publish::upload;
pub use report::{Outcome, Phase, Record, Written};
pub use selection::{Filter, Foreign, Pair, Selected, of_pipeline};
pub use stacks::{Stack, Stacks};
use units::Unit;

/// What is to be made of which workloads and environments.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// The workspace.
    pub project: &'a Project,
    /// The workloads with their environments.
    pub pairs: &'a [Pair],
    /// The environments whose own stacks are made.
    pub environments: Environments<'a>,
    /// What is known of AWS; if nothing is, AWS is asked.
    pub facts: Option<&'a Facts>,
    /// The workloads that the application knows, where that was asked.
    pub registered: Option<&'a [String]>,
    /// Where AWS is. It is needed where there are no facts, and where something goes there.
    pub cloud: Option<&'a Cloud>,
    /// Tag of main containers' images.
    pub tag: Option<&'a str>,
    /// Where images and files go.
    pub target: Target,
    /// How it is made.
    pub settings: Settings,
}

impl Inputs<'_> {
    fn registry(&self) -> Option<&str> {
        self.cloud.and_then(Cloud::registry)
    }
}

/// Where images and files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To the registry and the artifact buckets.
    Aws,
    /// Images stay in the local engine; files stay where they are.
    Engine,
    /// Images go to this folder in the OCI layout; files stay where they are.
    Layout(Utf8PathBuf),
    /// Nothing is built or uploaded, and stacks refer to nothing that was.
    Nothing,
    /// Nothing is built or uploaded, but stacks refer to files by the names that an upload would give them: to be compared with
    /// what is deployed.
    Compare,
}

impl Target {
    /// Whether images are built and files go somewhere.
    pub const fn builds(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Compare)
    }

    /// Whether AWS is needed, with or without facts.
    pub const fn needs_aws(&self, has_facts: bool) -> bool {
        !has_facts || matches!(self, Self::Aws)
    }
}

/// How it is made.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `docker`, `podman`, `finch` or the path of one; the first that answers if none.
    pub engine: Option<String>,
    /// Images built at a time.
    pub jobs: Option<usize>,
    /// Which images of earlier runs count.
    pub reuse: Reuse,
    /// Only shows what would be done.
    pub dry_run: bool,
}

/// The manifests of a run, read.
#[derive(Debug)]
struct Manifests {
    units: Vec<Unit>,
    environments: Vec<LoadedManifest>,
}

impl Manifests {
    /// Reads them, with warnings.
    fn read(
        project: &Project,
        pairs: &[Pair],
        environments: &[String],
    ) -> Result<(Self, Diagnostics), Error> {
        let mut problems = Diagnostics::default();
        let environments = environments::read(project, environments, &mut problems)?;
        let units = units::read(project, pairs, &mut problems)?;
        // What is wrong in one environment is usually wrong in all, and is said once.
        problems.sort();
        if problems.has_errors() {
            return Err(Error::Findings(problems));
        }
        Ok((Self { units, environments }, problems))
    }
}

/// Finds what is wrong with manifests, and what they name, without asking AWS.
///
/// # Errors
/// [`Error::Findings`] with all that is wrong.
pub fn check(project: &Project, selected: &Selected, target: &Target) -> Result<(), Error> {
    let (manifests, _) = Manifests::read(project, &selected.pairs, &selected.environments)?;
    if target.builds() { images::check(&manifests.units, project.workspace()) } else { Ok(()) }
}

/// What the stacks of these workloads and environments need to know of AWS.
///
/// # Errors
/// [`Error::Findings`] with all that is wrong with their manifests.
pub(crate) fn wanted_of(project: &Project, pairs: &[Pair], environments: &[String]) -> Result<Wanted, Error> {
    let (manifests, _) = Manifests::read(project, pairs, environments)?;
    Ok(needs::wanted(&manifests.units, &manifests.environments))
}

/// A build that is ready to be carried out: all that can be known before images are built.
#[derive(Debug)]
pub struct Plan<'a> {
    inputs: Inputs<'a>,
    facts: Facts,
    prepared: Prepared,
}

impl Plan<'_> {
    /// The images and files.
    pub fn artifacts(&self) -> &copilot_artifact::Plan {
        &self.prepared.plan
    }

    /// What is known of AWS.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// Plans a build. `record` learns how long it took.
///
/// # Errors
/// [`Error::Findings`] with all that is wrong with any manifest or stack; otherwise as AWS refuses.
pub async fn plan<'a>(inputs: Inputs<'a>, record: &mut Record, host: &dyn Host) -> Result<Plan<'a>, Error> {
    let project = inputs.project;
    let (manifests, warnings) = Manifests::read(project, inputs.pairs, inputs.environments.names)?;
    host.findings(warnings);
    if inputs.target.builds() {
        images::check(&manifests.units, project.workspace())?;
    }
    let asking = record.begin(Phase::Facts);
    let facts = facts(&inputs, &manifests, host).await;
    record.end_of(asking);
    let facts = facts?;
    let planning = record.begin(Phase::Plan);
    let prepared = prepare::prepare(&inputs, manifests, &facts, host);
    record.end_of(planning);
    Ok(Plan { prepared: prepared?, inputs, facts })
}

/// Carries a plan out: builds, uploads and renders. `record` learns what was done also where it fails; no file is written.
///
/// # Errors
/// The first cause.
pub async fn apply(mut plan: Plan<'_>, record: &mut Record, host: &dyn Host) -> Result<Stacks, Error> {
    if plan.inputs.target.builds() {
        publish::publish(&plan.inputs, &mut plan.prepared, &plan.facts, record, host).await?;
    }
    let rendering = record.begin(Phase::Render);
    let stacks = finish(&plan, host);
    record.end_of(rendering);
    stacks
}

/// Renders what is written.
fn finish(plan: &Plan<'_>, host: &dyn Host) -> Result<Stacks, Error> {
    let project = plan.inputs.project;
    let of_environment = |draft: &environment::Draft| {
        host.check()?;
        draft.finish(project, host)
    };
    let of_workload = |stack: &prepare::Ready| {
        host.check()?;
        stacks::finish(stack.parts(), project, host)
    };
    Ok(Stacks {
        environments: plan.prepared.drafts.iter().map(of_environment).collect::<Result<_, Error>>()?,
        workloads: plan.prepared.stacks.iter().map(of_workload).collect::<Result<_, Error>>()?,
    })
}

/// Names of the workloads that the application knows.
///
/// # Errors
/// When AWS refuses.
pub async fn registered(project: &Project, cloud: &Cloud, host: &dyn Host) -> Result<Vec<String>, Error> {
    let application = project.application()?;
    let asked = copilot_deployer::application::workloads(cloud.session(), application);
    let found = host.or_cancelled(asked).await?;
    Ok(found.into_iter().map(|workload| workload.name).collect())
}

/// What is known of AWS, gathered at once for the whole run unless somebody knew it already.
async fn facts(inputs: &Inputs<'_>, manifests: &Manifests, host: &dyn Host) -> Result<Facts, Error> {
    let Manifests { units, environments } = manifests;
    let mut facts = match (inputs.facts, inputs.cloud) {
        (Some(facts), _) => facts.clone(),
        (None, Some(cloud)) => {
            let wanted = needs::wanted(units, environments);
            let mut facts = ask(inputs.project, &wanted, cloud, host).await?.facts;
            for loaded in environments {
                environment::complete(&mut facts, loaded, cloud, host).await?;
            }
            facts
        }
        (None, None) => return Err(Error::NothingKnown),
    };
    needs::expect_topics(&mut facts, units);
    Ok(facts)
}

/// Asks AWS, and tells the host so.
pub(crate) async fn ask(
    project: &Project,
    wanted: &Wanted,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Gathered, Error> {
    let application = project.application()?;
    host.tell(Happening::Asking { application: application.to_owned() });
    let gathered = host.or_cancelled(gather(cloud.session(), application, wanted)).await;
    host.tell(Happening::Asked);
    gathered
}
