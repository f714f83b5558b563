//! `package`: a pipeline's stack as a template.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use copilot_engine::Project;
use copilot_engine::files::{Existing, write_all};
use copilot_engine::pipeline::{self, Known, LoadedPipeline, Rendered, gather};
use copilot_workspace::ManifestFile;

use crate::aws::{Access, Aws};
use crate::commands::show::{table, view::Shown};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::view::View;
use crate::{choose, difference, project};

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the pipeline [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Read what AWS knows from FILE instead of asking AWS; `copilot-pipeline facts` writes such a file.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Write `NAME.stack.yml` to DIR and print what the pipeline will do [default: print the template].
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Print what differs from the deployed stack, or from the template in FILE; exit with 1 if anything does.
    #[arg(long, value_name = "FILE", conflicts_with = "output_dir")]
    #[expect(clippy::option_option, reason = "the flag may have a value")]
    diff: Option<Option<Utf8PathBuf>>,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(crate) fn run(arguments: &Package, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    if let (Some(path), Some(None)) = (&arguments.facts, &arguments.diff) {
        return Err(difference::facts_know_nothing(path));
    }
    let (loaded, rendered) = if let Some(path) = &arguments.facts {
        from_facts(path, &project, arguments.name.as_deref(), io)?
    } else {
        let file = choose::pipeline(&project, arguments.name.as_deref(), io)?;
        let aws = Aws::open(access, io)?;
        if let Some(None) = &arguments.diff {
            return compare(&project, &file, aws, io);
        }
        let both = engage(View::default(), io, |host| {
            let observed = aws.run(gather(&project, &file, aws.cloud(), host))?;
            let rendered = observed.rendered(&project, host)?;
            Ok::<_, copilot_engine::Error>((observed.loaded, rendered))
        })?;
        aws.close()?;
        both
    };
    if let Some(Some(path)) = &arguments.diff {
        let diff = difference::with_file(path, &rendered.template, io)?;
        return difference::report(&diff, io);
    }
    io.diagnostics(&pipeline::windows_of(&loaded.pipeline, &project)?);
    let text = rendered.text;
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(text.as_bytes()) };
    let name = arguments.name.as_ref().unwrap_or(&loaded.pipeline.name);
    let shown = folder.join(format!("{name}.stack.yml"));
    write_all(&[(io.folder().join(&shown), text.into_bytes())], Existing::Replace, io.folder())?;
    io.done(&format!("wrote `{shown}`"));
    let plan = table::render(&Shown::of(&loaded), io.unicode(), io.width());
    io.out(&plan)
}

/// Renders without asking AWS.
pub(crate) fn from_facts(
    path: &Utf8Path,
    project: &Project,
    name: Option<&str>,
    io: &mut Io<'_>,
) -> Result<(LoadedPipeline, Rendered), Failure> {
    let facts = project::known(path, project, io)?;
    let file = choose::pipeline(project, name, io)?;
    let known = Known { facts: Some(&facts), registered: None };
    Ok(engage(View::default(), io, |host| {
        let loaded = pipeline::load(project, &file, known, host)?;
        let rendered = pipeline::rendered(&loaded, &facts, project, host)?;
        Ok::<_, copilot_engine::Error>((loaded, rendered))
    })?)
}

/// Prints how the stack as it is deployed differs from what it is to be.
fn compare(project: &Project, file: &ManifestFile, aws: Aws, io: &mut Io<'_>) -> Result<(), Failure> {
    let diff = engage(View::default(), io, |host| {
        aws.run(async {
            let observed = gather(project, file, aws.cloud(), host).await?;
            observed.difference(project, aws.cloud(), host).await
        })
    })?;
    aws.close()?;
    difference::report(&diff, io)
}
