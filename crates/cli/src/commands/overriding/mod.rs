//! `override`: scaffolds what a workspace changes in a pipeline's template, or in those of its environments.

mod cdk;
mod patches;
mod resources;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};
use copilot_cfn::Value;
use copilot_engine::files::{Existing, write_all};
use copilot_engine::pipeline::{Known, gather, load, rendered};
use copilot_engine::{Error, Project};
use copilot_workspace::ManifestFile;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::view::View;
use crate::{choose, project};
use resources::{choose as choose_resources, resources};

#[derive(Debug, Args)]
pub(crate) struct Override {
    /// Name of the pipeline [default: the only one].
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

/// What the frame is to be.
#[derive(Debug, Args)]
pub(crate) struct Frame {
    /// Tool that changes the template.
    #[arg(long, value_enum)]
    tool: Option<Tool>,
    /// Language of the CDK application.
    #[arg(long, value_enum, default_value = "typescript")]
    cdk_language: Language,
    /// Don't ask for resources, and write no method for any.
    #[arg(long)]
    skip_resources: bool,
    /// Logical ID of a resource that the CDK application will change; can be repeated.
    #[arg(long, value_name = "ID", conflicts_with = "skip_resources")]
    resource: Vec<String>,
}

/// Whose template is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pipeline,
    Environment,
}

impl Kind {
    /// The heading of what explains the frame.
    const fn title(self) -> &'static str {
        match self {
            Self::Pipeline => "Overrides of the pipeline's template",
            Self::Environment => "Overrides of the environments' templates",
        }
    }

    /// What the commands about it begin with.
    const fn commands(self) -> &'static str {
        match self {
            Self::Pipeline => "copilot-pipeline",
            Self::Environment => "copilot-pipeline env",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// A CDK application, which needs Node.js.
    Cdk,
    /// Patches in YAML.
    Yamlpatch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Typescript,
}

pub(crate) fn run(arguments: &Override, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?;
    let file = choose::pipeline(&project, arguments.name.as_deref(), io)?;
    if let Err(problems) = &file.header {
        return Err(Failure::Diagnostics(problems.clone()));
    }
    // Copilot looks for it under the name in the manifest, wherever the manifest is.
    let folder = project.workspace().pipeline_folder(file.name()).join("overrides");
    let render = |io: &mut Io<'_>| template(arguments, access, &project, &file, io);
    write(&project, &folder, Kind::Pipeline, &arguments.frame, render, io)
}

/// Writes a frame to a folder that has nothing yet. `render` makes the template, if its resources matter.
pub(crate) fn write(
    project: &Project,
    folder: &Utf8Path,
    kind: Kind,
    frame: &Frame,
    render: impl FnOnce(&mut Io<'_>) -> Result<Value, Failure>,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let shown = project.workspace().display_path(folder);
    if folder.read_dir_utf8().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::with_hint(
            format!("the folder `{shown}` is not empty"),
            "edit what is there, or move it away first",
        ));
    }
    let tool = match frame.tool {
        Some(tool) => tool,
        None => ask_tool(io)?,
    };
    let files = match (tool, frame.cdk_language) {
        (Tool::Yamlpatch, _) => patches::files(kind),
        (Tool::Cdk, Language::Typescript) => {
            let resources = if frame.skip_resources {
                Vec::new()
            } else {
                choose_resources(resources(&render(io)?), &frame.resource, io)?
            };
            cdk::files(kind, &resources)
        }
    };
    let files: Vec<_> =
        files.into_iter().map(|(name, text)| (folder.join(name), text.into_bytes())).collect();
    write_all(&files, Existing::Refuse, io.folder())?;
    io.done(&format!("wrote {} files to `{shown}`; `README.md` there says how to go on", files.len()));
    Ok(())
}

fn ask_tool(io: &mut Io<'_>) -> Result<Tool, Failure> {
    let options =
        ["yamlpatch: patches in YAML".to_owned(), "cdk: a CDK application in TypeScript".to_owned()];
    match io.prompt() {
        Some(prompt) => {
            let chosen = prompt.select("What changes the template?", &options, None)?;
            Ok([Tool::Yamlpatch, Tool::Cdk][chosen.min(1)])
        }
        None => Err(Failure::with_hint(
            "cannot prompt: not a terminal (what changes the template?)",
            "pass `--tool yamlpatch` or `--tool cdk`",
        )),
    }
}

/// The pipeline's template as it is now.
fn template(
    arguments: &Override,
    access: &Access,
    project: &Project,
    file: &ManifestFile,
    io: &mut Io<'_>,
) -> Result<Value, Failure> {
    if let Some(path) = &arguments.facts {
        let facts = project::known(path, project, io)?;
        let known = Known { facts: Some(&facts), registered: None };
        let rendered = engage(View::default(), io, |host| {
            rendered(&load(project, file, known, host)?, &facts, project, host)
        })?;
        return Ok(rendered.template);
    }
    let aws = Aws::open(access, io)?;
    let rendered = engage(View::default(), io, |host| {
        let observed = aws.run(gather(project, file, aws.cloud(), host))?;
        observed.rendered(project, host)
    });
    let template = rendered.map_err(|error: Error| Failure::from(error))?.template;
    aws.close()?;
    Ok(template)
}
