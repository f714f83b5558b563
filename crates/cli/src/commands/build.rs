//! `build`: what CodeBuild runs for a pipeline: images, files and stacks of all its workloads in all its environments, and stacks of
//! environments.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::execute::Reuse;
use copilot_artifact::write_all_or_nothing;
use copilot_engine::build::{
    self, Environments, Filter, Inputs, Outcome, Phase, Record, Selected, Settings, Stacks, Target,
};
use copilot_engine::environment::force_deploy_id;
use copilot_engine::files::{Existing, check_folder, write_all};
use copilot_engine::pipeline::{self, Known};
use copilot_engine::{Error, Happening, Host, Notice, Project};
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;

use crate::aws::{Access, Aws};
use crate::building::summary;
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::threads::Threads;
use crate::times::seconds;
use crate::view::View;
use crate::{choose, project};

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

/// What an interrupted build leaves.
const KEPT: &str = "run it again: what was built, pushed and uploaded is found and kept";

/// What a build is made from.
struct Given<'a> {
    project: &'a Project,
    file: &'a ManifestFile,
    facts: Option<&'a Facts>,
    /// What there would be to make if the application knew all workloads.
    all: &'a Selected,
}

/// How it is made.
struct Making<'a> {
    target: Target,
    force_deploy_id: Option<&'a str>,
    /// Whether a template is there, wherever it came from.
    exists: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Build {
    /// Makes what the pipeline deploys of what the application knows.
    fn make(
        &self,
        given: &Given<'_>,
        access: &Access,
        record: &mut Record,
        io: &mut Io<'_>,
    ) -> Result<(), Failure> {
        let target = self.target();
        build::check(given.project, given.all, &target)?;
        let aws = target.needs_aws(given.facts.is_some()).then(|| Aws::open(access, io)).transpose()?;
        let own;
        let threads = if let Some(aws) = &aws {
            aws.threads()
        } else {
            own = Threads::start(io.interrupt())?;
            &own
        };
        let exists = |template: &str| {
            let file = template.rsplit('/').next().unwrap_or_default();
            let here = |path: Utf8PathBuf| given.project.folder().join(path).exists();
            here(template.into()) || here(self.output_dir.join(file))
        };
        let force_deploy_id = self.force.then(|| force_deploy_id(io.now()));
        let making = Making { target, force_deploy_id: force_deploy_id.as_deref(), exists: &exists };
        let stacks = engage(View::default(), io, |host| {
            threads.wait(self.made(given, making, aws.as_ref(), record, host))
        });
        let stacks = stacks.map_err(|error| match error {
            Error::Cancelled if record.has_artifacts() => Failure::Interrupted(Some(KEPT.to_owned())),
            error => error.into(),
        })?;
        aws.map_or(Ok(()), Aws::close)?;
        self.write(&stacks, record, io)
    }

    async fn made(
        &self,
        given: &Given<'_>,
        making: Making<'_>,
        aws: Option<&Aws>,
        record: &mut Record,
        host: &dyn Host,
    ) -> Result<Stacks, Error> {
        let &Given { project, file, facts, .. } = given;
        let registered = match aws.filter(|_| facts.is_none()) {
            Some(aws) => {
                let began = record.begin(Phase::Facts);
                let registered = build::registered(project, aws.cloud(), host).await?;
                record.end_of(began);
                Some(registered)
            }
            None => None,
        };
        let known = Known { facts, registered: registered.as_deref() };
        let local = pipeline::load(project, file, known, host)?;
        let selected = build::of_pipeline(&local.pipeline, project, self.filter())?;
        tell_of_foreign(&selected, making.exists, host);
        let inputs = Inputs {
            project,
            pairs: &selected.pairs,
            environments: Environments {
                names: &selected.environments,
                force_deploy_id: making.force_deploy_id,
                allow_downgrade: self.allow_downgrade,
            },
            facts,
            registered: registered.as_deref(),
            cloud: aws.map(Aws::cloud),
            tag: self.tag.as_deref().filter(|tag| !tag.is_empty()),
            target: making.target,
            settings: self.settings(),
        };
        let plan = build::plan(inputs, record, host).await?;
        build::apply(plan, record, host).await
    }

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

    /// Writes all files or none.
    fn write(&self, stacks: &Stacks, record: &mut Record, io: &Io<'_>) -> Result<(), Failure> {
        if self.dry_run {
            record.stacks(stacks, |_| None);
            return Ok(());
        }
        check_folder(&self.output_dir, io.folder())?;
        let folder = io.folder().join(&self.output_dir);
        let files = stacks.files();
        let began = record.begin(Phase::Write);
        let written = write_all_or_nothing(folder.as_std_path(), &files)?;
        record.end_of(began);
        let changed: BTreeSet<PathBuf> = written.into_iter().collect();
        record.stacks(stacks, |file| Some(changed.contains(&PathBuf::from(file))));
        Ok(())
    }

    /// Says what was done, to people and to machines.
    fn tell(&self, record: &Record, succeeded: bool, io: &mut Io<'_>) -> Result<(), Failure> {
        if let Some(path) = &self.report {
            let mut text =
                serde_json::to_vec_pretty(record).map_err(|error| Failure::new(error.to_string()))?;
            text.push(b'\n');
            write_all(&[(io.folder().join(path), text)], Existing::Replace, io.folder())?;
        }
        if self.json {
            io.json(record)?;
        }
        let folder = &self.output_dir;
        if !succeeded {
            if record.has_artifacts() {
                io.note(summary(record));
            }
            io.note(format!("nothing was written to `{folder}`"));
            return Ok(());
        }
        let count = record.written().len();
        if self.dry_run {
            io.done(&format!("{}; {count} stacks would be written to `{folder}`", summary(record)));
        } else {
            let took = seconds(record.elapsed());
            let changed = record.written().iter().filter(|stack| stack.changed == Some(true)).count();
            io.done(&format!(
                "{}; {count} stacks in `{folder}`, {changed} of them changed ({took})",
                summary(record)
            ));
        }
        Ok(())
    }
}

/// A template that nobody makes is missed by the pipeline only after everything was built.
fn tell_of_foreign(selected: &Selected, exists: &dyn Fn(&str) -> bool, host: &dyn Host) {
    for foreign in selected.foreign.iter().filter(|foreign| !exists(&foreign.template)) {
        let what = Happening::Notice(Notice::ForeignTemplate(foreign.clone()));
        host.event(copilot_engine::Event { at: host.now(), what });
    }
}
