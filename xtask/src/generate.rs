//! Files that are made from code, committed, and checked.

use std::path::Path;

use anyhow::Result;

#[cfg(not(feature = "generate"))]
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let mut arguments =
        vec!["run", "--quiet", "--locked", "-p", "xtask", "--features", "generate", "--", "generate"];
    if check {
        arguments.push("--check");
    }
    crate::process::run(root, "cargo", &arguments)
}

#[cfg(feature = "generate")]
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    generators::run(root, check)
}

#[cfg(feature = "generate")]
mod generators {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use anyhow::{Result, bail};

    /// File names inside the generator's folder, with their text.
    type Files = BTreeMap<String, String>;

    /// A folder and what makes its files.
    type Generator = (&'static str, fn() -> Files);

    /// Each generator owns a folder: what it does not make there is deleted. A new one is a new line.
    const GENERATORS: &[Generator] = &[
        ("docs/commands", copilot_pipeline::reference::commands),
        ("docs/errors", copilot_pipeline::reference::errors),
        ("schemas", copilot_pipeline::reference::schemas),
    ];

    pub(super) fn run(root: &Path, check: bool) -> Result<()> {
        let mut stale = Vec::new();
        for (folder, make) in GENERATORS {
            let wanted = make();
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
        if check && !stale.is_empty() {
            bail!(
                "generate: {}\nrun `cargo xtask generate` and commit the result",
                stale.join("\ngenerate: ")
            );
        }
        Ok(())
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
}
