//! Planning a build and carrying it out.

use camino::Utf8PathBuf;
use copilot_engine::build::{self, Environments, Inputs, Phase, Record, Selected, Stacks, Target};
use copilot_engine::environment::force_deploy_id;
use copilot_engine::pipeline::{self, Known};
use copilot_engine::{Error, Host, Notice, Project};
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;

use super::Build;
use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::threads::Threads;
use crate::view::View;

/// What an interrupted build leaves.
const KEPT: &str = "run it again: what was built, pushed and uploaded is found and kept";

/// What a build is made from.
pub(super) struct Given<'a> {
    pub(super) project: &'a Project,
    pub(super) file: &'a ManifestFile,
    pub(super) facts: Option<&'a Facts>,
    /// What there would be to make if the application knew all workloads.
    pub(super) all: &'a Selected,
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
    pub(super) fn make(
        &self,
        given: &Given<'_>,
        access: &Access,
        record: &mut Record,
        io: &mut Io<'_>,
    ) -> Result<(), Failure> {
        let target = self.target();
        build::check(given.project, given.all, &target)?;
        let aws = target.needs_aws(given.facts.is_some()).then(|| Aws::open(access, io)).transpose()?;
        let threads = Threads::of(aws.as_ref(), io)?;
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
}

/// A template that nobody makes is missed by the pipeline only after everything was built.
fn tell_of_foreign(selected: &Selected, exists: &dyn Fn(&str) -> bool, host: &dyn Host) {
    for foreign in selected.foreign.iter().filter(|foreign| !exists(&foreign.template)) {
        host.notice(Notice::ForeignTemplate(foreign.clone()));
    }
}
