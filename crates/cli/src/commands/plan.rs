//! `plan`: what a deployment would change, and what that does to what is deployed.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use copilot_cfn::effect::Class;
use copilot_engine::Project;
use copilot_engine::files::{Existing, write_all};
use copilot_engine::plan::{self, Asking, Folder, Plan, Request, Saved, Scope};
use copilot_workspace::ManifestFile;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::planning::{self, Format};
use crate::threads::Threads;
use crate::view::View;
use crate::{choose, project};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// Name of the pipeline [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Look at the stacks of all workloads that the pipeline deploys, instead of at its own.
    #[arg(long)]
    workloads: bool,
    /// Look at the stacks of the environments that the workspace has a manifest of.
    #[arg(long)]
    environments: bool,
    /// Look at the stacks of environments, workloads and the pipeline.
    #[arg(long, conflicts_with_all = ["workloads", "environments"])]
    all: bool,
    /// Facts about AWS, so that AWS is not asked [see: `facts`].
    #[arg(long, value_name = "FILE", requires = "against")]
    facts: Option<Utf8PathBuf>,
    /// Compare with templates and parameters in this folder, as `package` and `build` write them, instead of with what is deployed.
    #[arg(long, value_name = "DIR", requires = "facts")]
    against: Option<Utf8PathBuf>,
    /// Hold the plan against what CloudFormation says of it: change sets are made, read and deleted, and never executed.
    #[arg(long, conflicts_with = "facts")]
    remote: bool,
    /// Find resources that were changed outside of CloudFormation, which can take minutes.
    #[arg(long, conflicts_with = "facts")]
    drift: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print JSON.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print every difference, however many there are.
    #[arg(long)]
    full: bool,
    /// Exit with 2 only if there is a difference of this class or a worse one.
    #[arg(long, value_enum, value_name = "CLASS")]
    fail_on: Option<Threshold>,
    /// Save the plan, for `deploy --plan FILE`.
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    out: Option<Utf8PathBuf>,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

/// From which class on a difference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Threshold {
    /// A resource may be interrupted, or nobody knows.
    Interruption,
    /// A resource is made anew, or may be; or executions can't be rolled back to any more.
    Replacement,
    /// A resource is deleted.
    Removal,
}

impl Threshold {
    const fn class(self) -> Class {
        match self {
            Self::Interruption => Class::Interruption,
            Self::Replacement => Class::MayReplace,
            Self::Removal => Class::Removal,
        }
    }
}

impl Arguments {
    fn asking(&self) -> Asking {
        Asking { changes: self.remote, drift: self.drift }
    }

    fn scope(&self) -> Scope {
        let named = self.workloads || self.environments;
        Scope {
            pipeline: self.all || !named,
            workloads: self.all || self.workloads,
            environments: self.all || self.environments,
        }
    }
}

pub(crate) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    made(arguments, access, io).map_err(Failure::into_failure)
}

fn made(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let scope = arguments.scope();
    let file = pipeline(arguments, scope, &project, io)?;
    let request = Request { project: &project, pipeline: file.as_ref(), scope };
    let plan = match (&arguments.facts, &arguments.against) {
        (Some(facts), Some(folder)) => offline(request, facts, folder, io)?,
        _ => online(request, arguments.asking(), access, io)?,
    };
    let format = if arguments.json { Format::Json } else { arguments.format };
    let name = file.as_ref().map_or(plan.application.as_str(), ManifestFile::name);
    planning::print(&plan, name, format, arguments.full, io)?;
    if let Some(out) = &arguments.out {
        let saved = Saved::of(&plan, name).to_json().into_bytes();
        write_all(&[(io.folder().join(out), saved)], Existing::Replace, io.folder())?;
        io.done(&format!("saved the plan as `{out}`"));
    }
    let counts = match arguments.fail_on {
        Some(threshold) => plan.worst().is_some_and(|worst| worst >= threshold.class()),
        None => !plan.is_empty() || plan.has_drifted(),
    };
    let refused =
        plan.refused().map(|stack| format!("CloudFormation refuses the change of stack {}", stack.stack));
    let refused: Vec<String> = refused.collect();
    if !refused.is_empty() {
        return Err(Failure::Messages(refused));
    }
    if counts { Err(Failure::Differs) } else { Ok(()) }
}

/// The pipeline, where the scope has anything of one.
fn pipeline(
    arguments: &Arguments,
    scope: Scope,
    project: &Project,
    io: &mut Io<'_>,
) -> Result<Option<ManifestFile>, Failure> {
    let is_needed = scope.pipeline && !arguments.all;
    let has_any = || Ok::<_, Failure>(!project.workspace().pipelines()?.is_empty());
    let name = arguments.name.as_deref();
    let concerns = is_needed || name.is_some() || ((scope.pipeline || scope.workloads) && has_any()?);
    concerns.then(|| choose::pipeline(project, name, io)).transpose()
}

fn offline(
    request: Request<'_>,
    facts: &Utf8Path,
    folder: &Utf8Path,
    io: &mut Io<'_>,
) -> Result<Plan, Failure> {
    let facts = project::known(facts, request.project, io)?;
    let folder = Folder::open(folder, io.folder())?;
    let threads = Threads::start(io.interrupt())?;
    Ok(engage(View::default(), io, |host| threads.wait(plan::offline(request, &facts, &folder, host)))?)
}

fn online(request: Request<'_>, asking: Asking, access: &Access, io: &mut Io<'_>) -> Result<Plan, Failure> {
    let aws = Aws::open(access, io)?;
    let plan = engage(View::at(&aws), io, |host| aws.run(plan::online(request, asking, aws.cloud(), host)))?;
    aws.close()?;
    Ok(plan)
}
