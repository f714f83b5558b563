//! Data that lies beside the repository, where it exists.

use std::path::{Path, PathBuf};

/// A folder beside the repository: `COPILOT_<NAME>`, or `../shared/<name>` as seen from the repository or from a worktree.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let given = std::env::var_os(format!("COPILOT_{}", name.to_uppercase())).map(PathBuf::from);
    let beside = [format!("../shared/{name}"), format!("../../shared/{name}")].map(|path| root.join(path));
    given.into_iter().chain(beside).find(|path| path.is_dir())
}

/// The folders of all conformance cases, sorted.
pub(crate) fn cases(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        if folder.join("case.json").is_file() {
            found.push(folder);
            continue;
        }
        let entries = fs_err::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        open.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    found.sort();
    found
}

/// The workspace of `examples/storefront`, in a checkout of the whole repository.
pub(crate) fn storefront() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
    folder.is_dir().then_some(folder)
}
