//! Small files that once took minutes, or all memory; and what variables hold is never shown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use copilot_manifest::decode::Shape;
use copilot_manifest::sample;
use copilot_manifest::workload::WorkloadType;

use crate::{Folder, copilot, with};

/// What takes a second where it is released takes a few here.
const LONGEST: Duration = Duration::from_mins(1);

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        text.push_str(&line(number));
        text
    })
}

fn service(rest: &str) -> Folder {
    let folder = Folder::workspace();
    folder.write(
        "copilot/api/manifest.yml",
        format!("name: api\ntype: Backend Service\nimage:\n  location: shop/api\n{rest}"),
    );
    folder
}

/// What is said about a workspace, in time and in few words.
fn said(folder: &Folder, code: u8) -> String {
    let start = Instant::now();
    let done = copilot(&folder.path, &["validate"]);
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    assert_eq!(done.code, code, "{:.2000}", done.stderr);
    assert!(done.stderr.len() < 100_000, "{} bytes are said", done.stderr.len());
    done.stderr
}

#[test]
fn many_problems_are_counted_and_the_first_are_drawn() {
    let text = said(&service(&lines(3000, |n| format!("k{n}: 1\n"))), 0);
    assert_eq!(text.matches("unknown_key").count(), 50);
    assert!(
        text.contains("2950 more problems are not shown: `copilot-pipeline validate --json` lists all"),
        "{text}"
    );
    // An error is shown before warnings are.
    let text = said(&service(&format!("{}cpu: x\n", lines(100, |n| format!("k{n}: 1\n")))), 1);
    assert!(text.contains("`cpu` takes an integer"), "{text}");
    let text = said(&service(&format!("variables:\n{}", lines(3000, |_| "  A: 1\n".to_owned()))), 1);
    assert!(text.contains("2949 more problems"), "{text}");
}

#[test]
fn chains_circles_and_lists_of_many_containers() {
    let chain = |next: fn(usize) -> usize| {
        let one = |n: usize| format!("  s{n}: {{image: x, depends_on: {{s{}: start}}}}\n", next(n));
        format!("sidecars:\n{}", lines(2000, one))
    };
    let text = said(&service(&format!("{}  s2000: {{image: x}}\n", chain(|n| n + 1))), 0);
    assert!(text.contains("0 errors"), "{text}");
    let text = said(&service(&chain(|n| (n + 1) % 2000)), 1);
    assert!(text.contains("1980"), "{text}");
    let text = said(&service(&chain(|n| n + 5000)), 1);
    assert!(text.contains("or one of"), "{text}");
}

#[test]
fn a_manifest_of_too_many_environments_is_refused() {
    let text =
        said(&service(&format!("environments:\n{}", lines(5000, |n| format!("  e{n}: {{cpu: 256}}\n")))), 1);
    assert!(text.contains("many_environments"), "{text}");
}

#[test]
fn variables_that_hold_themselves() {
    let name = "${COPILOT_APPLICATION_NAME}";
    let folder = service(&format!("variables:\n  A: {}\n", name.repeat(40)));
    folder.write("copilot/.workspace", format!("application: '{name}{name}'\n"));
    // The name of the application may be refused before.
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 1, "{done:?}");
}

const SECRET: &str = "Hunter2";

/// Values that parse as something, each with the secret in it.
const VALUES: [&str; 6] =
    ["Hunter2", "Hunter2/tcp", "linux/Hunter2", "Hunter2-Hunter2", "[\"Hunter2\"]", "/Hunter2/*"];

/// Every value of every key of every type, put in by a variable, and no word of it is shown.
#[test]
fn what_variables_hold_is_never_shown() {
    let mut shown = Vec::new();
    for kind in WorkloadType::ALL {
        let Shape::Record(record) = kind.shape() else { panic!("a manifest is a record") };
        for (place, field) in record
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !["name", "type", "environments"].contains(&field.key))
        {
            for round in 0..4_u8 {
                let bytes: Vec<u8> =
                    (0..60).map(|n| round.wrapping_mul(83).wrapping_add(u8::wrapping_mul(n, 37))).collect();
                let value = secret(&sample::value(&(field.shape)(), &bytes));
                let folder = Folder::new();
                folder.write("copilot/.workspace", "application: shop\n");
                folder.write(
                    "copilot/web/manifest.yml",
                    format!("name: web\ntype: {kind}\n{}: {value}\n", field.key),
                );
                let variable = VALUES[(place + usize::from(round)) % VALUES.len()];
                let variables = BTreeMap::from([("SECRET".to_owned(), variable.to_owned())]);
                let done = with(&folder.path, &["validate"], variables, None);
                if done.stderr.to_lowercase().contains(&SECRET.to_lowercase()) {
                    shown.push(format!("{kind} {}: {value} ({variable})\n{}", field.key, done.stderr));
                }
            }
        }
    }
    let mut text = String::new();
    shown.iter().take(5).for_each(|one| writeln!(text, "{one}").unwrap());
    assert!(shown.is_empty(), "{} show it, such as\n{text}", shown.len());
}

/// The flow YAML with `${SECRET}` for each of its texts in quotes.
fn secret(text: &str) -> String {
    let mut parts = text.split('\'');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (place, part) in parts.enumerate() {
        out.push_str(if place % 2 == 0 { "'${SECRET}'" } else { part });
    }
    out
}

#[test]
fn a_platform_from_a_variable() {
    let folder = service("platform: ${SECRET}\n");
    let variables = BTreeMap::from([("SECRET".to_owned(), "hunter2".to_owned())]);
    let done = with(&folder.path, &["validate"], variables, None);
    insta::assert_snapshot!(done.shown(&folder.path));
}

#[test]
fn dockerfiles_and_env_files_that_are_not_there() {
    let folder = Folder::workspace();
    folder.write("web/Dockerfile", "");
    folder.write("web/prod.env", "");
    folder.write(
        "copilot/api/manifest.yml",
        "name: api\ntype: Backend Service\nimage:\n  build: web\nenv_file: web/prd.env\nsidecars:\n  a:\n    image:\n      build:\n        \
         context: nowhere\n  b:\n    image:\n      build: web/Dockerfile\n    env_file: web/prod.env\n",
    );
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!(done.shown(&folder.path));
}

#[test]
fn a_line_that_is_indented_wrongly() {
    let folder = service("  port: 80\n   healthcheck: {}\n");
    insta::assert_snapshot!(copilot(&folder.path, &["validate"]).shown(&folder.path));
}

#[test]
fn a_pipeline_in_the_old_place_and_the_new_one() {
    let folder = Folder::workspace();
    let manifest = |branch: &str| {
        format!(
            "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    branch: {branch}\n    repository: acme/shop\nstages:\n  - name: test\n"
        )
    };
    folder.write("copilot/pipeline.yml", manifest("old"));
    folder.write("copilot/pipelines/main/manifest.yml", manifest("new"));
    folder.write("copilot/buildspec.yml", "version: 0.2\nphases: {}\n");
    let done = copilot(&folder.path, &["validate"]);
    assert_eq!(done.code, 0, "{done:?}");
    insta::assert_snapshot!(done.shown(&folder.path));
    let done = copilot(&folder.path, &["show", "--local", "-n", "main"]);
    assert!(done.stdout.contains("acme/shop at old"), "{done:?}");
}

#[test]
fn a_branch_that_no_remote_has() {
    let folder = Folder::workspace();
    let git = |arguments: &[&str]| {
        let identity =
            ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=trunk"];
        let done = std::process::Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(&folder.path)
            .output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    folder.write("copilot/pipelines/main/buildspec.yml", "version: 0.2\nphases: {}\n");
    let validated = |branch: &str| {
        folder.write(
            "copilot/pipelines/main/manifest.yml",
            format!("name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    repository: acme/shop\n{branch}stages:\n  - name: test\n"),
        );
        copilot(&folder.path, &["validate"]).stderr
    };
    assert!(!validated("    branch: release\n").contains("unknown_branch"));
    insta::assert_snapshot!(validated("    branch: relaese\n"));
    assert!(validated("").contains("git push origin main"), "the branch is `main` where none is named");
}

#[test]
fn keys_of_other_kinds_of_manifests() {
    let folder = service("network:\n  vpc:\n    id: vpc-1\ncdn: true\nsubscribe: {}\nport: 80\n");
    folder.write(
        "copilot/environments/test/manifest.yml",
        "name: test\ntype: Environment\nhttp:\n  alias: a.example\n  path: /\nflow_logs: true\npath: /\nvpc:\n  id: vpc-1\n",
    );
    insta::assert_snapshot!(copilot(&folder.path, &["validate"]).shown(&folder.path));
}
