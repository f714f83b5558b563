//! Real workspaces: `validate` accepts what Copilot accepts.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::copilot;
use crate::doctoring::at_that_day;
use crate::reference::folder;

/// Manifests that Copilot refuses as well, and two that it refuses only while it renders (see `docs/differences.md`).
const REFUSED: [&str; 8] = [
    "communitiesuk__funding-service-design-post-award-data-store/copilot/post-award-celery/manifest.yml",
    "communitiesuk__funding-service-design-post-award-data-store/copilot/post-award/manifest.yml",
    "communitiesuk__funding-service-design-post-award-data-store__peak/copilot/data-store-celery/manifest.yml",
    "communitiesuk__funding-service-design-post-award-data-store__peak/copilot/data-store/manifest.yml",
    "communitiesuk__funding-service-design-post-award-data-store__peak/find/copilot/data-frontend/manifest.yml",
    "efekarakus__copilot-pipeline-test__peak/copilot/pipelines/complex/manifest.yml",
    "iamhopaul123__aws-copilot-sample-service/copilot/front-end/manifest.yml",
    "iamhopaul123__aws-copilot-sample-service/copilot/my-job/manifest.yml",
];

pub(crate) fn workspaces(folder: &Utf8Path, depth: usize, found: &mut Vec<Utf8PathBuf>) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten().filter(|entry| entry.path().is_dir())
    {
        match entry.file_name() {
            "copilot" => found.push(folder.to_owned()),
            name if depth > 0 && !name.starts_with('_') => workspaces(entry.path(), depth - 1, found),
            _ => {}
        }
    }
}

#[test]
fn real_workspaces_are_accepted() {
    let Some(corpus) = folder("corpus").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else { return };
    let mut found = Vec::new();
    workspaces(&corpus, 2, &mut found);
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    let (mut manifests, mut refused, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for workspace in &found {
        let done = copilot(workspace, &["validate", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        manifests += report["files"].as_u64().unwrap();
        for problem in report["problems"].as_array().unwrap() {
            let file = workspace.strip_prefix(&corpus).unwrap().join(problem["file"].as_str().unwrap_or("?"));
            if problem["severity"] != "error" {
                continue;
            }
            if !REFUSED.contains(&file.as_str()) {
                wrong.push(format!("{file}: {}", problem["message"]));
            }
            refused.insert(file.into_string());
        }
    }
    println!("{} workspaces with {manifests} manifests checked", found.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused.iter().eq(REFUSED), "accepted what Copilot refuses: {refused:#?}");
}

#[test]
fn every_buildspec_of_real_workspaces_is_recognised() {
    let Some(corpus) = folder("corpus").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else { return };
    let mut found = Vec::new();
    workspaces(&corpus, 2, &mut found);
    let (mut origins, mut codes) = (BTreeMap::new(), BTreeMap::new());
    for workspace in &found {
        let done = at_that_day(workspace, &["doctor", "--json"]);
        let report: serde_json::Value =
            serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{workspace}: {done:?}"));
        for buildspec in report["buildspecs"].as_array().unwrap() {
            let text = |key: &str| buildspec[key].as_str().unwrap_or_default().to_owned();
            let origin = format!("{} {} {}", text("origin"), text("firstVersion"), text("lastVersion"));
            *origins.entry(origin.trim().to_owned()).or_insert(0) += 1;
            // What says that it is Copilot's is.
            let content = fs_err::read_to_string(workspace.join(text("file"))).unwrap();
            assert_eq!(
                content.contains("copilot-linux"),
                text("origin") == "copilot",
                "{workspace}: {buildspec}"
            );
        }
        for finding in report["findings"].as_array().unwrap() {
            *codes.entry(finding["code"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        let done = at_that_day(workspace, &["doctor", "--format", "sarif"]);
        assert!(serde_json::from_str::<serde_json::Value>(&done.stdout).is_ok(), "{workspace}");
        assert!(at_that_day(workspace, &["doctor"]).stderr.contains("dates looked up"), "{workspace}");
    }
    println!("buildspecs: {origins:#?}\nfindings: {codes:#?}");
    assert!(origins.values().sum::<u32>() > 15, "{origins:?}");
}
