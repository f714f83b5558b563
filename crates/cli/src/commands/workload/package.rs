//! `svc package` and `job package`: a workload's stack as a template with its parameters.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use clap::Args;
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::write::to_yaml;
use copilot_cfn::{Value, read};
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::{WorkloadManifest, WorkloadType};
use copilot_stack::Facts;
use copilot_stack::workload::{Error, FunctionKeys, Request, render};
use copilot_workspace::Workspace;
use copilot_yaml::{Diagnostics, Source};

use super::{Kind, select};
use crate::addons;
use crate::commands::application;
use crate::commands::package::{check_limits, same_application};
use crate::failure::{Failure, with_causes};
use crate::files::{Existing, write_all};
use crate::io::Io;
use crate::overrides::{self, Names};
use crate::pipeline::read_facts;

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Name of the service or job. Not needed where there is only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the environment. Not needed where there is only one.
    #[arg(short, long)]
    env: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long)]
    app: Option<String>,
    /// Tag of the main container's image.
    #[arg(long)]
    tag: Option<String>,
    /// What is known of AWS, so that nothing is asked there.
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// Writes `NAME-ENV.stack.yml` and `NAME-ENV.params.json` there. Without it the template goes to standard output.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<Utf8PathBuf>,
    /// Prints what differs from a template and exits with 1 if anything does.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output_dir", "upload_assets"])]
    diff: Option<Utf8PathBuf>,
    /// Builds images and uploads files first.
    #[arg(long)]
    upload_assets: bool,
    /// Accepted because build scripts say it: a template is rendered whatever version is deployed.
    #[arg(long, hide = true)]
    allow_downgrade: bool,
}

pub(super) fn run(arguments: &Package, kind: Kind, io: &mut Io<'_>) -> Result<(), Failure> {
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let Some(path) = &arguments.facts else {
        return Err(Failure::with_hint(
            "the environment's account, region and addresses are not known",
            "say `--facts FILE` with a file that holds them",
        ));
    };
    if arguments.upload_assets {
        return Err(Failure::with_hint(
            "`--upload-assets` and `--facts` exclude each other: a facts file says what was uploaded already",
            "leave out `--upload-assets`",
        ));
    }
    let mut facts = read_facts(path, io)?;
    same_application(&facts, &application, path)?;
    let file = select::workload(&workspace, kind, arguments.name.as_deref(), io)?;
    let environment = select::environment(&facts, arguments.env.as_deref(), io)?;
    let name = file.name().to_owned();
    set_tag(&mut facts, &name, arguments.tag.as_deref());
    let header = file.header.map_err(Failure::Diagnostics)?;
    let rendered = rendered(&workspace, &header.source, &environment, &facts, &file.folder, io)?;
    let text = to_yaml(&rendered.template);
    check_limits(&rendered.template, &text, io)?;
    if let Some(old) = &arguments.diff {
        return print_diff(old, &rendered.template, io);
    }
    let Some(folder) = &arguments.output_dir else { return io.out_bytes(text.as_bytes()) };
    let mut files = vec![
        (format!("{name}-{environment}.stack.yml"), text),
        (format!("{name}-{environment}.params.json"), rendered.parameters),
    ];
    files.extend(rendered.addons.map(|addons| (format!("{name}.addons.stack.yml"), to_yaml(&addons))));
    let shown: Vec<String> = files.iter().map(|(file, _)| format!("`{}`", folder.join(file))).collect();
    let files: Vec<_> = files
        .into_iter()
        .map(|(file, text)| (io.folder().join(folder).join(file), text.into_bytes()))
        .collect();
    write_all(&files, Existing::Replace)?;
    io.done(&format!("wrote {}", shown.join(", ")));
    Ok(())
}

/// The image that was built under another tag than the facts know.
fn set_tag(facts: &mut Facts, container: &str, tag: Option<&str>) {
    if let (Some(image), Some(tag)) = (facts.images.get_mut(container), tag.filter(|tag| !tag.is_empty())) {
        image.tag = Some(tag.to_owned());
    }
}

/// A stack after all overrides.
struct Packaged {
    template: Value,
    parameters: String,
    addons: Option<Value>,
}

fn rendered(
    workspace: &Workspace,
    source: &Source,
    environment: &str,
    facts: &Facts,
    folder: &str,
    io: &mut Io<'_>,
) -> Result<Packaged, Failure> {
    let manifest = WorkloadManifest::parse(source.clone()).map_err(Failure::Diagnostics)?;
    let application = facts.application.name.clone();
    let variables = Variables { application: application.clone(), shell: io.variables().clone() };
    let loaded = manifest.load(environment, &variables).map_err(Failure::Diagnostics)?;
    io.diagnostics(&loaded.warnings);
    let addons = addons::of_workload(workspace, folder, io)?;
    let request = Request {
        workload: &loaded.workload,
        source,
        environment,
        facts,
        addons: addons.as_ref(),
        function_keys: &Keys::of(manifest.kind()),
    };
    let stack = render(request)?;
    let names = Names { application: &application, environment: Some(environment) };
    let template =
        overrides::apply(stack.template.into_value(), workspace.overrides(folder)?, workspace, names)?;
    Ok(Packaged {
        template,
        parameters: stack.parameters.to_json(),
        addons: addons.map(|addons| addons.template.into_value()),
    })
}

/// Keys of the functions that a type of workload has.
#[derive(Debug)]
struct Keys(BTreeMap<&'static str, String>);

impl Keys {
    fn of(kind: WorkloadType) -> Self {
        use copilot_functions::Stack;
        let stack = match kind {
            WorkloadType::LoadBalancedWebService => Stack::LoadBalancedWebService,
            WorkloadType::BackendService => Stack::BackendService,
            WorkloadType::WorkerService => Stack::WorkerService,
            WorkloadType::RequestDrivenWebService => Stack::RequestDrivenWebService,
            WorkloadType::StaticSite => Stack::StaticSite,
            WorkloadType::ScheduledJob => Stack::ScheduledJob,
        };
        Self(stack.functions().iter().map(|resource| (resource.logical_id, resource.key())).collect())
    }
}

impl FunctionKeys for Keys {
    fn key(&self, function: &str) -> String {
        self.0.get(function).cloned().unwrap_or_default()
    }
}

/// Compares with a template in a file.
fn print_diff(path: &Utf8PathBuf, template: &Value, io: &mut Io<'_>) -> Result<(), Failure> {
    let full = io.folder().join(path);
    let bytes = std::fs::read(&full)
        .map_err(|error| Failure::DiffUnavailable(format!("can't read `{path}`: {error}")))?;
    let source = Source::from_bytes(path.as_str(), bytes)
        .map_err(|problem| Failure::DiffUnavailable(problem.to_string()))?;
    let mut diagnostics = Diagnostics::default();
    let old = read::read(&source, &mut diagnostics).filter(|_| !diagnostics.has_errors());
    let Some(old) = old else {
        io.diagnostics(&diagnostics);
        return Err(Failure::DiffUnavailable(format!("`{path}` is no template")));
    };
    let diff = TemplateDiff::between(&old.value, template);
    if diff.is_empty() {
        return io.out("No changes.\n");
    }
    io.out(&diff.to_string())?;
    Err(Failure::Said)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Manifest { problems, .. } => Self::Diagnostics(problems),
            error => Self::new(with_causes(&error)),
        }
    }
}
