//! Real workspaces: `validate` accepts what Copilot accepts.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::copilot;
use crate::doctoring::at_that_day;
#[cfg(unix)]
use crate::migrating::own_commands;
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

/// Errors of `validate`, without their places.
#[cfg(unix)]
fn errors(workspace: &Utf8Path) -> BTreeSet<String> {
    let done = copilot(workspace, &["validate", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let problems = report["problems"].as_array().unwrap().iter();
    let errors = problems.filter(|problem| problem["severity"] == "error");
    errors.map(|problem| format!("{} {} {}", problem["file"], problem["code"], problem["message"])).collect()
}

#[test]
#[cfg(unix)]
fn real_workspaces_are_migrated() {
    let Some(corpus) = folder("corpus").map(|path| Utf8PathBuf::from_path_buf(path).unwrap()) else { return };
    let mut found = Vec::new();
    workspaces(&corpus, 2, &mut found);
    let (mut changed, mut left, mut ours) = (0, 0, 0);
    for original in &found {
        let folder = crate::Folder::new();
        copy(original, &folder.path);
        let before = errors(&folder.path);
        let old = folder.content();
        let app: &[&str] =
            if folder.path.join("copilot/.workspace").exists() { &[] } else { &["--app", "demo"] };
        let done = copilot(&folder.path, &[&["migrate", "--write", "--json"], app].concat());
        assert_eq!(done.code, 0, "{original}: {done:?}");
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        left += report["left"].as_array().unwrap().len();
        for change in report["changes"].as_array().unwrap() {
            changed += 1;
            let name = change["file"].as_str().unwrap();
            let (old, new) = (String::from_utf8(old[name].clone()).unwrap(), folder.read(name));
            if name.contains("buildspec") {
                ours += usize::from(new.contains("copilot-pipeline build"));
                own_commands_stay(name, &old, &new);
            }
        }
        let new: Vec<_> = errors(&folder.path).difference(&before).cloned().collect();
        assert!(new.is_empty(), "{original}: {new:#?}");
        let again = copilot(&folder.path, &[&["migrate", "--check"], app].concat());
        assert_eq!(again.code, 0, "{original}: {again:?}");
    }
    println!("{changed} files changed, {ours} buildspecs run copilot-pipeline, {left} left");
    assert!(ours > 15 && left == 0, "{ours} {left}");
}

/// Commands that are not Copilot's are all there, and none of Copilot's is.
#[cfg(unix)]
fn own_commands_stay(name: &str, old: &str, new: &str) {
    let generated = |command: &str| {
        ["copilot", "pl_envs", "svc_l", "job_l", "CODEBUILD_SRC_DIR/copilot"]
            .iter()
            .any(|word| command.contains(word))
    };
    assert_eq!(own_commands(old, generated), own_commands(new, generated), "{name}\n{new}");
    assert!(!new.contains("copilot-linux") && !new.contains("pl_envs"), "{name}\n{new}");
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    assert!(comments(new) > 0, "{new}");
}

#[cfg(unix)]
fn copy(from: &Utf8Path, to: &Utf8Path) {
    for entry in from.read_dir_utf8().unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs_err::create_dir_all(&target).unwrap();
            copy(entry.path(), &target);
        } else if entry.path().is_file() {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}
