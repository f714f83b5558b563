//! What is to be deployed: the manifest with the facts that its stack is rendered from.

use std::collections::BTreeMap;

use copilot_artifact::assets::Bucket;
use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::facts::{Gathered, Question, Wanted, gather, region_facts};
use copilot_deployer::regional::Region;
use copilot_deployer::stack;
use copilot_local_aws::LocalAws;
use copilot_manifest::pipeline::{Connection, Pipeline, Repository};
use copilot_stack::{Facts, facts, pipeline};
use copilot_workspace::{ManifestFile, Workspace};

use crate::aws::Aws;
use crate::commands::package::{Rendered, rendered};
use crate::difference::{self, New};
use crate::failure::Failure;
use crate::io::Io;
use crate::local::Source;
use crate::pipeline::{Known, Local, load, parse};
use crate::self_upload::{self, Architecture};

/// A pipeline of the workspace with what AWS knows.
pub(crate) struct Plan<'a> {
    workspace: &'a Workspace,
    pub(crate) local: Local,
    gathered: Gathered,
    own: String,
    /// Name of the stack.
    pub(crate) stack: String,
}

impl<'a> Plan<'a> {
    /// Asks AWS for all that this pipeline's stack depends on.
    pub(crate) fn gather(
        workspace: &'a Workspace,
        file: &ManifestFile,
        application: &str,
        aws: &Aws,
        io: &mut Io<'_>,
    ) -> Result<Self, Failure> {
        // What is wrong with the manifest alone is told before AWS is asked; its warnings come with the second reading.
        let (local, _) = parse(workspace, file, application, Known::default())?;
        if let Repository::CodeCommit { region, .. } = &local.pipeline.source.repository {
            same_region(region, aws.session().region())?;
        }
        let connections = named_connection(&local.pipeline);
        let wanted = Wanted {
            questions: vec![Question::Pipelines, Question::Workloads],
            connections: connections.into_iter().collect(),
            ..Wanted::default()
        };
        let gathered = aws.wait(gather(aws.session(), application, &wanted))?;
        let known = Known { facts: Some(&gathered.facts), registered: gathered.workloads.as_deref() };
        let local = load(workspace, file, application, known, io)?;
        let stack = pipeline::stack_name(&local.pipeline, &gathered.facts);
        Ok(Self { workspace, local, gathered, own: aws.session().region().to_owned(), stack })
    }

    pub(crate) fn name(&self) -> &str {
        &self.local.pipeline.name
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.gathered.facts
    }

    /// The application's resources in the region of the pipeline, if they are there.
    pub(crate) fn own_region(&self) -> Option<&Region> {
        self.gathered.regions.iter().find(|region| region.region == self.own)
    }

    pub(crate) fn set_regions(&mut self, regions: Vec<Region>) {
        self.gathered.facts.regions = region_facts(&regions);
        self.gathered.regions = regions;
    }

    /// Refuses a pipeline without anything to deploy: AWS would refuse it, or it would run for nothing.
    pub(crate) fn check_worth(&self) -> Result<(), Failure> {
        if self.local.pipeline.stages.iter().any(|stage| !stage.deployments.is_empty()) {
            return Ok(());
        }
        let message = format!("the pipeline `{}` would deploy nothing", self.name());
        Err(match self.local.left_out.first() {
            Some(workload) => Failure::with_hint(message, workload.hint()),
            None => Failure::with_hint(message, "add a service or a job to the workspace"),
        })
    }

    /// How the stack as it is deployed differs from what it is to be.
    pub(crate) fn difference(&self, aws: &Aws, io: &mut Io<'_>) -> Result<TemplateDiff, Failure> {
        let new = self.rendered(io)?;
        let client = stack::client(aws.session());
        let deployed = aws.wait(stack::snapshot(&client, &self.stack)).map_err(difference::unavailable)?;
        let tags = pipeline::tags(&self.local.pipeline, self.facts()).into_iter().collect();
        let new = New { template: &new.template, parameters: BTreeMap::new(), tags };
        difference::with_deployed(&self.stack, deployed, &new, io)
    }

    /// Makes sure that builds find the program that they run.
    pub(crate) fn ensure_program(&self, region: &Region, aws: &Aws, io: &mut Io<'_>) -> Result<(), Failure> {
        let build = &self.local.pipeline.build;
        let buildspec = self.workspace.root().join(&build.buildspec);
        let architecture = if build.is_arm() { Architecture::Arm64 } else { Architecture::Amd64 };
        let bucket = Bucket { region: region.region.clone(), name: region.bucket.clone() };
        self_upload::ensure(&buildspec, architecture, &bucket, aws, io)
    }

    /// Tells a local AWS what the pipeline's builds build from.
    pub(crate) fn prepare_builds(&self, local: &LocalAws, aws: &Aws) -> Result<(), Failure> {
        let application = &self.facts().application;
        let source = Source::gather(self.workspace, &self.local.pipeline, &application.name, aws)?;
        source.register(local, &application.account_id, &self.own, &format!("{}-BuildProject", self.stack));
        Ok(())
    }

    /// The template after overrides. Where the region's bucket is still to be made, a text in its place says so.
    pub(crate) fn rendered(&self, io: &mut Io<'_>) -> Result<Rendered, Failure> {
        let mut facts = self.gathered.facts.clone();
        if self.own_region().is_none() {
            let account = &facts.application.account_id;
            let key = format!("arn:aws:kms:{}:{account}:key/made-by-the-deployment", self.own);
            let bucket = "made-by-the-deployment".to_owned();
            let region = facts::Region { artifact_bucket: Some(bucket), artifact_key_arn: Some(key) };
            facts.regions.insert(self.own.clone(), region);
        }
        rendered(&self.local, &facts, self.workspace, io)
    }
}

/// Whether a pipeline in the region `own` can follow a CodeCommit repository of a region.
pub(crate) fn same_region(repository: &str, own: &str) -> Result<(), Failure> {
    if repository == own {
        return Ok(());
    }
    Err(Failure::with_hint(
        format!("the CodeCommit repository is in {repository}, but the pipeline would be in {own}"),
        "a pipeline follows CodeCommit only in its own region, which is that of the application",
    ))
}

/// The connection that the manifest names, of which AWS has to say the ARN.
fn named_connection(pipeline: &Pipeline) -> Option<String> {
    match &pipeline.source.repository {
        Repository::Connected { connection: Connection::Named(name), .. } => Some(name.clone()),
        _ => None,
    }
}
