//! `svc package` and `job package`: a workload's stack as a template with its parameters.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::write_all_or_nothing;
use copilot_engine::build::{self, Environments, Inputs, Pair, Record, Settings, Stack, Target};
use copilot_engine::files::check_folder;
use copilot_engine::{Error, Project};
use copilot_stack::Facts;

use crate::aws::{Access, Aws};
use crate::building::summary;
use crate::choose::{self, Kind};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::threads::Threads;
use crate::view::View;
use crate::{difference, project};

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the service or job [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the environment [default: the only one].
    #[arg(short, long, value_parser = crate::names::typed)]
    env: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Tag of the main container's image.
    #[arg(long)]
    tag: Option<String>,
    /// Read what AWS knows from FILE instead of asking AWS.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Write `NAME-ENV.stack.yml` and `NAME-ENV.params.json` to DIR [default: print the template].
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Print what differs from the deployed stack, or from the template in FILE; exit with 1 if anything does.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output_dir", "upload_assets"])]
    #[expect(clippy::option_option, reason = "the flag may have a value")]
    diff: Option<Option<Utf8PathBuf>>,
    /// Build images and upload files first.
    #[arg(long)]
    upload_assets: bool,
    /// Accepted for existing build scripts; a template is rendered whatever version is deployed.
    #[arg(long, hide = true)]
    allow_downgrade: bool,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Package, access: &Access, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let application = project.application()?;
    let facts = arguments.facts.as_ref().map(|path| project::known(path, &project, io)).transpose()?;
    let compares = matches!(arguments.diff, Some(None));
    if let Some(path) = arguments.facts.as_ref().filter(|_| compares) {
        return Err(difference::facts_know_nothing(path));
    }
    let file = choose::workload(&project, kind, arguments.name.as_deref(), io)?;
    let environment = environment(arguments, facts.as_ref(), application, access, io)?;
    let target = match arguments.upload_assets {
        true => Target::Aws,
        false if compares => Target::Compare,
        false => Target::Nothing,
    };
    let aws = target.needs_aws(facts.is_some()).then(|| Aws::open(access, io)).transpose()?;
    let inputs = Inputs {
        project: &project,
        pairs: &[Pair { workload: file.name().to_owned(), environment }],
        environments: Environments::default(),
        facts: facts.as_ref(),
        registered: None,
        cloud: aws.as_ref().map(Aws::cloud),
        tag: arguments.tag.as_deref().filter(|tag| !tag.is_empty()),
        target,
        settings: Settings::default(),
    };
    let mut record = Record::new(application, None);
    let stacks = made(inputs, aws.as_ref(), &mut record, io)?;
    if let Some(aws) = aws.as_ref().filter(|_| compares) {
        return stacks.iter().try_for_each(|stack| compare(stack, &project, aws, io));
    }
    if arguments.upload_assets {
        io.done(&summary(&record));
    }
    stacks.iter().try_for_each(|stack| deliver(stack, arguments, io))
}

/// Plans and carries out.
fn made(
    inputs: Inputs<'_>,
    aws: Option<&Aws>,
    record: &mut Record,
    io: &mut Io<'_>,
) -> Result<Vec<Stack>, Failure> {
    let threads = Threads::of(aws, io)?;
    let made = engage(View::default(), io, |host| {
        threads.wait(async {
            let plan = build::plan(inputs, record, host).await?;
            Ok::<_, Error>(build::apply(plan, record, host).await?.workloads)
        })
    });
    Ok(made?)
}

/// Prints how the stack as it is deployed differs from what it is to be.
fn compare(stack: &Stack, project: &Project, aws: &Aws, io: &mut Io<'_>) -> Result<(), Failure> {
    let application = project.application()?;
    let diff =
        engage(View::default(), io, |host| aws.run(build::compare(stack, application, aws.cloud(), host)))?;
    difference::report(&diff, io)
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
    choose::deployed_environment(application, &known, typed, io)
}

/// To the folder, to standard output, or compared.
fn deliver(stack: &Stack, arguments: &Package, io: &mut Io<'_>) -> Result<(), Failure> {
    if let Some(Some(old)) = &arguments.diff {
        let diff = difference::with_file(old, &stack.template, io)?;
        return difference::report(&diff, io);
    }
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(stack.text.as_bytes()) };
    let files = stack.files();
    let shown: Vec<String> =
        files.keys().map(|file| format!("`{}`", folder.join(file.to_string_lossy().as_ref()))).collect();
    check_folder(folder, io.folder())?;
    write_all_or_nothing(io.folder().join(folder).as_std_path(), &files)?;
    io.done(&format!("wrote {}", shown.join(", ")));
    Ok(())
}
