//! `env package`: an environment's stack as a template with its parameters.

use std::collections::BTreeMap;
use std::path::PathBuf;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_artifact::write_all_or_nothing;
use copilot_cfn::{Map, Value};
use copilot_stack::environment::check_version;
use copilot_workspace::Workspace;

use super::select::select;
use crate::aws::{Access, Aws};
use crate::build::upload;
use crate::commands::package::same_application;
use crate::commands::{application, diff};
use crate::environment::{self, AddonFiles, Request, Stack};
use crate::failure::Failure;
use crate::files::check_folder;
use crate::io::Io;
use crate::pipeline::read_facts;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Package {
    /// Name of the environment. Not needed where the workspace has only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// What is known of AWS, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Write `NAME.env.yml`, `NAME.env.params.json` and, with addons, `env.addons.yml` there. Without it the template goes to
    /// standard output.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Print what differs from the deployed stack, or from the template in FILE, and exit with 1 if anything does.
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
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Package, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let file = select(&workspace, arguments.name.as_deref(), io)?;
    let loaded = environment::load(&file, &application, io)?;
    let known = match &arguments.facts {
        Some(path) => {
            let facts = read_facts(path, io)?;
            same_application(&facts, &application, path)?;
            Some(facts)
        }
        None => None,
    };
    let asks_aws = known.is_none() || arguments.upload_assets || arguments.diff == Some(None);
    let aws = asks_aws.then(|| Aws::open(access, io)).transpose()?;
    let facts = match (known, &aws) {
        (Some(facts), _) => facts,
        (None, Some(aws)) => environment::gather(&application, &loaded, aws, io)?,
        (None, None) => return Err(Failure::new("nothing is known of AWS")),
    };
    let deployed = environment::deployed(&facts, &loaded.name)?;
    if !arguments.allow_downgrade {
        check_version(&loaded.name, deployed)?;
    }
    let request = Request {
        workspace: &workspace,
        environment: &loaded,
        facts: &facts,
        force_deploy_id: arguments.force.then(|| environment::force_deploy_id(io)),
    };
    let uploads = aws.as_ref().filter(|_| arguments.upload_assets);
    let files = if uploads.is_some() { AddonFiles::Read } else { AddonFiles::Leave };
    let stack = environment::render(&request, files, io)?;
    if let Some(aws) = uploads {
        upload(&stack.assets, &loaded.name, &facts, aws, io)?;
    }
    let old = match (&arguments.diff, &aws) {
        (Some(Some(path)), _) => Some(diff::read(path, io)?),
        (Some(None), Some(aws)) => {
            let template = environment::deployed_template(&facts, &loaded.name, aws, io)?;
            // Compared with nothing, everything is new.
            Some(template.unwrap_or_else(|| Value::Map(Map::new())))
        }
        (None, _) | (Some(None), None) => None,
    };
    aws.map_or(Ok(()), Aws::close)?;
    match old {
        Some(old) => diff::print(&old, &stack.template, io),
        None => deliver(&stack, &loaded.name, arguments, io),
    }
}

/// To the folder, or to standard output.
fn deliver(stack: &Stack, name: &str, arguments: &Package, io: &mut Io<'_>) -> Result<(), Failure> {
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(stack.text.as_bytes()) };
    let files: BTreeMap<PathBuf, Vec<u8>> = stack.files(name);
    let shown: Vec<String> =
        files.keys().map(|file| format!("`{}`", folder.join(file.to_string_lossy().as_ref()))).collect();
    check_folder(folder, io)?;
    write_all_or_nothing(io.folder().join(folder).as_std_path(), &files)?;
    io.done(&format!("wrote {}", shown.join(", ")));
    Ok(())
}
