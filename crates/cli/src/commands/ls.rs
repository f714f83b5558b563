//! `ls`: the deployed pipelines of an application, or those of the workspace.

use clap::Args;
use copilot_deployer::pipeline;
use copilot_engine::pipeline::deployed;
use futures::future::join_all;
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
    pipelines: Option<Vec<T>>,
}

#[derive(Debug, Serialize)]
struct Local {
    name: String,
    #[serde(rename = "manifestPath")]
    manifest_path: String,
}

pub(crate) fn run(arguments: &Ls, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    if arguments.local { local(arguments, io) } else { remote(arguments, access, io) }
}

/// One call lists the names; JSON needs another for each pipeline. One that can't be described doesn't hide the others.
fn remote(arguments: &Ls, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.app.as_deref(), &aws, io)?;
    let all = aws.wait(deployed::deployed(aws.session(), &app))?;
    if !arguments.json {
        if all.is_empty() {
            io.note(format!("`{app}` has no deployed pipeline in {}", aws.session().region()));
        }
        return io.lines(all.iter().map(|pipeline| &pipeline.name));
    }
    let described = aws.wait(async {
        let each = all.iter().map(|found| pipeline::describe(aws.session(), found));
        Ok::<_, Failure>(join_all(each).await)
    })?;
    let (mut pipelines, mut failures) = (Vec::new(), Vec::new());
    for (pipeline, result) in all.iter().zip(described) {
        match result {
            Ok(description) => pipelines.push(description),
            Err(error) => failures.push((pipeline, error)),
        }
    }
    let pipelines = (!pipelines.is_empty()).then_some(pipelines);
    io.json(&Listing { pipelines })?;
    let complete = failures.is_empty();
    for (pipeline, error) in failures {
        io.warning(&format!("`{}` is left out: {error}", pipeline.name));
    }
    if complete { aws.close() } else { Err(Failure::Said) }
}

fn local(arguments: &Ls, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::optional(arguments.app.as_deref(), io)?;
    let workspace = project.workspace();
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
    if found.is_empty() {
        io.note("the workspace has no pipeline");
        io.hint("`copilot-pipeline init` writes one");
    }
    io.lines(found.iter().map(|pipeline| &pipeline.name))
}
