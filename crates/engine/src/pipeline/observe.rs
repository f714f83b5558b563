//! A pipeline of the workspace, and what AWS has of it: everything that a plan is made from.

use std::collections::BTreeMap;

use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::facts::{self as asked, Gathered, Question, Wanted, region_facts};
use copilot_deployer::pipeline::deployed_version;
use copilot_deployer::regional::{self, Region};
use copilot_deployer::stack::{self, Description};
use copilot_manifest::pipeline::{Connection, Pipeline, Repository};
use copilot_stack::{Facts, facts, pipeline};
use copilot_workspace::ManifestFile;

use super::{Known, LoadedPipeline, Rendered, load, parse, rendered};
use crate::cloud::Cloud;
use crate::difference::{self, New};
use crate::error::Error;
use crate::host::Host;
use crate::project::Project;

/// A pipeline of the workspace with what AWS knows.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The pipeline, without the workloads that the application doesn't know.
    pub loaded: LoadedPipeline,
    /// Its manifest.
    pub file: ManifestFile,
    gathered: Gathered,
    /// The region that it is or will be in.
    pub region: String,
    /// Name of its stack.
    pub stack: String,
    /// The stack, if it is there. One that was never deployed is not.
    pub deployed: Option<Description>,
    /// The version of the deployed template.
    pub version: Option<String>,
    /// What a failed creation of the application's resources in this region left.
    pub left_over: Option<Description>,
}

/// Asks AWS for all that this pipeline's stack depends on, and for the stack itself.
///
/// # Errors
/// [`Error::Findings`] with what is wrong with the manifest; otherwise as AWS refuses.
pub async fn observe(
    project: &Project,
    file: &ManifestFile,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Observed, Error> {
    let mut observed = gather(project, file, cloud, host).await?;
    host.or_cancelled(async {
        let session = cloud.session();
        let found = stack::describe(&stack::client(session), &observed.stack).await?;
        observed.deployed = found.filter(|stack| !stack.is_in_review());
        if observed.deployed.as_ref().is_some_and(|stack| !stack.is_stuck()) {
            observed.version = deployed_version(session, &observed.stack).await?;
        }
        if observed.own_region().is_none() {
            let application = &observed.facts().application;
            observed.left_over =
                regional::left_over(session, &application.name, &application.account_id).await?;
        }
        Ok::<_, Error>(observed)
    })
    .await
}

/// As [`observe`], without the stack as it is deployed: enough to render.
pub async fn gather(
    project: &Project,
    file: &ManifestFile,
    cloud: &Cloud,
    host: &dyn Host,
) -> Result<Observed, Error> {
    let (session, application) = (cloud.session(), project.application()?);
    // What is wrong with the manifest alone is told before AWS is asked; its warnings come with the second reading.
    let (loaded, _) = parse(project, file, Known::default())?;
    if let Repository::CodeCommit { region, .. } = &loaded.pipeline.source.repository {
        check_region(region, session.region())?;
    }
    let gathered = host.or_cancelled(asked::gather(session, application, &wanted(&loaded))).await?;
    of(project, file, gathered, session.region(), host)
}

/// What a pipeline's stack needs to know.
pub(crate) fn wanted(loaded: &LoadedPipeline) -> Wanted {
    Wanted {
        questions: vec![Question::Pipelines, Question::Workloads],
        connections: named_connection(&loaded.pipeline).into_iter().collect(),
        ..Wanted::default()
    }
}

/// A pipeline with what was gathered for it.
pub(crate) fn of(
    project: &Project,
    file: &ManifestFile,
    gathered: Gathered,
    region: &str,
    host: &dyn Host,
) -> Result<Observed, Error> {
    let known = Known { facts: Some(&gathered.facts), registered: gathered.workloads.as_deref() };
    let loaded = load(project, file, known, host)?;
    Ok(Observed {
        stack: pipeline::stack_name(&loaded.pipeline, &gathered.facts),
        file: file.clone(),
        region: region.to_owned(),
        loaded,
        gathered,
        deployed: None,
        version: None,
        left_over: None,
    })
}

impl Observed {
    /// Name of the pipeline.
    pub fn name(&self) -> &str {
        &self.loaded.pipeline.name
    }

    /// What a rendering takes.
    pub fn facts(&self) -> &Facts {
        &self.gathered.facts
    }

    /// The application's resources in the region of the pipeline, if they are there.
    pub fn own_region(&self) -> Option<&Region> {
        self.gathered.regions.iter().find(|region| region.region == self.region)
    }

    pub(super) fn set_regions(&mut self, regions: Vec<Region>) {
        self.gathered.facts.regions = region_facts(&regions);
        self.gathered.regions = regions;
    }

    /// The template after overrides. Where the region's bucket is still to be made, a text in its place says so.
    ///
    /// # Errors
    /// As [`rendered`].
    pub fn rendered(&self, project: &Project, host: &dyn Host) -> Result<Rendered, Error> {
        let mut facts = self.gathered.facts.clone();
        if self.own_region().is_none() {
            let account = &facts.application.account_id;
            let key = format!("arn:aws:kms:{}:{account}:key/made-by-the-deployment", self.region);
            let bucket = "made-by-the-deployment".to_owned();
            let region = facts::Region { artifact_bucket: Some(bucket), artifact_key_arn: Some(key) };
            facts.regions.insert(self.region.clone(), region);
        }
        rendered(&self.loaded, &facts, project, host)
    }

    /// How the stack as it is deployed differs from what it is to be.
    ///
    /// # Errors
    /// As [`rendered`]; [`Error::DifferenceUnavailable`] where the deployed template can't be had.
    pub async fn difference(
        &self,
        project: &Project,
        cloud: &Cloud,
        host: &dyn Host,
    ) -> Result<TemplateDiff, Error> {
        let new = self.rendered(project, host)?;
        let deployed = host.or_cancelled(stack::snapshot(&stack::client(cloud.session()), &self.stack)).await;
        let deployed = deployed.map_err(Error::into_unavailable)?;
        let tags = pipeline::tags(&self.loaded.pipeline, self.facts()).into_iter().collect();
        let new = New { template: &new.template, parameters: BTreeMap::new(), tags };
        difference::with_deployed(&self.stack, deployed, &new)
    }
}

/// Whether a pipeline in the region `own` can follow a CodeCommit repository of a region.
///
/// # Errors
/// [`Error::OtherRegion`].
pub fn check_region(repository: &str, own: &str) -> Result<(), Error> {
    if repository == own {
        return Ok(());
    }
    Err(Error::OtherRegion { repository: repository.to_owned(), own: own.to_owned() })
}

/// The connection that the manifest names, of which AWS has to say the ARN.
fn named_connection(pipeline: &Pipeline) -> Option<String> {
    match &pipeline.source.repository {
        Repository::Connected { connection: Connection::Named(name), .. } => Some(name.clone()),
        _ => None,
    }
}
