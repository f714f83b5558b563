//! `package`: a pipeline's stack as a template.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_cfn::Value;
use copilot_cfn::limits::{self, Delivery};
use copilot_cfn::write::to_yaml;
use copilot_stack::{Facts, pipeline::render};
use copilot_workspace::Workspace;

use crate::aws::{Access, Aws};
use crate::commands::application;
use crate::commands::deploy::plan::Plan;
use crate::commands::show::{table, view::View};
use crate::difference;
use crate::failure::Failure;
use crate::files::{Existing, write_all};
use crate::io::Io;
use crate::overrides::{self, Names};
use crate::pipeline::{Known, Local, load, read_facts, select};
use crate::windows;

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the pipeline. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// What is known of AWS, so that nothing is asked there. `copilot-pipeline facts` writes such a file.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Writes `NAME.stack.yml` there and prints what the pipeline will do. Without it the template goes to standard output.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Prints what differs from the deployed stack, or from a template, and exits with 1 if anything does.
    #[arg(long, value_name = "FILE", conflicts_with = "output_dir")]
    #[expect(clippy::option_option, reason = "the flag may have a value")]
    diff: Option<Option<Utf8PathBuf>>,
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(crate) fn run(arguments: &Package, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let (local, rendered) = match (&arguments.facts, &arguments.diff) {
        (Some(path), Some(None)) => {
            return Err(Failure::with_hint(
                format!("`{path}` doesn't know what is deployed"),
                "leave out `--facts` to have AWS asked, or name a template to compare with: `--diff FILE`",
            ));
        }
        (Some(path), _) => {
            let facts = read_facts(path, io)?;
            same_application(&facts, &application, path)?;
            let file = select(&workspace, arguments.name.as_deref(), io)?;
            let known = Known { facts: Some(&facts), registered: None };
            let local = load(&workspace, &file, &application, known, io)?;
            let rendered = rendered(&local, &facts, &workspace, io)?;
            (local, rendered)
        }
        (None, diff) => {
            let file = select(&workspace, arguments.name.as_deref(), io)?;
            let aws = Aws::open(access, io)?;
            let plan = Plan::gather(&workspace, &file, &application, &aws, io)?;
            if let Some(None) = diff {
                let diff = plan.difference(&aws, io)?;
                aws.close()?;
                return difference::report(&diff, io);
            }
            let rendered = plan.rendered(io)?;
            aws.close()?;
            (plan.local, rendered)
        }
    };
    if let Some(Some(path)) = &arguments.diff {
        let diff = difference::with_file(path, &rendered.template, io)?;
        return difference::report(&diff, io);
    }
    let text = rendered.text;
    windows::warn(&local.pipeline, &application, &workspace, io)?;
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(text.as_bytes()) };
    let shown = folder.join(format!("{}.stack.yml", arguments.name.as_ref().unwrap_or(&local.pipeline.name)));
    write_all(&[(io.folder().join(&shown), text.into_bytes())], Existing::Replace, io)?;
    io.done(&format!("wrote `{shown}`"));
    let plan = table::render(&View::of(&local), io.unicode(), io.width());
    io.out(&plan)
}

/// A template as data and as it is written.
pub(crate) struct Rendered {
    pub(crate) template: Value,
    pub(crate) text: String,
}

/// The stack of a pipeline after overrides.
pub(crate) fn rendered(
    local: &Local,
    facts: &Facts,
    workspace: &Workspace,
    io: &mut Io<'_>,
) -> Result<Rendered, Failure> {
    let template = render(&local.pipeline, facts)?.into_value();
    let names = Names { application: &local.application, environment: None };
    let found = workspace.pipeline_overrides(&local.pipeline.name)?;
    let template = overrides::apply(template, found, workspace, names, io)?;
    let text = to_yaml(&template);
    check_limits(&template, &text, io)?;
    Ok(Rendered { template, text })
}

pub(crate) fn same_application(facts: &Facts, application: &str, path: &Utf8PathBuf) -> Result<(), Failure> {
    let known = &facts.application.name;
    if known == application {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{path}` is about the application `{known}`, but the workspace belongs to `{application}`"
    )))
}

/// Whether CloudFormation takes a template of this size.
pub(crate) fn check_limits(template: &Value, text: &str, io: &mut Io<'_>) -> Result<(), Failure> {
    match limits::check(template, text) {
        Ok(Delivery::Inline | Delivery::S3) => Ok(()),
        Err(exceeded) => {
            for limit in exceeded {
                io.error_line(&limit.to_string());
            }
            Err(Failure::Said)
        }
    }
}
