//! The JSON Schema takes what the loader takes.

use copilot_manifest::decode::{Describe, FieldShape, Shape};
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::{Interpolated, Variables, interpolate};
use copilot_manifest::schema::json_schema;
use copilot_manifest::workload::{WorkloadManifest, WorkloadType};
use copilot_yaml::{Diagnostics, Node, Resolved, Source, parse};
use serde_json::{Value, json};

use crate::reference::folder;
use crate::shared::cases;

pub(crate) fn data(node: &Node) -> Value {
    match &node.value {
        copilot_yaml::Value::Sequence(items) => items.iter().map(data).collect(),
        copilot_yaml::Value::Mapping(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.text.to_string(), data(&e.value))).collect())
        }
        copilot_yaml::Value::Scalar(_) => match node.resolve() {
            Resolved::Null | Resolved::Collection => Value::Null,
            Resolved::Bool(value) => value.into(),
            Resolved::Int(value) => i64::try_from(value).unwrap().into(),
            Resolved::Float(value) => value.into(),
            Resolved::Timestamp(text) | Resolved::Str(text) => {
                node.as_bool().map_or_else(|| text.into(), Value::from)
            }
        },
    }
}

#[test]
fn accepted_manifests_fit_the_schema() {
    let Some(root) = folder("conformance") else { return };
    let compile = |shape: Shape| jsonschema::validator_for(&json_schema(&shape, "urn:test", "test")).unwrap();
    let workloads = WorkloadType::ALL.map(|kind| (kind, compile(kind.shape())));
    let environment = compile(EnvironmentManifest::shape());
    let (mut count, mut wrong) = (0, Vec::new());
    for folder in cases(&root).iter().filter(|folder| !folder.join("expected/error.txt").exists()) {
        let case: Value =
            serde_json::from_str(&fs_err::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        let file = match case["kind"].as_str().unwrap() {
            "workload" => format!("copilot/{}/manifest.yml", case["name"].as_str().unwrap()),
            "environment" => format!("copilot/environments/{}/manifest.yml", case["env"].as_str().unwrap()),
            _ => continue,
        };
        let source = Source::new("m.yml", fs_err::read_to_string(folder.join(file)).unwrap());
        let tree = parse(&source, &mut Diagnostics::default()).unwrap();
        let kind = tree.get("type").and_then(Node::as_str).and_then(WorkloadType::parse);
        let schema = kind.and_then(|kind| workloads.iter().find(|(known, _)| *known == kind));
        let schema = schema.map_or(&environment, |(_, schema)| schema);
        if !loads_without_warning(&source, &case, kind.is_some()) {
            continue;
        }
        count += 1;
        // A variable is no value yet.
        let environment = case["env"].as_str().unwrap();
        let tree =
            match interpolate(&tree, &source, environment, &variables(&case), &mut Diagnostics::default()) {
                Interpolated::Changed(tree) => *tree,
                Interpolated::Unchanged => tree,
            };
        wrong.extend(schema.iter_errors(&data(&tree)).map(|error| {
            format!("{}: {} {error}", folder.strip_prefix(&root).unwrap().display(), error.instance_path())
        }));
    }
    eprintln!("manifests checked against their schema: {count}");
    assert!(count > 0, "no case in {}", root.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn variables(case: &Value) -> Variables {
    let shell = case["variables"].as_object().into_iter().flatten();
    let shell = shell.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    Variables { application: "app".to_owned(), shell }
}

/// Keys that nothing reads and values that are read as zero are no part of the schema.
fn loads_without_warning(source: &Source, case: &Value, is_workload: bool) -> bool {
    let variables = variables(case);
    let environment = case["env"].as_str().unwrap();
    let warnings = if is_workload {
        WorkloadManifest::parse(source.clone())
            .unwrap()
            .load(environment, &variables)
            .map(|loaded| loaded.warnings)
    } else {
        EnvironmentManifest::load(source, environment, &variables).map(|loaded| loaded.warnings)
    };
    warnings
        .is_ok_and(|warnings| warnings.iter().all(|warning| warning.code.id.starts_with("copilot::workload")))
}

#[test]
fn every_key_is_documented() {
    let mut undocumented = Vec::new();
    for kind in WorkloadType::ALL {
        undocumented_keys(kind.as_str(), &kind.shape(), &mut undocumented);
    }
    undocumented_keys("Environment", &EnvironmentManifest::shape(), &mut undocumented);
    assert_eq!(undocumented, [""; 0]);
}

pub(crate) fn undocumented_keys(path: &str, shape: &Shape, into: &mut Vec<String>) {
    match shape {
        Shape::List(item) | Shape::Map(item) => undocumented_keys(path, item, into),
        Shape::OneOf(forms) => forms.iter().for_each(|form| undocumented_keys(path, form, into)),
        Shape::Record(record) => {
            for FieldShape { key, doc, shape } in &record.fields {
                let path = format!("{path}.{key}");
                if !doc.ends_with('.') {
                    into.push(path.clone());
                }
                if *key != "environments" {
                    undocumented_keys(&path, &shape(), into);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_schema_names_what_is_wrong() {
    let schema = json_schema(&WorkloadType::BackendService.shape(), "urn:test", "test");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong = json!({ "name": "a", "type": "Backend Service", "cpu": "256", "imag": {} });
    let mut errors: Vec<_> = validator.iter_errors(&wrong).map(|error| error.to_string()).collect();
    errors.sort();
    insta::assert_snapshot!(errors.join("\n"));
}
