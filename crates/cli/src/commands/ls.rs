//! `ls`: the pipelines of the workspace.

use clap::Args;
use copilot_workspace::Workspace;
use serde::Serialize;

use crate::commands::application;
use crate::failure::Failure;
use crate::io::Io;

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// Only what is in the workspace; nothing is asked of AWS.
    #[arg(long)]
    local: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Name of the application.
    #[arg(short, long)]
    app: Option<String>,
}

/// `null` for an empty list is what existing scripts expect.
#[derive(Debug, Serialize)]
struct Listing {
    pipelines: Option<Vec<Local>>,
}

#[derive(Debug, Serialize)]
struct Local {
    name: String,
    #[serde(rename = "manifestPath")]
    manifest_path: String,
}

pub(crate) fn run(arguments: &Ls, io: &mut Io<'_>) -> Result<(), Failure> {
    let workspace = Workspace::find(io.folder())?;
    application::agree(&workspace, arguments.app.as_deref())?;
    let mut found = Vec::new();
    for file in workspace.pipelines()? {
        match &file.header {
            Ok(header) => {
                found.push(Local { name: header.name.clone(), manifest_path: file.path.to_string() });
            }
            Err(diagnostics) => {
                io.diagnostics(diagnostics);
                io.warning(&format!("`{}` is left out", file.display_path));
            }
        }
    }
    if arguments.json {
        let pipelines = (!found.is_empty()).then_some(found);
        return io.json(&Listing { pipelines });
    }
    io.lines(found.iter().map(|pipeline| &pipeline.name))
}
