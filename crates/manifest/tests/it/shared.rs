//! What several tests read: conformance cases, and the example of the repository.

use std::path::{Path, PathBuf};

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
