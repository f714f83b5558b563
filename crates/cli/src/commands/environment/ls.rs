//! `env ls`: the environments of an application, or those of the workspace.

use clap::Args;
use copilot_deployer::application::{Environment, environments};
use serde::Serialize;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;
use crate::project;
use crate::remote::application_name;

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// List those of the workspace, without asking AWS.
    #[arg(long)]
    local: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
}

/// `null` for an empty list is what existing scripts expect.
#[derive(Debug, Serialize)]
struct Listing<T> {
    environments: Option<Vec<T>>,
}

#[derive(Debug, Serialize)]
struct Local {
    name: String,
    #[serde(rename = "manifestPath")]
    manifest_path: String,
}

pub(super) fn run(arguments: &Ls, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    if arguments.local { local(arguments, io) } else { deployed(arguments, access, io) }
}

fn deployed(arguments: &Ls, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let found: Vec<Environment> = aws.wait(environments(aws.session(), &app))?;
    if arguments.json {
        io.json(&Listing { environments: (!found.is_empty()).then_some(found) })?;
    } else {
        io.lines(found.iter().map(|environment| &environment.name))?;
    }
    aws.close()
}

fn local(arguments: &Ls, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::optional(arguments.app.as_deref(), io)?;
    let workspace = project.workspace();
    let found = workspace.environments()?.into_iter();
    let found: Vec<Local> =
        found.map(|file| Local { name: file.folder, manifest_path: file.path.to_string() }).collect();
    if arguments.json {
        return io.json(&Listing { environments: (!found.is_empty()).then_some(found) });
    }
    io.lines(found.iter().map(|environment| &environment.name))
}
