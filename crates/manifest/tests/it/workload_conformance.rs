//! Workload cases of the conformance suite: what has templates is accepted, what has an error is refused and named.

use std::path::Path;

use copilot_manifest::interpolate::Variables;
use serde_json::Value;

use crate::reference::folder;
use crate::shared::cases;
use crate::workload_verdicts::verdict;

/// Cases that are refused only while rendering: what AWS knows decides, or a schedule is converted.
const LATER: [&str; 7] = [
    "be-alb-alias-nocert",
    "be-alb-no-listeners",
    "be-alb-public-scheme",
    "be-alb-three-listeners",
    "my-job-test",
    "reject-alias-without-domain",
    "reject-worker-topic-missing",
];

#[test]
fn cases_are_accepted_or_refused_by_name() {
    let Some(root) = folder("conformance") else { return };
    let (mut accepted, mut refused, mut later) = (0, 0, 0);
    let mut wrong = Vec::new();
    for folder in cases(&root) {
        let case: Value =
            serde_json::from_str(&fs_err::read_to_string(folder.join("case.json")).unwrap()).unwrap();
        if case["kind"] != "workload" {
            continue;
        }
        let ours = load(&folder, &case);
        let short = folder.strip_prefix(&root).unwrap().display().to_string();
        match fs_err::read_to_string(folder.join("expected/error.txt")) {
            Err(_) if ours.is_ok() => accepted += 1,
            Err(_) => wrong.push(format!("{short}: refused\n{}", ours.unwrap_err())),
            Ok(_) if ours.is_ok() && LATER.iter().any(|name| short.ends_with(name)) => later += 1,
            Ok(expected) => match ours {
                Ok(()) => wrong.push(format!("{short}: accepted, but: {expected}")),
                Err(ours) if names_the_same(&expected, &ours) => refused += 1,
                Err(ours) => {
                    wrong.push(format!("{short}: {expected}\nis refused for something else:\n{ours}"));
                }
            },
        }
    }
    eprintln!("workload cases: {accepted} accepted, {refused} refused, {later} refused only while rendering");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted > 0 && refused > 0, "no case in {}", root.display());
}

fn load(folder: &Path, case: &Value) -> Result<(), String> {
    let name = case["name"].as_str().unwrap();
    let text = fs_err::read(folder.join("copilot").join(name).join("manifest.yml")).unwrap();
    let shell = case["variables"].as_object().into_iter().flatten();
    let shell = shell.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    let application = fs_err::read_to_string(folder.join("copilot/.workspace")).unwrap_or_default();
    let application = application.trim().trim_start_matches("application:").trim().to_owned();
    verdict("manifest.yml", text, case["env"].as_str().unwrap(), &Variables { application, shell })
}

/// Our message holds a key that Copilot's names in quotes, where it names one.
fn names_the_same(expected: &str, ours: &str) -> bool {
    let quoted: Vec<&str> = expected.split('"').skip(1).step_by(2).collect();
    let names: Vec<String> = quoted
        .iter()
        .flat_map(|text| text.split(['/', '.', '[', ']']))
        .filter(|name| {
            name.len() > 1 && *name != "test" && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
        .map(str::to_lowercase)
        .collect();
    let ours = ours.to_lowercase();
    // The last name is the most exact one.
    names.last().is_none_or(|name| ours.contains(name.as_str()))
}
