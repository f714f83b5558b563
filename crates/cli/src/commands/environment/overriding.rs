//! `env override`: scaffolds what a workspace changes in the templates of its environments.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_cfn::Value;
use copilot_engine::Project;
use copilot_engine::environment::{self, AddonFiles, Inputs};

use crate::aws::{Access, Aws};
use crate::commands::overriding::{Frame, Kind, write};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::view::View;
use crate::{choose, project};

#[derive(Debug, Args)]
pub(crate) struct Override {
    /// Environment whose resources are offered [default: the only one]. The overrides apply to all environments.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    #[command(flatten)]
    frame: Frame,
    /// Read what AWS knows from FILE instead of asking AWS.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
}

pub(super) fn run(arguments: &Override, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?;
    let folder = project.workspace().folder().join("environments/overrides");
    let render = |io: &mut Io<'_>| template(arguments, &project, access, io);
    write(&project, &folder, Kind::Environment, &arguments.frame, render, io)
}

/// The template of an environment as it is now.
fn template(
    arguments: &Override,
    project: &Project,
    access: &Access,
    io: &mut Io<'_>,
) -> Result<Value, Failure> {
    let file = choose::environment(project, arguments.name.as_deref(), io)?;
    let loaded = engage(View::default(), io, |host| environment::load(project, &file, host))?;
    let facts = if let Some(path) = &arguments.facts {
        project::known(path, project, io)?
    } else {
        let aws = Aws::open(access, io)?;
        let gathered = engage(View::default(), io, |host| {
            aws.run(environment::gather(project, &loaded, aws.cloud(), host))
        })?;
        aws.close()?;
        gathered
    };
    let inputs = Inputs { project, environment: &loaded, facts: &facts, force_deploy_id: None };
    let stack = engage(View::default(), io, |host| environment::render(inputs, AddonFiles::Leave, host))?;
    Ok(stack.template)
}
