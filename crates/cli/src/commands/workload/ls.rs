//! `svc ls` and `job ls`: the services or jobs of an application, or those of the workspace.

use clap::Args;
use copilot_deployer::application::{Workload, workloads};
use serde::Serialize;

use crate::aws::{Access, Aws};
use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;
use crate::project;
use crate::remote::application_name;
use crate::table::{Cell, Table};

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// List what is in the workspace, without asking AWS.
    #[arg(long)]
    local: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
}

/// `null` for an empty list is what existing build scripts expect.
#[derive(Debug, Serialize)]
struct Services {
    services: Option<Vec<Workload>>,
}

#[derive(Debug, Serialize)]
struct Jobs {
    jobs: Option<Vec<Workload>>,
}

pub(super) fn run(arguments: &Ls, access: &Access, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    if arguments.local {
        let found = local(arguments, kind, io)?;
        return print(arguments, kind, found, io);
    }
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let mut found = aws.wait(workloads(aws.session(), &app))?;
    found.retain(|workload| workload.is_job() == (kind == Kind::Job));
    if found.is_empty() && !arguments.json {
        io.note(format!("the application `{app}` has no {}", kind.noun()));
    }
    print(arguments, kind, found, io)?;
    aws.close()
}

fn local(arguments: &Ls, kind: Kind, io: &Io<'_>) -> Result<Vec<Workload>, Failure> {
    let project = project::open(arguments.app.as_deref(), io)?;
    let (workspace, application) = (project.workspace(), project.application()?);
    let files = match kind {
        Kind::Service => workspace.services()?,
        Kind::Job => workspace.jobs()?,
    };
    let headers = files.into_iter().filter_map(|file| file.header.ok());
    let entry = headers.map(|header| Workload {
        app: application.to_owned(),
        name: header.name,
        kind: header.kind.as_str().to_owned(),
    });
    Ok(entry.collect())
}

fn print(arguments: &Ls, kind: Kind, found: Vec<Workload>, io: &mut Io<'_>) -> Result<(), Failure> {
    if !arguments.json {
        let mut table = Table::new(&["Name", "Type"]);
        for workload in &found {
            table.row([Cell::from(&workload.name), Cell::from(&workload.kind)]);
        }
        return if found.is_empty() { Ok(()) } else { io.out(table.draw(0, io.width())) };
    }
    let list = (!found.is_empty()).then_some(found);
    match kind {
        Kind::Service => io.json(&Services { services: list }),
        Kind::Job => io.json(&Jobs { jobs: list }),
    }
}
