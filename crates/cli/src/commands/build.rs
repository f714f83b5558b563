//! `build`: what CodeBuild runs for a pipeline: images, files and stacks of all its workloads in all its environments.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::execute::Reuse;
use copilot_artifact::write_all_or_nothing;
use copilot_stack::Facts;
use copilot_workspace::{ManifestFile, Workspace};

use crate::aws::{Access, Aws};
use crate::build::{self, Filter, Outcome, Pair, Phase, Publish, Record, Request, Selected, Settings, Stack};
use crate::commands::application;
use crate::commands::package::same_application;
use crate::failure::Failure;
use crate::files::{Existing, check_folder, write_all};
use crate::io::Io;
use crate::pipeline::{Known, load, parse, read_facts, select};

#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Name of the pipeline. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Writes `WORKLOAD-ENV.stack.yml` and `WORKLOAD-ENV.params.json` there, all of them or none.
    #[arg(long, value_name = "DIR", default_value = "infrastructure")]
    output_dir: Utf8PathBuf,
    /// Tag of main containers' images, besides `latest`: the commit if git knows one.
    #[arg(long)]
    tag: Option<String>,
    /// Only this workload. Can be given several times.
    #[arg(long, value_name = "WORKLOAD")]
    only: Vec<String>,
    /// Only for this environment. Can be given several times.
    #[arg(short, long, value_parser = crate::names::typed)]
    env: Vec<String>,
    /// What is known of AWS, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Images stay in the local engine and files where they are.
    #[arg(long)]
    no_upload: bool,
    /// Puts images into a folder in the OCI layout.
    #[arg(long, value_name = "DIR", requires = "no_upload")]
    oci_layout: Option<Utf8PathBuf>,
    /// Container engine: docker, finch, podman, or the path of one. Default: the first of them that answers.
    #[arg(long)]
    engine: Option<String>,
    /// Images built at a time. Default: the number of processors, at least 4 and at most 8.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Builds every image, also where the registry has one of the same content.
    #[arg(long)]
    rebuild: bool,
    /// Rebuild images older than DAYS: a new base image changes no Dockerfile.
    #[arg(long, value_name = "DAYS", conflicts_with = "rebuild")]
    max_image_age: Option<u32>,
    /// Writes what was done, why, and how long it took, as JSON. Also where it fails.
    #[arg(long, value_name = "FILE")]
    report: Option<Utf8PathBuf>,
    /// Prints the same to standard output.
    #[arg(long)]
    json: bool,
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(crate) fn run(arguments: &Build, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let file = select(&workspace, arguments.name.as_deref(), io)?;
    let facts = match &arguments.facts {
        Some(path) => {
            let facts = read_facts(path, io)?;
            same_application(&facts, &application, path)?;
            Some(facts)
        }
        None => None,
    };
    // What is wrong with manifest and arguments alone is told before AWS is asked.
    let (local, _) =
        parse(&workspace, &file, &application, Known { facts: facts.as_ref(), registered: None })?;
    let filter = Filter { workloads: &arguments.only, environments: &arguments.env };
    let all = build::of_pipeline(&local.pipeline, &workspace.workloads()?, filter)?;
    let mut record = Record::new(&application, Some(&local.pipeline.name));
    let given = Given {
        workspace: &workspace,
        file: &file,
        application: &application,
        facts: facts.as_ref(),
        pairs: &all.pairs,
    };
    let result = arguments.make(&given, access, &mut record, io);
    let outcome = if arguments.dry_run { Outcome::DryRun } else { Outcome::Done };
    match &result {
        Ok(()) => record.end(outcome, None),
        Err(failure) => record.end(Outcome::Failed, Some(failure.to_string())),
    }
    arguments.tell(&record, result.is_ok(), io)?;
    result
}

/// What a build is made from.
struct Given<'a> {
    workspace: &'a Workspace,
    file: &'a ManifestFile,
    application: &'a str,
    facts: Option<&'a Facts>,
    /// What there would be to make if the application knew all workloads.
    pairs: &'a [Pair],
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
        let &Given { workspace, file, application, facts, pairs } = given;
        let publish = self.publish();
        build::check(workspace, application, pairs, &publish, io)?;
        let aws = build::reach(facts, &publish, access, io)?;
        let registered = match aws.as_ref().filter(|_| facts.is_none()) {
            Some(aws) => Some(record.time(Phase::Facts, || build::registered(application, aws))?),
            None => None,
        };
        let known = Known { facts, registered: registered.as_deref() };
        let local = load(workspace, file, application, known, io)?;
        let filter = Filter { workloads: &self.only, environments: &self.env };
        let selected = build::of_pipeline(&local.pipeline, &workspace.workloads()?, filter)?;
        warn_of_foreign(&selected, self, io);
        let request = Request {
            workspace,
            application,
            pairs: &selected.pairs,
            facts,
            registered: registered.as_deref(),
            tag: self.tag.as_deref().filter(|tag| !tag.is_empty()),
            publish,
            settings: self.settings(),
        };
        let stacks = build::run(&request, aws.as_ref(), record, io)?;
        aws.map_or(Ok(()), Aws::close)?;
        self.write(&stacks, record, io)
    }

    fn publish(&self) -> Publish {
        match (&self.oci_layout, self.no_upload) {
            (Some(folder), _) => Publish::ToLayout(folder.clone()),
            (None, true) => Publish::ToEngine,
            (None, false) => Publish::ToAws,
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
    fn write(&self, stacks: &[Stack], record: &mut Record, io: &Io<'_>) -> Result<(), Failure> {
        if self.dry_run {
            record.stacks(stacks, |_| None);
            return Ok(());
        }
        check_folder(&self.output_dir, io)?;
        let folder = io.folder().join(&self.output_dir);
        let files = build::files(stacks);
        let written = record.time(Phase::Write, || write_all_or_nothing(folder.as_std_path(), &files))?;
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
            write_all(&[(io.folder().join(path), text)], Existing::Replace, io)?;
        }
        if self.json {
            io.json(record)?;
        }
        let folder = &self.output_dir;
        if !succeeded {
            if record.has_artifacts() {
                io.note(record.summary());
            }
            io.note(format!("nothing was written to `{folder}`"));
            return Ok(());
        }
        let count = record.written().len();
        if self.dry_run {
            io.done(&format!("{}; {count} stacks would be written to `{folder}`", record.summary()));
        } else {
            let took = build::seconds(record.elapsed());
            let changed = record.written().iter().filter(|stack| stack.changed == Some(true)).count();
            io.done(&format!(
                "{}; {count} stacks in `{folder}`, {changed} of them changed ({took})",
                record.summary()
            ));
        }
        Ok(())
    }
}

/// A template that nobody makes is missed by the pipeline only after everything was built.
fn warn_of_foreign(selected: &Selected, arguments: &Build, io: &mut Io<'_>) {
    for template in &selected.foreign {
        let file = template.rsplit('/').next().unwrap_or_default();
        if !io.folder().join(template).exists()
            && !io.folder().join(&arguments.output_dir).join(file).exists()
        {
            io.warning(&format!(
                "the pipeline deploys `{template}`, which is not there and which no workload makes"
            ));
        }
    }
}
