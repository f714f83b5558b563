//! What this crate makes of a case.

use copilot_cfn::{Value, read, write};
use copilot_manifest::interpolate::Variables;
use copilot_manifest::pipeline::{Surroundings, read as read_pipeline};
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::workload::{Error, Request, render as render_workload};
use copilot_stack::{Facts, pipeline};
use copilot_yaml::{Diagnostics, Source};

use crate::draw::{Case, Kind};

/// The workloads of a pipeline's workspace.
pub(crate) const WORKLOADS: [(&str, &str); 2] = [("api", "Backend Service"), ("sweep", "Scheduled Job")];

/// Template and parameters; a pipeline has none of the latter.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) template: Value,
    pub(crate) parameters: Option<Value>,
}

/// Renders a case.
///
/// # Errors
/// What a refusal says, one problem a line: `code path: message`.
pub(crate) fn render(case: &Case) -> Result<Rendered, String> {
    let mut problems = Diagnostics::default();
    let facts = Facts::read(&Source::new("facts.yml", case.facts.as_str()), &mut problems);
    let facts = facts.ok_or_else(|| lines(&problems))?;
    let source = Source::new("manifest.yml", case.manifest.as_str());
    match case.kind {
        Kind::Workload(_) => workload(&source, &facts),
        Kind::Pipeline => release(&source, &facts),
    }
}

fn workload(source: &Source, facts: &Facts) -> Result<Rendered, String> {
    let variables = Variables { application: facts.application.name.clone(), ..Variables::default() };
    let manifest = WorkloadManifest::parse(source.clone()).map_err(|problems| lines(&problems))?;
    let loaded = manifest.load("test", &variables).map_err(|problems| lines(&problems))?;
    let request = Request {
        workload: &loaded.workload,
        source,
        environment: "test",
        facts,
        addons: None,
        function_keys: &|function: &str| function.to_owned(),
    };
    let stack = render_workload(request).map_err(|error| match &error {
        Error::Manifest { problems, .. } => lines(problems),
        error => format!("template : {error:?}"),
    })?;
    // Written and read again: what counts is what CloudFormation gets.
    let template = read_text(&write::to_yaml(&stack.template.into_value()))?;
    Ok(Rendered { template, parameters: Some(read_text(&stack.parameters.to_json())?) })
}

fn release(source: &Source, facts: &Facts) -> Result<Rendered, String> {
    let mut problems = Diagnostics::default();
    let around = Surroundings {
        application: facts.application.name.clone(),
        folder: "copilot/pipelines/release".to_owned(),
        workloads: Some(WORKLOADS.map(|(name, _)| name.to_owned()).into()),
        environments: Some(facts.environments.keys().cloned().collect()),
        ..Surroundings::default()
    };
    let read = read_pipeline(source, &around, &mut problems).ok_or_else(|| lines(&problems))?;
    let template = pipeline::render(&read, facts).map_err(|error| format!("template : {error}"))?;
    Ok(Rendered { template: read_text(&write::to_yaml(&template.into_value()))?, parameters: None })
}

/// Reads a template or a parameters file.
pub(crate) fn read_text(text: &str) -> Result<Value, String> {
    let mut problems = Diagnostics::default();
    let document = read::read(&Source::new("template", text), &mut problems);
    document.map(|document| document.value).ok_or_else(|| lines(&problems))
}

fn lines(problems: &Diagnostics) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error());
    errors
        .map(|problem| format!("{} {}: {}", problem.code.id, problem.path, problem.message))
        .collect::<Vec<_>>()
        .join("\n")
}
