//! `svc ls` and `job ls`: the services or jobs of the workspace.

use clap::Args;
use serde::Serialize;

use crate::choose::Kind;
use crate::failure::Failure;
use crate::io::Io;
use crate::project;

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
    services: Option<Vec<Entry>>,
}

#[derive(Debug, Serialize)]
struct Jobs {
    jobs: Option<Vec<Entry>>,
}

#[derive(Debug, Serialize)]
struct Entry {
    app: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

pub(super) fn run(arguments: &Ls, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?;
    let (workspace, application) = (project.workspace(), project.application()?);
    let files = match kind {
        Kind::Service => workspace.services()?,
        Kind::Job => workspace.jobs()?,
    };
    let mut found = Vec::new();
    for file in files {
        if let Ok(header) = file.header {
            found.push(Entry {
                app: application.to_owned(),
                name: header.name,
                kind: header.kind.as_str().to_owned(),
            });
        }
    }
    if !arguments.json {
        return io.lines(found.iter().map(|entry| &entry.name));
    }
    let list = (!found.is_empty()).then_some(found);
    match kind {
        Kind::Service => io.json(&Services { services: list }),
        Kind::Job => io.json(&Jobs { jobs: list }),
    }
}
