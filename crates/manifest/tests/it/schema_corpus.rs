//! The JSON Schemas and the readers find the same faults at the same places, in every manifest of real workspaces and of the
//! conformance cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use copilot_manifest::Kind;
use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_manifest::pipeline::{self, Surroundings};
use copilot_manifest::workload::WorkloadManifest;
use copilot_manifest::{codes, schema};
use copilot_yaml::{Diagnostic, Diagnostics, Source, parse};
use jsonschema::Validator;
use serde_json::Value;

use crate::pipeline_schema;
use crate::reference::folder;
use crate::schema::data;

/// Whether a schema can see a fault of this kind: what a key is called and what it holds. What keys say together it can't
/// see, nor what is missing, because an environment's overrides may have it.
fn is_seen(problem: &Diagnostic) -> bool {
    let found = problem.code.id;
    let of_values = [
        &codes::WRONG_TYPE,
        &codes::UNKNOWN_KEY,
        &codes::UNKNOWN_TYPE,
        &codes::READ_AS_ZERO,
        &codes::TRUNCATED,
    ];
    of_values.iter().any(|code| code.id == found)
        || pipeline_schema::SEEN.contains(&found)
        || (found == "copilot::workload::missing_key" && problem.path == "name")
        || ["copilot::environment::type", "copilot::environment::ports"].contains(&found)
}

/// Every YAML file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml") {
            found.push(path);
        }
    }
}

/// Something for every variable that a text may refer to.
fn variables(text: &str) -> Variables {
    let names = text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()));
    let shell = names.filter(|name| !name.starts_with("COPILOT_")).map(|name| (name, "dummy".to_owned()));
    Variables { application: "app".to_owned(), shell: shell.collect() }
}

fn read(kind: Option<Kind>, source: &Source) -> Diagnostics {
    let variables = variables(source.text());
    let mut found = Diagnostics::default();
    match kind {
        Some(Kind::Pipeline) => drop(pipeline::read(source, &Surroundings::default(), &mut found)),
        Some(Kind::Environment) => match EnvironmentManifest::load(source, "test", &variables) {
            Ok(loaded) => found.extend(loaded.warnings),
            Err(problems) => found.extend(problems),
        },
        Some(Kind::Workload(_)) | None => match WorkloadManifest::parse(source.clone()) {
            Ok(manifest) => {
                for environment in manifest.environments().chain(["test"]) {
                    found.extend(match manifest.load(environment, &variables) {
                        Ok(loaded) => loaded.warnings,
                        Err(problems) => problems,
                    });
                }
            }
            Err(problems) => found.extend(problems),
        },
    }
    found.sort();
    found
}

struct Schemas {
    kinds: Vec<(Kind, Validator)>,
    workloads: Validator,
    manifests: Validator,
}

impl Schemas {
    fn new() -> Self {
        let compile = |schema: &Value| jsonschema::validator_for(schema).unwrap();
        let kinds = Kind::ALL.map(|kind| (kind, compile(&kind.json_schema("urn:test"))));
        Self {
            kinds: kinds.into(),
            workloads: compile(&schema::workloads("urn:test")),
            manifests: compile(&schema::manifests("urn:test")),
        }
    }

    /// What the schema of a kind says, as places and messages; without a kind, that of all workloads. The schemas of several
    /// kinds find the same places.
    fn errors(&self, kind: Option<Kind>, data: &Value) -> Vec<(String, String)> {
        let Some(kind) = kind else { return by(&self.workloads, data) };
        let (_, own) = self.kinds.iter().find(|(known, _)| *known == kind).unwrap();
        let errors = by(own, data);
        assert_eq!(places(&errors), places(&by(&self.manifests, data)));
        if matches!(kind, Kind::Workload(_)) {
            assert_eq!(places(&errors), places(&by(&self.workloads, data)));
        }
        errors
    }
}

fn by(validator: &Validator, data: &Value) -> Vec<(String, String)> {
    let errors = validator.iter_errors(data);
    let place = |path: String| path.trim_start_matches('/').replace('/', ".").replace("~1", "/");
    errors.map(|error| (place(error.instance_path().to_string()), error.to_string())).collect()
}

fn places(errors: &[(String, String)]) -> BTreeSet<&str> {
    errors.iter().map(|(at, _)| at.as_str()).collect()
}

/// What one of both sees and the other does not. A schema names the mapping around what is wrong, or the value that fits none
/// of several forms.
fn differences(seen: &[&Diagnostic], errors: &[(String, String)]) -> Vec<String> {
    let around = |outer: &str, inner: &str| {
        let inner = inner.replace('[', ".").replace(']', "");
        outer.is_empty()
            || inner == outer
            || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
    };
    let only_read = seen.iter().filter(|problem| !errors.iter().any(|(at, _)| around(at, &problem.path)));
    let only_schema = errors.iter().filter(|(at, _)| !seen.iter().any(|problem| around(at, &problem.path)));
    only_read
        .map(|problem| format!("only the reader: {} {problem}", problem.path))
        .chain(only_schema.map(|(at, message)| format!("only the schema: {at} {message}")))
        .collect()
}

fn compare(root: &Path) -> BTreeMap<String, [usize; 2]> {
    let schemas = Schemas::new();
    let mut paths = Vec::new();
    files(root, &mut paths);
    let (mut counts, mut different) = (BTreeMap::<String, [usize; 2]>::new(), Vec::new());
    for path in paths {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let Ok(source) = Source::from_bytes(name.as_str(), fs_err::read(&path).unwrap()) else { continue };
        let mut broken = Diagnostics::default();
        let Some(tree) = parse(&source, &mut broken).filter(|_| !broken.has_errors()) else { continue };
        let Some(kind) = Kind::of(&source) else { continue };
        let found = read(Some(kind), &source);
        let seen: Vec<_> = found.iter().filter(|problem| is_seen(problem)).collect();
        let mut errors = schemas.errors(Some(kind), &data(&tree));
        // An environment's name is looked at by who lists the manifests of a workspace.
        errors
            .retain(|(_, message)| kind != Kind::Environment || message != "\"name\" is a required property");
        counts.entry(kind.to_string()).or_default()[usize::from(!errors.is_empty())] += 1;
        different.extend(differences(&seen, &errors).into_iter().map(|line| format!("{name}: {line}")));
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    counts
}

#[test]
fn schemas_and_readers_agree() {
    for name in ["corpus", "conformance"] {
        let Some(root) = folder(name) else { continue };
        let counts = compare(&root);
        let total: usize = counts.values().flatten().sum();
        assert!(total > 0, "no manifest in {}", root.display());
        eprintln!("{name}: {total} manifests read and held against their schemas (fine, faulty): {counts:?}");
    }
}

#[test]
fn what_a_workload_says_of_itself_is_looked_at() {
    let schemas = Schemas::new();
    let cases = [
        ("name: a\ntype: Backend Service\n", true),
        ("type: Backend Service\n", false),
        ("name: a\n", false),
        ("name: a\ntype: Backend Servce\n", false),
        ("name: a\ntype: Backend Service\nschedule: x\n", false),
        ("name: a\ntype: Environment\n", true),
        ("name: a\ntype: Environment\nimage: x\n", false),
    ];
    for (text, accepted) in cases {
        let source = Source::new("m.yml", text);
        let kind = Kind::of(&source);
        let tree = parse(&source, &mut Diagnostics::default()).unwrap();
        let errors = schemas.errors(kind, &data(&tree));
        let found = read(kind, &source);
        let seen: Vec<_> = found.iter().filter(|problem| is_seen(problem)).collect();
        assert_eq!(
            (seen.is_empty(), errors.is_empty()),
            (accepted, accepted),
            "{text}: {seen:#?} {errors:#?}"
        );
    }
}
