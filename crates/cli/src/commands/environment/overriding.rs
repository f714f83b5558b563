//! `env override`: scaffolds what a workspace changes in the templates of its environments.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_cfn::Value;
use copilot_workspace::Workspace;

use super::select::select;
use crate::aws::{Access, Aws};
use crate::commands::application;
use crate::commands::overriding::{Frame, Kind, write};
use crate::commands::package::same_application;
use crate::environment::{self, AddonFiles, Request};
use crate::failure::Failure;
use crate::io::Io;
use crate::pipeline::read_facts;

#[derive(Debug, Args)]
pub(crate) struct Override {
    /// Name of an environment whose resources are offered; the overrides are for all. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    #[command(flatten)]
    frame: Frame,
    /// What is known of AWS, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
}

pub(super) fn run(arguments: &Override, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let folder = workspace.folder().join("environments/overrides");
    let render = |io: &mut Io<'_>| template(arguments, &workspace, &application, access, io);
    write(&workspace, &folder, Kind::Environment, &arguments.frame, render, io)
}

/// The template of an environment as it is now.
fn template(
    arguments: &Override,
    workspace: &Workspace,
    application: &str,
    access: &Access,
    io: &mut Io<'_>,
) -> Result<Value, Failure> {
    let file = select(workspace, arguments.name.as_deref(), io)?;
    let loaded = environment::load(&file, application, io)?;
    let facts = if let Some(path) = &arguments.facts {
        let facts = read_facts(path, io)?;
        same_application(&facts, application, path)?;
        facts
    } else {
        let aws = Aws::open(access, io)?;
        let facts = environment::gather(application, &loaded, &aws, io)?;
        aws.close()?;
        facts
    };
    let request = Request { workspace, environment: &loaded, facts: &facts, force_deploy_id: None };
    Ok(environment::render(&request, AddonFiles::Leave, io)?.template)
}
