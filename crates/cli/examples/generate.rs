//! Writes what is made from the code: `generate ROOT [--check]` the committed pages and schemas, `generate --man DIR` the man
//! pages of a release. `cargo xtask generate` and `cargo xtask release` call it; it is no part of the program.

#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};
use copilot_pipeline::reference::{Files, SESSIONS, generated};

/// What `demo` writes.
const BUNDLE: &str = "crates/cli/src/commands/demo/storefront.json";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--man", folder] => man(Path::new(folder)),
        [root] => run(Path::new(root), false),
        [root, "--check"] => run(Path::new(root), true),
        _ => bail!("usage: generate ROOT [--check] | generate --man DIR"),
    }
}

fn man(folder: &Path) -> Result<()> {
    fs_err::create_dir_all(folder)?;
    Ok(clap_mangen::generate_to(copilot_pipeline::command(), folder)?)
}

fn run(root: &Path, check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for (folder, wanted) in generated(&sessions(root)?) {
        let path = root.join(folder);
        for name in present(&path)?.difference(&wanted.keys().cloned().collect()) {
            stale.push(format!("{folder}/{name} is made by nobody"));
            if !check {
                fs_err::remove_file(path.join(name))?;
            }
        }
        for (name, text) in &wanted {
            let file = path.join(name);
            if std::fs::read_to_string(&file).ok().as_ref() == Some(text) {
                continue;
            }
            stale.push(format!("{folder}/{name} is out of date"));
            if !check {
                fs_err::create_dir_all(&path)?;
                fs_err::write(&file, text)?;
            }
        }
        println!("generate: {folder} has {} files", wanted.len());
    }
    let wanted = serde_json::to_string_pretty(&example(root)?)? + "\n";
    if std::fs::read_to_string(root.join(BUNDLE)).ok().as_ref() != Some(&wanted) {
        stale.push(format!("{BUNDLE} is out of date"));
        if !check {
            fs_err::write(root.join(BUNDLE), wanted)?;
        }
    }
    if check && !stale.is_empty() {
        bail!("generate: {}\nrun `cargo xtask generate` and commit the result", stale.join("\ngenerate: "));
    }
    Ok(())
}

/// The files of the example that `demo` writes or reads: a crate's archive holds nothing from outside of its folder.
fn example(root: &Path) -> Result<BTreeMap<String, String>> {
    const FOLDERS: [&str; 5] = ["api", "cleanup", "copilot", "frontend", "worker"];
    let example = root.join("examples/storefront");
    let mut files = BTreeMap::new();
    let mut left: Vec<_> = FOLDERS.iter().map(|folder| example.join(folder)).collect();
    left.push(example.join("facts.yml"));
    while let Some(path) = left.pop() {
        if path.ends_with("copilot/pipelines") {
            continue;
        }
        if path.is_dir() {
            for entry in fs_err::read_dir(&path)? {
                left.push(entry?.path());
            }
        } else {
            let name = path.strip_prefix(&example)?.to_string_lossy().replace('\\', "/");
            files.insert(name, fs_err::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// What people have written for the pages of commands.
fn sessions(root: &Path) -> Result<Files> {
    let folder = root.join(SESSIONS);
    let read = |name: String| Ok((name.clone(), fs_err::read_to_string(folder.join(name))?));
    present(&folder)?.into_iter().map(read).collect()
}

fn present(folder: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    if folder.is_dir() {
        for entry in fs_err::read_dir(folder)? {
            names.insert(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
