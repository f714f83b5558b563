//! `plan` over files: what is the same stays, and whatever changes is named with what it does.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::{Done, Folder, collect, copilot, root};

pub(crate) const EXAMPLES: [&str; 3] = ["storefront", "everything", "environments"];

/// A copy of an example, and in it, in `deployed`, all of its stacks as files.
pub(crate) fn packaged(example: &str) -> Folder {
    let folder = Folder::new();
    let from = root().join("examples").join(example);
    let mut files = BTreeMap::new();
    collect(&from, &from, &mut files);
    for (name, bytes) in files {
        folder.write(&name, bytes);
    }
    let package = |arguments: &[&str]| {
        let done = copilot(
            &folder.path,
            &[arguments, &["--facts", "facts.yml", "--output-dir", "deployed"]].concat(),
        );
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.stderr);
    };
    let listed = |arguments: &[&str]| -> Vec<String> {
        let done = copilot(&folder.path, arguments);
        done.stdout.lines().map(str::to_owned).collect()
    };
    let environments = environments(&folder.path);
    for environment in &environments {
        package(&["env", "package", "--name", environment]);
    }
    for pipeline in listed(&["ls", "--local"]) {
        package(&["package", "--name", &pipeline]);
    }
    for kind in ["svc", "job"] {
        for name in workloads(&folder, kind) {
            for environment in &environments {
                package(&[kind, "package", "--name", &name, "--env", environment]);
            }
        }
    }
    folder
}

fn environments(folder: &Utf8Path) -> Vec<String> {
    let entries = folder.join("copilot/environments").read_dir_utf8().unwrap();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    let with_manifest = paths.filter(|path| path.join("manifest.yml").is_file());
    let mut names: Vec<String> = with_manifest.map(|path| path.file_name().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn plan(folder: &Folder, more: &[&str]) -> Done {
    copilot(
        &folder.path,
        &[&["plan", "--all", "--facts", "facts.yml", "--against", "deployed"], more].concat(),
    )
}

fn edit(folder: &Folder, file: &str, from: &str, to: &str) {
    let text = fs_err::read_to_string(folder.path.join(file)).unwrap();
    assert!(text.contains(from), "{file} has {from:?}");
    folder.write(file, text.replacen(from, to, 1));
}

#[test]
fn an_example_beside_itself_stays_as_it_is() {
    for example in EXAMPLES {
        let folder = packaged(example);
        let done = plan(&folder, &[]);
        assert_eq!(done.code, 0, "{example}: {}{}", done.stdout, done.stderr);
        assert!(done.stdout.starts_with("Nothing changes in "), "{}", done.stdout);
        let json: serde_json::Value = serde_json::from_str(&plan(&folder, &["--json"]).stdout).unwrap();
        assert_eq!(json["changes"], false);
        assert!(json["stacks"].as_array().unwrap().len() >= 2, "{example}");
    }
}

/// Names of the services or jobs of a workspace.
fn workloads(folder: &Folder, kind: &str) -> Vec<String> {
    let done = copilot(&folder.path, &[kind, "ls", "--local", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let all = if kind == "svc" { &listed["services"] } else { &listed["jobs"] };
    let names = all.as_array().into_iter().flatten();
    names.map(|workload| workload["name"].as_str().unwrap().to_owned()).collect()
}

/// The storefront after a day's work.
fn edited() -> Folder {
    let folder = packaged("storefront");
    edit(&folder, "copilot/api/manifest.yml", "cpu: 256", "cpu: 512");
    edit(&folder, "copilot/frontend/manifest.yml", "API_URL: http://api:8081", "API_URL: http://api:9090");
    edit(&folder, "copilot/frontend/manifest.yml", "port: 8080", "port: 9090");
    edit(&folder, "copilot/frontend/manifest.yml", "path: /health", "path: /ready");
    edit(&folder, "copilot/pipelines/storefront-main/manifest.yml", "    requires_approval: true\n", "");
    fs_err::remove_file(folder.path.join("deployed/cleanup-prod.stack.yml")).unwrap();
    folder
}

#[test]
fn a_plan_reads_well() {
    let folder = edited();
    let done = plan(&folder, &[]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    insta::assert_snapshot!("tree", done.shown(&folder.path));
    insta::assert_snapshot!("markdown", plan(&folder, &["--format", "markdown"]).shown(&folder.path));
    let page = plan(&folder, &["--format", "html"]).stdout;
    insta::assert_snapshot!("html", page);
    let twice = plan(&folder, &["--format", "markdown"]).stdout;
    assert!(twice.starts_with("<!-- copilot-plan: storefront/storefront-main -->\n"));
    // Exit codes tell how bad it is.
    assert_eq!(plan(&folder, &["--fail-on", "removal"]).code, 0);
    assert_eq!(plan(&folder, &["--fail-on", "replacement"]).code, 2);
    // A part of it.
    let part = ["plan", "--environments", "--facts", "facts.yml", "--against", "deployed"];
    assert_eq!(copilot(&folder.path, &part).code, 0);
}

#[test]
fn what_can_not_be_read_is_an_error_and_no_change() {
    let folder = packaged("environments");
    folder.write("deployed/test.env.yml", "a: [");
    let done = plan(&folder, &[]);
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    folder.write("deployed/test.env.yml", "Resources: {}\n");
    folder.write("deployed/test.env.params.json", "[]");
    assert_eq!(plan(&folder, &[]).code, 1);
    let done = copilot(&folder.path, &["plan", "--all", "--facts", "facts.yml", "--against", "nowhere"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("nowhere"), "{}", done.stderr);
}
