//! `show`: what a deployed pipeline does, or what that of the workspace will do.

mod deployed;
mod graph;
pub(crate) mod table;
pub(crate) mod view;

use clap::{Args, ValueEnum};
use copilot_engine::pipeline::{Known, load};

use crate::aws::Access;
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::remote::Which;
use crate::view::View;
use crate::{choose, project};
use view::Shown;

#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    which: Which,
    /// Also list the resources of its stack.
    #[arg(long, conflicts_with = "local")]
    resources: bool,
    /// Show the pipeline of the workspace, without asking AWS.
    #[arg(long)]
    local: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "graph")]
    json: bool,
    /// Print a graph for a program that draws it.
    #[arg(long, value_enum, requires = "local")]
    graph: Option<Graph>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Graph {
    /// For Mermaid, which GitHub draws in Markdown.
    Mermaid,
    /// For Graphviz.
    Dot,
}

pub(crate) fn run(arguments: &Show, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    if !arguments.local {
        return deployed::run(arguments, access, io);
    }
    let project = project::open(arguments.which.app.as_deref(), io)?;
    let file = choose::pipeline(&project, arguments.which.name.as_deref(), io)?;
    let loaded = engage(View::default(), io, |host| load(&project, &file, Known::default(), host))?;
    let view = Shown::of(&loaded);
    match arguments.graph {
        _ if arguments.json => io.json(&view),
        Some(Graph::Mermaid) => io.out(graph::mermaid(&view)),
        Some(Graph::Dot) => io.out(graph::dot(&view)),
        None => {
            let text = table::render(&view, io.unicode(), io.width());
            io.out(&text)
        }
    }
}
