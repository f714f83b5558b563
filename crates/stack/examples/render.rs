//! Renders the stack of a service or job: `render FACTS MANIFEST ENVIRONMENT [PARAMETERS]`.
//!
//! The template goes to standard output; its parameters go to the file PARAMETERS, if one is named. Exit codes: 0 done, 1 the
//! stack can't be rendered, and standard error says why.

use std::error::Error;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use copilot_cfn::write::to_yaml;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::WorkloadManifest;
use copilot_stack::Facts;
use copilot_stack::workload::{Rendered, Request, render};
use copilot_yaml::{Diagnostics, Source};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments, &mut stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "render: {error}");
            // What is wrong with the manifest stands behind what can't be done because of it.
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            causes.for_each(|cause| drop(writeln!(stderr(), "{cause}")));
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn run(arguments: &[&str], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let [facts, manifest, environment, ref parameters @ ..] = *arguments else {
        return Err("usage: render FACTS MANIFEST ENVIRONMENT [PARAMETERS]".into());
    };
    let stack = stack(&read(facts)?, &read(manifest)?, environment)?;
    if let [file] = *parameters {
        std::fs::write(file, stack.parameters.to_json())?;
    }
    Ok(out.write_all(to_yaml(&stack.template.into_value()).as_bytes())?)
}

fn read(file: &str) -> Result<Source, Box<dyn Error>> {
    let bytes = std::fs::read(file).map_err(|error| format!("can't read `{file}`: {error}"))?;
    Ok(Source::from_bytes(file, bytes)?)
}

/// The same input gives the same bytes: nothing here asks AWS, the clock or the environment.
fn stack(facts: &Source, manifest: &Source, environment: &str) -> Result<Rendered, Box<dyn Error>> {
    let mut problems = Diagnostics::default();
    let facts = Facts::read(facts, &mut problems);
    let facts = problems.into_result(facts)?;
    let variables = Variables { application: facts.application.name.clone(), ..Variables::default() };
    let loaded = WorkloadManifest::parse(manifest.clone())?.load(environment, &variables)?;
    let request = Request {
        workload: &loaded.workload,
        source: manifest,
        environment,
        facts: &facts,
        addons: None,
        // Where the code of custom resources lies in the artifact bucket. `copilot-functions` has the code and its own keys.
        function_keys: &|function: &str| format!("functions/{function}.zip"),
    };
    Ok(render(request)?)
}
