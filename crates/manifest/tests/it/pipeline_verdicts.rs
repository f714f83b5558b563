//! Manifests of pipelines get the verdict that Copilot gives them, but for faults that it does not see.

use std::fmt::Write as _;

use copilot_manifest::pipeline::{Surroundings, read};
use copilot_yaml::{Diagnostics, Source};
use serde_json::Value;

use crate::reference::folder;

/// Faults that Copilot finds after several calls of AWS, or that only CodePipeline or CloudFormation finds.
const MISSED_BY_COPILOT: &[&str] =
    &["copilot::pipeline::cycle", "copilot::pipeline::name", "copilot::pipeline::unknown_dependency"];

#[test]
fn real_pipelines_get_the_same_verdict() {
    let Some(corpus) = folder("corpus") else { return };
    let (mut count, mut refused, mut different) = (0, 0, String::new());
    for file in ["shown.jsonl", "docs_e2e.jsonl"] {
        for line in fs_err::read_to_string(corpus.join("_verdicts").join(file)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let (name, verdict) =
                (line["file"].as_str().unwrap(), line.get("as_is").unwrap_or(&line["extra"]));
            let Ok(bytes) = fs_err::read(corpus.join(name)) else { continue };
            if line["kind"] != "pipeline" {
                continue;
            }
            count += 1;
            let mut diagnostics = Diagnostics::default();
            let source = Source::from_bytes(name, bytes).unwrap();
            let ours = read(&source, &Surroundings::default(), &mut diagnostics);
            let accepted = verdict.get("ok").is_some();
            let errors: Vec<_> = diagnostics.iter().filter(|found| found.is_error()).collect();
            let known = || errors.iter().all(|found| MISSED_BY_COPILOT.contains(&found.code.id));
            if accepted && ours.is_none() && known() {
                refused += 1;
            } else if accepted != ours.is_some() {
                let _ = writeln!(different, "{name}: {verdict}\n  ours: {errors:#?}");
            }
        }
    }
    eprintln!(
        "verdicts of pipelines compared: {count}, of which {refused} are refused for faults that Copilot misses"
    );
    assert!(different.is_empty(), "{different}");
    assert!(count > 0, "no pipeline in {}", corpus.display());
}
