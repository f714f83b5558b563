//! Manifests of environments get the verdict that Copilot gives them.

use std::fmt::Write as _;

use copilot_manifest::environment::EnvironmentManifest;
use copilot_manifest::interpolate::Variables;
use copilot_yaml::{Diagnostics, Source};
use serde_json::Value;

use crate::reference::folder;
use crate::shared::cases;

fn load(text: Vec<u8>, environment: &str, variables: &Variables) -> Result<(), Diagnostics> {
    let source = Source::from_bytes("manifest.yml", text).unwrap();
    EnvironmentManifest::load(&source, environment, variables).map(drop)
}

#[test]
fn real_environments_get_the_same_verdict() {
    let Some(corpus) = folder("corpus") else { return };
    let (mut count, mut different) = (0, String::new());
    for file in ["shown.jsonl", "docs_e2e.jsonl"] {
        for line in fs_err::read_to_string(corpus.join("_verdicts").join(file)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let name = line["file"].as_str().unwrap();
            let Ok(text) = fs_err::read(corpus.join(name)) else { continue };
            if line["kind"] != "env" {
                continue;
            }
            for (key, shell) in [("as_is", false), ("with_dummy_vars", true)] {
                let names = line["vars"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let shell =
                    names.filter(|_| shell).map(|name| (name.to_owned(), "dummy".to_owned())).collect();
                let variables = Variables { application: "app".to_owned(), shell };
                for (environment, expected) in line[key].as_object().into_iter().flatten() {
                    count += 1;
                    let ours = load(text.clone(), environment, &variables);
                    if ours.is_ok() != (expected == "ok") {
                        let _ = writeln!(
                            different,
                            "{name} ({environment}, {key}): {expected}\n  ours: {ours:#?}"
                        );
                    }
                }
            }
        }
    }
    eprintln!("verdicts of environments compared: {count}");
    assert!(count > 0, "no environment in {}", corpus.display());
    assert!(different.is_empty(), "{different}");
}

/// Whether Copilot refuses the manifest for what it says, rather than for its name, or for what is deployed.
fn about_the_manifest(message: &str) -> bool {
    ["validate", "unmarshal", "interpolate"].iter().any(|verb| message.starts_with(verb))
}

/// Copilot renders such an environment with a load balancer that is open to everyone.
fn forgets_a_restriction(problems: &Diagnostics) -> bool {
    let path = "http.public.security_groups.ingress.restrict_to.source_ips";
    let mut errors = problems.iter().filter(|problem| problem.is_error());
    errors.all(|problem| problem.path == path)
}

#[test]
fn cases_get_the_same_verdict() {
    let Some(root) = folder("conformance") else { return };
    let mut count = 0;
    for folder in cases(&root) {
        let case: Value =
            serde_json::from_str(&fs_err::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        if case["kind"] != "environment" {
            continue;
        }
        let message = fs_err::read_to_string(folder.join("expected/error.txt")).unwrap_or_default();
        if !message.is_empty() && !about_the_manifest(&message) {
            continue;
        }
        let name = case["env"].as_str().unwrap();
        let text = fs_err::read(folder.join("copilot/environments").join(name).join("manifest.yml")).unwrap();
        let shell = case["variables"].as_object().into_iter().flatten();
        let shell = shell.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let ours = load(text, name, &Variables { application: "app".to_owned(), shell });
        let refused = !message.is_empty() || ours.as_ref().is_err_and(forgets_a_restriction);
        assert_eq!(ours.is_err(), refused, "{}: {ours:#?}", folder.display());
        count += 1;
    }
    eprintln!("environment cases: {count}");
    assert!(count > 0, "no case in {}", root.display());
}
