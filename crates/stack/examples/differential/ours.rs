//! What this crate makes of a case.

use copilot_cfn::{Value, read, write};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::pipeline::{Surroundings, read as read_pipeline};
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::{Error, Facts, environment, pipeline, workload};
use copilot_yaml::{Diagnostic, Diagnostics, Source, Span};

use crate::draw::{Case, Kind};

/// The workloads of a pipeline's workspace.
pub(crate) const WORKLOADS: [(&str, &str); 2] = [("api", "Backend Service"), ("sweep", "Scheduled Job")];

/// Template and parameters; a pipeline has none of the latter.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) template: Value,
    pub(crate) parameters: Option<Value>,
}

/// Why a case is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What it says, one problem a line: `code path: message`.
    pub(crate) lines: String,
    /// Where in the manifest the first problem is.
    pub(crate) span: Option<Span>,
}

impl From<&Diagnostics> for Refusal {
    fn from(problems: &Diagnostics) -> Self {
        let errors = || problems.iter().filter(|problem| problem.is_error());
        let line =
            |problem: &Diagnostic| format!("{} {}: {}", problem.code.id, problem.path, problem.message);
        let lines: Vec<String> = errors().map(line).collect();
        let span = errors().next().and_then(|problem| Some(problem.labels.first()?.span));
        Self { lines: lines.join("\n"), span }
    }
}

impl Refusal {
    /// What is no problem of the manifest.
    fn other(error: impl std::fmt::Debug) -> Self {
        Self { lines: format!("template : {error:?}"), span: None }
    }
}

/// Renders a case.
///
/// # Errors
/// Why it is refused.
pub(crate) fn render(case: &Case) -> Result<Rendered, Refusal> {
    let mut problems = Diagnostics::default();
    let facts = Facts::read(&Source::new("facts.yml", case.facts.as_str()), &mut problems);
    let facts = facts.ok_or_else(|| Refusal::from(&problems))?;
    let source = Source::new("manifest.yml", case.manifest.as_str());
    match case.kind {
        Kind::Workload(_) => of_workload(&source, &facts),
        Kind::Pipeline => of_pipeline(&source, &facts),
        Kind::Environment => of_environment(&source, &facts),
    }
}

fn variables(facts: &Facts) -> Variables {
    Variables { application: facts.application.name.clone(), ..Variables::default() }
}

/// Written and read again: what counts is what CloudFormation gets.
fn rendered(template: copilot_cfn::Template, parameters: Option<&str>) -> Result<Rendered, Refusal> {
    Ok(Rendered {
        template: read_text(&write::to_yaml(&template.into_value()))?,
        parameters: parameters.map(read_text).transpose()?,
    })
}

fn of_workload(source: &Source, facts: &Facts) -> Result<Rendered, Refusal> {
    let manifest = WorkloadManifest::parse(source.clone()).map_err(|problems| Refusal::from(&problems))?;
    let loaded = manifest.load("test", &variables(facts)).map_err(|problems| Refusal::from(&problems))?;
    let request = workload::Request {
        workload: &loaded.workload,
        source,
        environment: "test",
        facts,
        addons: None,
        function_keys: &|function: &str| function.to_owned(),
    };
    let stack = workload::render(request).map_err(|error| match &error {
        workload::Error::Manifest { problems, .. } => problems.into(),
        error => Refusal::other(error),
    })?;
    rendered(stack.template, Some(&stack.parameters.to_json()))
}

fn of_pipeline(source: &Source, facts: &Facts) -> Result<Rendered, Refusal> {
    let mut problems = Diagnostics::default();
    let around = Surroundings {
        application: facts.application.name.clone(),
        folder: "copilot/pipelines/release".to_owned(),
        workloads: Some(WORKLOADS.map(|(name, _)| name.to_owned()).into()),
        environments: Some(facts.environments.keys().cloned().collect()),
        ..Surroundings::default()
    };
    let read = read_pipeline(source, &around, &mut problems).ok_or_else(|| Refusal::from(&problems))?;
    rendered(pipeline::render(&read, facts).map_err(Refusal::other)?, None)
}

fn of_environment(source: &Source, facts: &Facts) -> Result<Rendered, Refusal> {
    let loaded = EnvironmentManifest::load(source, "test", &variables(facts));
    let loaded = loaded.map_err(|problems| Refusal::from(&problems))?;
    let stack = environment::render(environment::Request {
        environment: &loaded,
        name: "test",
        facts,
        addons: None,
        function_keys: &|function: &str| function.to_owned(),
        force_deploy_id: None,
    });
    let stack = stack.map_err(|error| match &error {
        Error::Environment { problems, .. } => problems.into(),
        error => Refusal::other(error),
    })?;
    rendered(stack.template, Some(&stack.parameters.to_json()))
}

/// Reads a template or a parameters file.
pub(crate) fn read_text(text: &str) -> Result<Value, Refusal> {
    let mut problems = Diagnostics::default();
    let document = read::read(&Source::new("template", text), &mut problems);
    document.map(|document| document.value).ok_or_else(|| Refusal::from(&problems))
}
