//! `svc package` and `job package`: a workload's stack as a template with its parameters.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::write_all_or_nothing;
use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::stack;
use copilot_manifest::stack_name;
use copilot_stack::Facts;
use copilot_stack::workload::{Error, StackParameters};
use copilot_workspace::Workspace;

use super::{Kind, select};
use crate::aws::{Access, Aws};
use crate::build::{self, Pair, Publish, Record, Request, Settings, Stack};
use crate::commands::application;
use crate::commands::package::same_application;
use crate::difference::{self, New};
use crate::failure::{Failure, with_causes};
use crate::files::check_folder;
use crate::io::Io;
use crate::pipeline::read_facts;

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the service or job. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the environment. Not needed where there is only one.
    #[arg(short, long, value_parser = crate::names::typed)]
    env: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Tag of the main container's image.
    #[arg(long)]
    tag: Option<String>,
    /// What is known of AWS, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Writes `NAME-ENV.stack.yml` and `NAME-ENV.params.json` there. Without it the template goes to standard output.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Prints what differs from the deployed stack, or from a template, and exits with 1 if anything does.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output_dir", "upload_assets"])]
    #[expect(clippy::option_option, reason = "the flag may have a value")]
    diff: Option<Option<Utf8PathBuf>>,
    /// Builds images and uploads files first.
    #[arg(long)]
    upload_assets: bool,
    /// Accepted because build scripts say it: a template is rendered whatever version is deployed.
    #[arg(long, hide = true)]
    allow_downgrade: bool,
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Package, access: &Access, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let facts = arguments.facts.as_ref().map(|path| facts_of(path, &application, io)).transpose()?;
    let compares = matches!(arguments.diff, Some(None));
    if let Some(path) = arguments.facts.as_ref().filter(|_| compares) {
        return Err(Failure::with_hint(
            format!("`{path}` doesn't know what is deployed"),
            "leave out `--facts` to have AWS asked, or name a template to compare with: `--diff FILE`",
        ));
    }
    let file = select::workload(&workspace, kind, arguments.name.as_deref(), io)?;
    let environment = environment(arguments, facts.as_ref(), &application, access, io)?;
    let request = Request {
        workspace: &workspace,
        application: &application,
        pairs: &[Pair { workload: file.name().to_owned(), environment }],
        facts: facts.as_ref(),
        registered: None,
        tag: arguments.tag.as_deref().filter(|tag| !tag.is_empty()),
        publish: match arguments.upload_assets {
            true => Publish::ToAws,
            false if compares => Publish::Compare,
            false => Publish::Nothing,
        },
        settings: Settings::default(),
    };
    let mut record = Record::new(&application, None);
    let aws = build::reach(facts.as_ref(), &request.publish, access, io)?;
    let stacks = build::run(&request, aws.as_ref(), &mut record, io)?;
    if let Some(aws) = aws.as_ref().filter(|_| compares) {
        let diffs = stacks.iter().map(|stack| difference(stack, &application, aws, io));
        let diffs = diffs.collect::<Result<Vec<_>, _>>()?;
        return diffs.iter().try_for_each(|diff| difference::report(diff, io));
    }
    if arguments.upload_assets {
        io.done(&record.summary());
    }
    stacks.iter().try_for_each(|stack| deliver(stack, arguments, io))
}

fn facts_of(path: &Utf8PathBuf, application: &str, io: &mut Io<'_>) -> Result<Facts, Failure> {
    let facts = read_facts(path, io)?;
    same_application(&facts, application, path)?;
    Ok(facts)
}

/// The environment that was named, or the only one that there is, or the one that is chosen.
fn environment(
    arguments: &Package,
    facts: Option<&Facts>,
    application: &str,
    access: &Access,
    io: &mut Io<'_>,
) -> Result<String, Failure> {
    let typed = arguments.env.as_deref();
    let known: Vec<String> = match (facts, typed) {
        (Some(facts), _) => facts.environments.keys().cloned().collect(),
        // Whether it exists shows when AWS is asked about it.
        (None, Some(name)) => return Ok(name.to_owned()),
        (None, None) => {
            let aws = Aws::open(access, io)?;
            let found = aws.wait(copilot_deployer::application::environments(aws.session(), application))?;
            found.into_iter().map(|environment| environment.name).collect()
        }
    };
    select::environment(application, &known, typed, io)
}

/// To the folder, to standard output, or compared.
fn deliver(stack: &Stack, arguments: &Package, io: &mut Io<'_>) -> Result<(), Failure> {
    if let Some(Some(old)) = &arguments.diff {
        let diff = difference::with_file(old, &stack.template, io)?;
        return difference::report(&diff, io);
    }
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(stack.text.as_bytes()) };
    let files = build::files(std::slice::from_ref(stack));
    let shown: Vec<String> =
        files.keys().map(|file| format!("`{}`", folder.join(file.to_string_lossy().as_ref()))).collect();
    check_folder(folder, io)?;
    write_all_or_nothing(io.folder().join(folder).as_std_path(), &files)?;
    io.done(&format!("wrote {}", shown.join(", ")));
    Ok(())
}

/// How the stack as it is deployed differs from what it is to be.
fn difference(stack: &Stack, application: &str, aws: &Aws, io: &mut Io<'_>) -> Result<TemplateDiff, Failure> {
    let Pair { workload, environment } = &stack.pair;
    let name = stack_name::workload(application, environment, workload);
    let deployed = stack::workload_snapshot(aws.session(), application, environment, &name);
    let deployed = aws.wait(deployed).map_err(difference::unavailable)?;
    let StackParameters { mut parameters, tags } = stack.values.clone();
    let image = parameters.get_mut(IMAGE).filter(|image| image.is_empty());
    // An image that would have to be built has no name yet, so that it can't be compared.
    if let Some((new, old)) = image.zip(deployed.as_ref().and_then(|deployed| deployed.parameters.get(IMAGE)))
    {
        new.clone_from(old);
    }
    difference::with_deployed(&name, deployed, &New { template: &stack.template, parameters, tags }, io)
}

/// The parameter that holds the image of the main container.
const IMAGE: &str = "ContainerImage";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Manifest { problems, .. } => Self::Diagnostics(problems),
            error => Self::new(with_causes(&error)),
        }
    }
}
