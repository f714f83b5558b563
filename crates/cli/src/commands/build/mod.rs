//! `build`: what CodeBuild runs for a pipeline: images, files and stacks of all its workloads in all its environments, and stacks of
//! environments.

mod making;
mod telling;

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::execute::Reuse;
use copilot_engine::build::{self, Filter, Outcome, Record, Settings, Target};
use copilot_engine::pipeline::{self, Known};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::{choose, project};
use making::Given;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Name of the pipeline [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Write `WORKLOAD-ENV.stack.yml` and `WORKLOAD-ENV.params.json` to DIR, and `ENV.env.yml` and `ENV.env.params.json` of
    /// environments that the pipeline deploys, all or none.
    #[arg(long, value_name = "DIR", default_value = "infrastructure")]
    output_dir: Utf8PathBuf,
    /// Tag of main containers' images, besides `latest` [default: the commit].
    #[arg(long)]
    tag: Option<String>,
    /// Build only this workload, and no environment's own stack; can be repeated.
    #[arg(long, value_name = "WORKLOAD")]
    only: Vec<String>,
    /// Build only for this environment; can be repeated.
    #[arg(short, long, value_parser = crate::names::typed)]
    env: Vec<String>,
    /// Read what AWS knows from FILE instead of asking AWS.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Keep images in the local engine and files where they are.
    #[arg(long)]
    no_upload: bool,
    /// Write images to DIR in the OCI layout.
    #[arg(long, value_name = "DIR", requires = "no_upload")]
    oci_layout: Option<Utf8PathBuf>,
    /// Container engine: docker, finch, podman or a path [default: the first that answers].
    #[arg(long)]
    engine: Option<String>,
    /// Images to build at a time [default: the number of processors, from 4 to 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Build every image, even if the registry has it.
    #[arg(long)]
    rebuild: bool,
    /// Rebuild images older than DAYS: a new base image changes no Dockerfile.
    #[arg(long, value_name = "DAYS", conflicts_with = "rebuild")]
    max_image_age: Option<u32>,
    /// Make templates of environments differ from the deployed ones, so that deploying them is an update even if nothing has
    /// changed.
    #[arg(long)]
    force: bool,
    /// Render templates of environments that are older than the deployed ones.
    #[arg(long)]
    allow_downgrade: bool,
    /// Write what was done, why and how long it took to FILE as JSON, also on failure.
    #[arg(long, value_name = "FILE")]
    report: Option<Utf8PathBuf>,
    /// Print the report to standard output.
    #[arg(long)]
    json: bool,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(crate) fn run(arguments: &Build, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let file = choose::pipeline(&project, arguments.name.as_deref(), io)?;
    let facts = arguments.facts.as_ref().map(|path| project::known(path, &project, io)).transpose()?;
    // What is wrong with manifest and arguments alone is told before AWS is asked.
    let (local, _) = pipeline::parse(&project, &file, Known { facts: facts.as_ref(), registered: None })?;
    let all = build::of_pipeline(&local.pipeline, &project, arguments.filter())?;
    let mut record = Record::new(&local.application, Some(&local.pipeline.name));
    let given = Given { project: &project, file: &file, facts: facts.as_ref(), all: &all };
    let result = arguments.make(&given, access, &mut record, io);
    let outcome = if arguments.dry_run { Outcome::DryRun } else { Outcome::Done };
    match &result {
        Ok(()) => record.end(outcome, None),
        Err(failure) => record.end(Outcome::Failed, Some(failure.to_string())),
    }
    arguments.tell(&record, result.is_ok(), io)?;
    result
}

impl Build {
    fn filter(&self) -> Filter<'_> {
        Filter { workloads: &self.only, environments: &self.env }
    }

    fn target(&self) -> Target {
        match (&self.oci_layout, self.no_upload) {
            (Some(folder), _) => Target::Layout(folder.clone()),
            (None, true) => Target::Engine,
            (None, false) => Target::Aws,
        }
    }

    fn settings(&self) -> Settings {
        let age = self.max_image_age.map(|days| Duration::from_hours(24 * u64::from(days)));
        let reuse = match (self.rebuild, age) {
            (true, _) => Reuse::Never,
            (false, Some(age)) => Reuse::YoungerThan(age),
            (false, None) => Reuse::Always,
        };
        Settings {
            engine: self.engine.clone(),
            jobs: self.jobs.map(usize::from),
            reuse,
            dry_run: self.dry_run,
        }
    }
}
