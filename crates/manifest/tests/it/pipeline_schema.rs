//! The JSON Schema of pipelines and their reader agree.

use copilot_manifest::decode::Describe;
use copilot_manifest::pipeline::{PipelineManifest, Surroundings, json_schema, read};
use copilot_yaml::{Diagnostics, Source, parse};
use serde_json::Value;

use crate::reference::folder;
use crate::schema::{data, undocumented_keys};

/// The diagnostics of faults that a schema can see, too.
pub(crate) const SEEN: &[&str] = &[
    "copilot::manifest::wrong_type",
    "copilot::manifest::unknown_key",
    "copilot::pipeline::approval_misspelt",
    "copilot::pipeline::empty_action",
    "copilot::pipeline::missing",
    "copilot::pipeline::no_stages",
    "copilot::pipeline::output_format",
    "copilot::pipeline::provider",
    "copilot::pipeline::tests_and_actions",
    "copilot::pipeline::version",
];

/// What the reader says that a schema can see, and what the schema says.
fn compare(text: &str) -> (Vec<String>, Vec<String>) {
    let source = Source::new("m.yml", text);
    let mut diagnostics = Diagnostics::default();
    read(&source, &Surroundings::default(), &mut diagnostics);
    let seen = diagnostics.iter().filter(|found| SEEN.contains(&found.code.id)).map(ToString::to_string);
    let Some(tree) = parse(&source, &mut Diagnostics::default()) else { return (vec![], vec![]) };
    let validator = jsonschema::validator_for(&json_schema("urn:test")).unwrap();
    let data = data(&tree);
    let errors = validator.iter_errors(&data).map(|error| format!("{} {error}", error.instance_path()));
    (seen.collect(), errors.collect())
}

#[test]
fn real_pipelines_get_the_same_verdict() {
    let Some(corpus) = folder("corpus") else { return };
    let mut count = 0;
    for file in ["shown.jsonl", "docs_e2e.jsonl"] {
        for line in fs_err::read_to_string(corpus.join("_verdicts").join(file)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let name = line["file"].as_str().unwrap();
            if line["kind"] != "pipeline" {
                continue;
            }
            let Ok(text) = fs_err::read_to_string(corpus.join(name)) else { continue };
            let (seen, errors) = compare(&text);
            assert_eq!(seen.is_empty(), errors.is_empty(), "{name}: {seen:#?} {errors:#?}");
            count += 1;
        }
    }
    eprintln!("pipelines checked against their schema: {count}");
    assert!(count > 0, "no pipeline in {}", corpus.display());
}

#[test]
fn faults_are_seen_by_both() {
    let good = "name: a\nversion: 1\nsource: {provider: GitHub, properties: {repository: o/r}}\nstages: [{name: test}]\n";
    let cases = [
        (good.to_owned(), true),
        (
            good.replace(
                "{name: test}",
                "{name: test, deployments: {a: }, test_commands: [], post_deployments: {a: {buildspec: b}}}",
            ),
            true,
        ),
        (good.replace("{name: test}", "{name: test, test_commands: [a], post_deployments: {}}"), false),
        (good.replace("{name: test}", "{name: test, pre_deployments: {a: }}"), false),
        (good.replace("{name: test}", "{name: test, require_approval: true}"), false),
        (good.replace("[{name: test}]", "[]"), false),
        (good.replace("version: 1", "version: 2"), false),
        (good.replace("version: 1", "version: '1'"), false),
        (good.replace("GitHub", "Github"), false),
        (good.replace("o/r", "1.0"), false),
        (good.replace("name: a\n", ""), false),
    ];
    for (text, accepted) in cases {
        let (seen, errors) = compare(&text);
        assert_eq!(
            (seen.is_empty(), errors.is_empty()),
            (accepted, accepted),
            "{text}: {seen:#?} {errors:#?}"
        );
    }
}

#[test]
fn every_key_is_documented() {
    let mut undocumented = Vec::new();
    undocumented_keys("Pipeline", &PipelineManifest::shape(), &mut undocumented);
    assert_eq!(undocumented, [""; 0]);
    insta::assert_json_snapshot!(json_schema("urn:test"));
}
