//! Every conformance case of a pipeline.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use copilot_cfn::compare::{Attention, same};
use copilot_cfn::diff::TemplateDiff;
use copilot_cfn::{Value, read, write};
use copilot_manifest::pipeline::{Surroundings, read as read_pipeline};
use copilot_stack::{Facts, pipeline};
use copilot_yaml::{Diagnostics, Node, Source, parse};

use crate::{conformance, reference};

fn tree(path: &Path) -> Option<Node> {
    let source = Source::new(path.display().to_string(), std::fs::read_to_string(path).ok()?);
    parse(&source, &mut Diagnostics::default())
}

/// Names of the workloads that stand in a case: services, then jobs.
fn workloads(folder: &Path) -> Vec<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder.join("copilot")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(root) = tree(&folder.join("copilot").join(&name).join("manifest.yml")) {
            let kind = root.get("type").and_then(Node::as_str).unwrap_or_default().to_owned();
            names.insert((kind.ends_with("Job"), name));
        }
    }
    names.into_iter().map(|(_, name)| name).collect()
}

/// What a case renders to, or why it is refused.
fn render(folder: &Path, name: &str) -> Result<Value, String> {
    let mut diagnostics = Diagnostics::default();
    let text = std::fs::read_to_string(folder.join("facts.yml")).unwrap();
    let facts = Facts::read(&Source::new("facts.yml", text), &mut diagnostics).unwrap();
    let place = format!("copilot/pipelines/{name}");
    let (place, path) = match folder.join(&place).join("manifest.yml") {
        path if path.is_file() => (place, path),
        _ => ("copilot".to_owned(), folder.join("copilot/pipeline.yml")),
    };
    let around = Surroundings {
        application: facts.application.name.clone(),
        folder: place,
        workloads: Some(workloads(folder)),
        environments: Some(facts.environments.keys().cloned().collect()),
        ..Surroundings::default()
    };
    let source = Source::new("manifest.yml", std::fs::read_to_string(path).unwrap());
    let pipeline = read_pipeline(&source, &around, &mut diagnostics)
        .ok_or_else(|| diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let template = pipeline::render(&pipeline, &facts).map_err(|error| error.to_string())?;
    Ok(template.into_value())
}

/// Leaves a rendered template where other tools can look at it.
fn keep(case: &Path, rendered: &Value) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipelines");
    std::fs::create_dir_all(&folder).unwrap();
    let name = case.display().to_string().replace('/', "~");
    std::fs::write(folder.join(name + ".yml"), write::to_yaml(rendered)).unwrap();
}

#[test]
fn every_pipeline_of_the_conformance_cases_is_equal() {
    let Some(folder) = reference::folder("conformance") else { return };
    let (mut equal, mut refused, mut misses) = (0, 0, String::new());
    for case in conformance::folders_with(&folder, "case.json") {
        let description = tree(&case.join("case.json")).unwrap();
        if description.get("kind").and_then(Node::as_str) != Some("pipeline") {
            continue;
        }
        let name = description.get("name").and_then(Node::as_str).unwrap();
        let rendered = render(&case, name);
        if let Ok(rendered) = &rendered {
            keep(case.strip_prefix(&folder).unwrap(), rendered);
        }
        let expected = case.join("expected").join(format!("{name}.stack.json"));
        match (std::fs::read_to_string(&expected), rendered) {
            (Err(_), Err(_)) => refused += 1,
            (Err(_), Ok(_)) => drop(writeln!(misses, "{}: accepted what is refused", case.display())),
            (Ok(_), Err(problem)) => drop(writeln!(misses, "{}: {problem}", case.display())),
            (Ok(text), Ok(rendered)) => {
                let source = Source::new("expected", text);
                let expected = read::read(&source, &mut Diagnostics::default()).unwrap().value;
                if same(&expected, &rendered, Attention::Behaviour) {
                    equal += 1;
                } else {
                    let diff = TemplateDiff::between(&expected, &rendered);
                    let _ = writeln!(misses, "{}:\n{diff}", case.display());
                }
            }
        }
    }
    eprintln!(
        "{equal} pipelines of the conformance cases are equal, {refused} are refused as they should be"
    );
    assert!(misses.is_empty(), "{misses}");
    assert!(equal + refused > 0, "no case in {}", folder.display());
}
