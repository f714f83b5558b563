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
    use std::collections::BTreeSet;
    use std::path::Path;

    use anyhow::{Result, bail};

    pub(super) fn run(root: &Path, check: bool) -> Result<()> {
        let mut stale = Vec::new();
        for (folder, make) in copilot_pipeline::reference::GENERATED {
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
