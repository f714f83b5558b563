//! Where the conformance cases are. They are no part of the project: without them the tests that use them say so.

use std::path::{Path, PathBuf};

/// The folder of the cases: `COPILOT_CONFORMANCE`, or beside the repository.
pub(crate) fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let near = ["../../../shared/conformance", "../../../../shared/conformance"].map(|path| here.join(path));
    std::env::var_os("COPILOT_CONFORMANCE")
        .map(PathBuf::from)
        .into_iter()
        .chain(near)
        .find(|path| path.is_dir())
}

/// Every folder at or below `folder` that holds a file of this name, sorted.
pub(crate) fn folders_with(folder: &Path, file: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        if folder.join(file).is_file() {
            found.push(folder.clone());
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}
