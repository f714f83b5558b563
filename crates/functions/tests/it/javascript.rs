use std::path::PathBuf;
use std::process::Command;

use crate::tools::{assert_success, js, run, say};

fn scripts(folder: &str, suffix: &str) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        std::fs::read_dir(js().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(suffix));
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has no script");
    paths
}

#[test]
fn sources_are_valid_javascript() {
    for path in [scripts("", ".js"), scripts("lib", ".js")].concat() {
        let Some(output) = run(Command::new("node").arg("--check").arg(&path)) else {
            return;
        };
        assert_success(&path.display().to_string(), &output);
    }
}

#[test]
fn tests_of_the_functions_pass() {
    let tests = scripts("tests", ".test.js");
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=tap"]).args(&tests).current_dir(js());
    // A test runner that is started by another one would report to that one.
    command.env_remove("NODE_TEST_CONTEXT");
    let Some(output) = run(&mut command) else {
        return;
    };
    assert_success("node --test", &output);
    let report = String::from_utf8(output.stdout).unwrap();
    let count = |what: &str| -> usize {
        let line = report.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(what));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or_else(|| panic!("{report}"))
    };
    assert_eq!(count("pass "), count("tests "), "{report}");
    assert!(count("tests ") >= 200, "tests are missing:\n{report}");
    say(&format!("{} JavaScript tests in {} files passed", count("tests "), tests.len()));
}
