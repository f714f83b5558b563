//! `show --local`: what a pipeline will do.

mod graph;
pub(crate) mod table;
pub(crate) mod view;

use clap::{Args, ValueEnum};
use copilot_workspace::Workspace;

use crate::commands::application;
use crate::failure::Failure;
use crate::io::Io;
use crate::pipeline::{load, select};
use view::View;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Name of the pipeline. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long)]
    app: Option<String>,
    /// The pipeline as the workspace describes it; nothing is asked of AWS.
    #[arg(long)]
    local: bool,
    /// Prints JSON.
    #[arg(long, conflicts_with = "graph")]
    json: bool,
    /// Prints a graph for a program that draws it.
    #[arg(long, value_enum)]
    graph: Option<Graph>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Graph {
    /// For Mermaid, which GitHub draws in Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
}

pub(crate) fn run(arguments: &Show, io: &mut Io<'_>) -> Result<(), Failure> {
    if !arguments.local {
        return Err(Failure::with_hint(
            "deployed pipelines can't be shown yet",
            "say `--local` to see what the workspace describes",
        ));
    }
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let file = select(&workspace, arguments.name.as_deref(), io)?;
    let local = load(&workspace, &file, &application, None, io)?;
    let view = View::of(&local);
    match arguments.graph {
        _ if arguments.json => io.json(&view),
        Some(Graph::Mermaid) => io.out(&graph::mermaid(&view)),
        Some(Graph::Dot) => io.out(&graph::dot(&view)),
        None => {
            let text = table::render(&view, io.unicode(), io.width());
            io.out(&text)
        }
    }
}
