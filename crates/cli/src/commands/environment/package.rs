//! `env package`: an environment's stack as a template with its parameters.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::write_all_or_nothing;
use copilot_cfn::diff::TemplateDiff;
use copilot_engine::Error;
use copilot_engine::environment::{self, AddonFiles, Inputs, Plan, Stack, Wishes};
use copilot_engine::files::check_folder;
use copilot_stack::environment::check_version;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::view::View;
use crate::{choose, difference, project};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Package {
    /// Name of the environment [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Read what AWS knows from FILE instead of asking AWS.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Write `NAME.env.yml`, `NAME.env.params.json` and, with addons, `env.addons.yml` to DIR [default: print the
    /// template].
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Print what differs from the deployed stack, or from the template in FILE; exit with 1 if anything does.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["output_dir", "upload_assets"])]
    #[expect(clippy::option_option, reason = "the flag may have a value")]
    diff: Option<Option<Utf8PathBuf>>,
    /// Upload functions and addons first.
    #[arg(long)]
    upload_assets: bool,
    /// Make the template differ from the deployed one, so that deploying it is an update even if nothing has changed.
    #[arg(long)]
    force: bool,
    /// Render a template that is older than the deployed one.
    #[arg(long)]
    allow_downgrade: bool,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Package, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let file = choose::environment(&project, arguments.name.as_deref(), io)?;
    let loaded = engage(View::default(), io, |host| environment::load(&project, &file, host))?;
    let known = arguments.facts.as_ref().map(|path| project::known(path, &project, io)).transpose()?;
    let asks_aws = known.is_none() || arguments.upload_assets || arguments.diff == Some(None);
    let aws = asks_aws.then(|| Aws::open(access, io)).transpose()?;
    let facts = match (known, &aws) {
        (Some(facts), _) => facts,
        (None, Some(aws)) => engage(View::default(), io, |host| {
            aws.run(environment::gather(&project, &loaded, aws.cloud(), host))
        })?,
        (None, None) => return Err(Error::NothingKnown.into()),
    };
    if !arguments.allow_downgrade {
        check_version(&loaded.name, environment::deployed(&facts, &loaded.name)?).map_err(Error::from)?;
    }
    let force_deploy_id = arguments.force.then(|| environment::force_deploy_id(io.now()));
    let inputs = Inputs {
        project: &project,
        environment: &loaded,
        facts: &facts,
        force_deploy_id: force_deploy_id.as_deref(),
    };
    let files = if arguments.upload_assets { AddonFiles::Read } else { AddonFiles::Leave };
    let stack = engage(View::default(), io, |host| environment::render(inputs, files, host))?;
    if let Some(aws) = aws.as_ref().filter(|_| arguments.upload_assets) {
        engage(View::default(), io, |host| aws.run(environment::upload(&stack, inputs, aws.cloud(), host)))?;
    }
    let diff = match (&arguments.diff, &aws) {
        (Some(Some(path)), _) => Some(difference::with_file(path, &stack.template, io)?),
        (Some(None), Some(aws)) => Some(compare(inputs, &stack, aws, io)?),
        (None, _) | (Some(None), None) => None,
    };
    aws.map_or(Ok(()), Aws::close)?;
    match diff {
        Some(diff) => difference::report(&diff, io),
        None => deliver(&stack, arguments, io),
    }
}

/// How the stack as it is deployed differs from what it is to be.
fn compare(inputs: Inputs<'_>, stack: &Stack, aws: &Aws, io: &mut Io<'_>) -> Result<TemplateDiff, Failure> {
    let name = &inputs.environment.name;
    let place = environment::place(inputs.facts, name)?;
    let facts = environment::deployed(inputs.facts, name)?;
    let diff = engage(View::default(), io, |host| {
        aws.run(async {
            let existing = environment::existing(&place, aws.cloud(), host).await?;
            let deployed = environment::Deployed { name, facts, stack: existing.as_ref() };
            let plan = Plan::new(place.clone(), deployed, Wishes::default());
            environment::compare(&plan, stack, existing, inputs, aws.cloud(), host).await
        })
    })?;
    Ok(diff)
}

/// To the folder, or to standard output.
fn deliver(stack: &Stack, arguments: &Package, io: &mut Io<'_>) -> Result<(), Failure> {
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(stack.text.as_bytes()) };
    let files = stack.files();
    let shown: Vec<String> =
        files.keys().map(|file| format!("`{}`", folder.join(file.to_string_lossy().as_ref()))).collect();
    check_folder(folder, io.folder())?;
    write_all_or_nothing(io.folder().join(folder).as_std_path(), &files)?;
    io.done(&format!("wrote {}", shown.join(", ")));
    Ok(())
}
