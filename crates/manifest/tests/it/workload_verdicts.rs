//! Real manifests get the verdict that Copilot gives them, for each environment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use copilot_manifest::interpolate::Variables;
use copilot_manifest::workload::{WorkloadManifest, codes};
use copilot_yaml::{Diagnostic, Source};
use serde_json::Value;

use crate::reference::folder;

/// What the loader says: `Ok`, or the messages.
pub(crate) fn verdict(
    name: &str,
    text: Vec<u8>,
    environment: &str,
    variables: &Variables,
) -> Result<(), String> {
    let source = Source::from_bytes(name, text).map_err(|problem| problem.to_string())?;
    let manifest = WorkloadManifest::parse(source).map_err(|problems| lines(&problems))?;
    match manifest.load(environment, variables) {
        // Copilot looks at the schedule only when it renders the job.
        Err(problems) if problems.iter().any(|problem| !is_late(problem)) => Err(lines(&problems)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn is_late(problem: &Diagnostic) -> bool {
    !problem.is_error() || problem.code == &codes::SCHEDULE
}

fn lines(problems: &copilot_yaml::Diagnostics) -> String {
    problems.iter().filter(|problem| problem.is_error()).fold(String::new(), |mut text, problem| {
        let _ = writeln!(text, "    {} [{}] {problem}", problem.path, problem.code.id);
        text
    })
}

#[test]
fn real_manifests_get_the_same_verdict() {
    let Some(corpus) = folder("corpus") else { return };
    let mut counts = BTreeMap::new();
    let mut different = String::new();
    for file in ["shown.jsonl", "docs_e2e.jsonl"] {
        let lines = fs_err::read_to_string(corpus.join("_verdicts").join(file)).unwrap();
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if line["kind"] == "workload" {
                compare(&corpus, &line, &mut counts, &mut different);
            }
        }
    }
    eprintln!("verdicts compared: {counts:?}");
    assert!(counts.contains_key("accepted"), "no workload in {}", corpus.display());
    assert!(different.is_empty(), "{different}");
}

fn compare(
    corpus: &std::path::Path,
    line: &Value,
    counts: &mut BTreeMap<&'static str, usize>,
    different: &mut String,
) {
    let name = line["file"].as_str().unwrap();
    let Ok(text) = fs_err::read(corpus.join(name)) else {
        *counts.entry("missing files").or_default() += 1;
        return;
    };
    for (key, value) in [("as_is", None), ("with_dummy_vars", Some("dummy"))] {
        let names = line["vars"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let shell = value.map(|value| names.map(|name| (name.to_owned(), value.to_owned())).collect());
        let variables = Variables { application: "app".to_owned(), shell: shell.unwrap_or_default() };
        for (environment, expected) in line[key].as_object().into_iter().flatten() {
            let expected = expected.as_str().unwrap();
            let ours = verdict(name, text.clone(), environment, &variables);
            let kind = if expected == "ok" { "accepted" } else { "refused" };
            *counts.entry(kind).or_default() += 1;
            if ours.is_ok() != (expected == "ok") {
                let ours = ours.err().unwrap_or_else(|| "    ok\n".to_owned());
                let _ = writeln!(
                    different,
                    "{name} ({environment}, {key})\n  Copilot: {expected}\n  ours:\n{ours}"
                );
            }
        }
    }
}
