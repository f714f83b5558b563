//! Carrying out the plan of a deployment.

use camino::Utf8PathBuf;
use copilot_artifact::assets::Bucket;
use copilot_deployer::pipeline::{Request, deploy};
use copilot_deployer::regional::{self, Region};
use copilot_deployer::stack::{Deployed, Patience};
use copilot_stack::facts;
use serde::Serialize;

use super::Plan;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::host::Host;
use crate::program::{self, Architecture, Wanted};
use crate::project::Project;
use crate::question::Answers;
use crate::watch::{Running, Watch};

/// How to deploy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The program that builds are to run, where the host knows where it is: that of a buildspec that pins none yet.
    pub program: Option<Utf8PathBuf>,
}

/// How it ended.
#[derive(Debug)]
pub enum Outcome {
    /// The pipeline is as the plan says.
    Applied(Applied),
    /// Nothing was done: whoever was asked did not want it.
    Declined,
    /// The run was stopped. What is under way in AWS goes on by itself.
    Cancelled {
        /// What is under way; none if nothing was begun.
        running: Option<Running>,
    },
    /// It failed; the first cause.
    Failed(Error),
}

/// What became of the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// What happened to it.
    #[serde(skip)]
    pub deployed: Deployed,
    /// Its name.
    pub stack: String,
    /// The pipeline's name in CodePipeline.
    pub resource_name: String,
}

/// Deploys a pipeline: makes the region's resources if they are missing, renders with them, and updates the stack.
///
/// A plan that is not applicable is refused with the first of its blockers.
pub async fn apply(
    plan: Plan,
    answers: Answers,
    settings: &Settings,
    project: &Project,
    cloud: &Cloud,
    host: &dyn Host,
) -> Outcome {
    if let Some(error) = refusal(&plan) {
        return Outcome::Failed(error);
    }
    if !plan.questions.iter().all(|question| answers.to(question)) {
        return Outcome::Declined;
    }
    let watch = Watch::new(host);
    let deployment = Deployment { plan, settings, project, cloud, host: &watch };
    match deployment.run().await {
        Ok(applied) => Outcome::Applied(applied),
        Err(Error::Cancelled) => Outcome::Cancelled { running: watch.running() },
        Err(error) => Outcome::Failed(error),
    }
}

/// Why a plan that can't be carried out is refused.
fn refusal(plan: &Plan) -> Option<Error> {
    if let Some(blocker) = plan.blockers.first() {
        return Some(Error::Blocked(blocker.clone()));
    }
    plan.findings.has_errors().then(|| Error::Findings(plan.findings.clone()))
}

struct Deployment<'a> {
    plan: Plan,
    settings: &'a Settings,
    project: &'a Project,
    cloud: &'a Cloud,
    host: &'a Watch<'a>,
}

impl Deployment<'_> {
    async fn run(mut self) -> Result<Applied, Error> {
        let host: &dyn Host = self.host;
        let region = match self.plan.observed.own_region() {
            Some(region) => region.clone(),
            None => self.bootstrap().await?,
        };
        if !self.cloud.is_simulated() {
            self.ensure_program(&region).await?;
        }
        let rendered = self.plan.observed.rendered(self.project, host)?;
        let application = &self.plan.observed.facts().application;
        let request = Request {
            app: application.name.clone(),
            pipeline: self.plan.pipeline.clone(),
            legacy: self.plan.observed.facts().is_legacy_pipeline(&self.plan.pipeline),
            template: rendered.text,
            bucket: region.bucket,
            tags: application.tags.clone().into_iter().collect(),
            run_id: host.run_id(),
            recreate: self.plan.recreates_stack,
            wait: self.plan.wait,
            patience: self.cloud.patience(Patience::STACK),
            connection_patience: self.cloud.patience(Patience::CONNECTION),
        };
        let observer = |event| self.host.stack(event);
        let outcome = host.or_cancelled(deploy(self.cloud.session(), &request, &observer)).await?;
        Ok(Applied { deployed: outcome.deployed, stack: outcome.stack, resource_name: outcome.resource_name })
    }

    /// Has the application's StackSet make what it has in each region, in this one.
    async fn bootstrap(&mut self) -> Result<Region, Error> {
        let (host, session): (&dyn Host, _) = (self.host, self.cloud.session());
        let facts::Application { name, account_id, .. } = self.plan.observed.facts().application.clone();
        let patience = self.cloud.patience(Patience::STACK);
        let observer = |event| self.host.stack(event);
        let regions = host
            .or_cancelled(async {
                let recreate = self.plan.recreates_region;
                regional::bootstrap(session, &name, &account_id, recreate, patience, &observer).await?;
                regional::regions(session, &name, &account_id).await
            })
            .await?;
        self.plan.observed.set_regions(regions);
        self.plan.observed.own_region().cloned().ok_or_else(|| {
            let region = session.region().to_owned();
            copilot_deployer::Error::NoRegionalResources { app: name, region }.into()
        })
    }

    /// Makes sure that builds find the program that they run.
    async fn ensure_program(&self, region: &Region) -> Result<(), Error> {
        let build = &self.plan.observed.loaded.pipeline.build;
        let bucket = Bucket { region: region.region.clone(), name: region.bucket.clone() };
        let wanted = Wanted {
            buildspec: &self.project.root().join(&build.buildspec),
            architecture: if build.is_arm() { Architecture::Arm64 } else { Architecture::Amd64 },
            bucket: &bucket,
            own: self.settings.program.as_deref(),
        };
        program::ensure(wanted, self.project, self.cloud, self.host).await
    }
}
