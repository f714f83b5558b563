//! `cargo xtask conformance`: the tests that compare with Copilot itself. What they read is no part of the repository; they find
//! it by the rule of `tests/reference.rs`, which is repeated here.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::process::{self, variable};

/// Names the data that a machine does without.
pub(crate) const WITHOUT: &str = "COPILOT_WITHOUT";

/// Cases with what Copilot makes of them, and manifests of real projects with its verdicts.
const NAMES: [&str; 2] = ["conformance", "corpus"];

/// Parts of the names of the tests that read them.
const TESTS: [&str; 7] = [
    "conformance",
    "corpus",
    "pipeline_cases",
    "real_projects",
    "rendered_as_deployed",
    "schema::accepted",
    "verdict",
];

pub(crate) fn run(root: &Path) -> Result<()> {
    let missing = missing(root)?;
    let variables = NAMES.map(variable_of).join(" and ");
    ensure!(missing.is_empty(), "there is no {}: {variables} name the folders", missing.join(" and no "));
    let usual = ["test", "--locked", "--workspace", "--all-features", "--no-fail-fast", "--test", "it", "--"];
    let mut command = process::command(root, "cargo", &[&usual[..], &TESTS].concat());
    command.env("COPILOT_REQUIRE_ALL", "1").env_remove(WITHOUT);
    process::finish(command)
}

/// The data that is not there.
pub(crate) fn missing(root: &Path) -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    for name in NAMES {
        let given = variable(&variable_of(name)).map(PathBuf::from);
        if let Some(given) = &given {
            ensure!(given.is_dir(), "{} names `{}`, which is no folder", variable_of(name), given.display());
        }
        let beside = ["..", "../.."].map(|up| root.join(up).join("shared").join(name));
        if given.is_none() && !beside.iter().any(|path| path.is_dir()) {
            missing.push(name);
        }
    }
    Ok(missing)
}

fn variable_of(name: &str) -> String {
    format!("COPILOT_{}", name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::TESTS;
    use crate::process::files;

    #[test]
    fn every_test_that_reads_the_data_is_run() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let (mut count, mut left_out) = (0, Vec::new());
        for file in files(root, &["crates/*/tests/it/*.rs"]).unwrap() {
            let file_path = Path::new(&file);
            let folder = file_path.parent().filter(|_| file_path.ends_with("mod.rs"));
            let module = folder.unwrap_or(file_path).file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs_err::read_to_string(root.join(&file)).unwrap();
            for test in text.split("test]\n").skip(1) {
                let body = test.split("\n}\n").next().unwrap();
                let reads = ["folder(\"conformance\")", "folder(\"corpus\")", "= folder(name)"];
                if !reads.iter().any(|call| body.contains(call)) {
                    continue;
                }
                let name = body.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).unwrap();
                let path = format!("{module}::{name}");
                count += 1;
                if !TESTS.iter().any(|part| path.contains(part)) {
                    left_out.push(path);
                }
            }
        }
        assert_eq!(left_out, [""; 0]);
        assert!(count > 10, "{count}");
    }
}
