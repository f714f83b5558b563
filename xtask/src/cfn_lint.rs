//! cfn-lint, a reader that we did not write, over every template of our own examples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::process;
use crate::tools::{self, text};

/// Reads all templates in one process and fails on an error that is not excused in it.
const SCRIPT: &str = include_str!("cfn_lint.py");

/// Renders and reads the templates. `false` when there is no Python to run cfn-lint with. The tests have built the binary.
pub(crate) fn check(root: &Path) -> Result<bool> {
    let Some(programs) = tools::python(root, "cfn-lint", &["cfn-lint"])? else { return Ok(false) };
    let out = root.join("target").join("cfn-lint");
    if out.exists() {
        fs_err::remove_dir_all(&out)?;
    }
    let binary = root.join("target").join("debug").join("copilot-pipeline");
    for example in folders(&root.join("examples"))? {
        render(&example, text(&binary)?, &out)?;
    }
    let templates = templates(&out)?;
    ensure!(!templates.is_empty(), "no template was rendered");
    let mut arguments = vec!["-c", SCRIPT];
    arguments.extend(templates.iter().map(String::as_str));
    print!(
        "{}",
        String::from_utf8_lossy(&process::output(root, text(&programs.join("python"))?, &arguments)?)
    );
    Ok(true)
}

/// Renders every stack of an example: environments and pipelines, and each workload in each environment, all with addons.
fn render(example: &Path, binary: &str, out: &Path) -> Result<()> {
    let folder = out.join(example.file_name().unwrap_or_default());
    let output = ["--facts", "facts.yml", "--output-dir", text(&folder)?];
    let environments = folders(&example.join("copilot").join("environments"))?;
    let names = |arguments: &[&str]| -> Result<Vec<String>> {
        let listed = process::output(example, binary, &[arguments, &["--local", "--json"]].concat())?;
        let listed: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&listed)?;
        let all = listed.values().filter_map(serde_json::Value::as_array).flatten();
        Ok(all.filter_map(|one| one["name"].as_str()).map(str::to_owned).collect())
    };
    for environment in &environments {
        let package = ["env", "package", "--name", name_of(environment)];
        process::output(example, binary, &[&package[..], &output].concat())?;
    }
    for pipeline in names(&["ls"])? {
        let package = ["package", "--name", &pipeline];
        process::output(example, binary, &[&package[..], &output].concat())?;
    }
    for kind in ["svc", "job"] {
        for name in names(&[kind, "ls"])? {
            for environment in &environments {
                let package = [kind, "package", "--name", &name, "--env", name_of(environment)];
                process::output(example, binary, &[&package[..], &output].concat())?;
            }
        }
    }
    Ok(())
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Paths of all templates. What differs in nothing but its name is read once.
fn templates(out: &Path) -> Result<Vec<String>> {
    let mut found = BTreeMap::new();
    for folder in folders(out)? {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "yml") {
                found.insert(fs_err::read(&path)?, text(&path)?.to_owned());
            }
        }
    }
    let mut paths: Vec<String> = found.into_values().collect();
    paths.sort();
    Ok(paths)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(parent)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "addons" && name != "overrides") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
