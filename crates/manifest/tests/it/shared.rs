//! Data that lies beside the repository, where it exists.

use std::path::PathBuf;

/// A folder beside the repository: `COPILOT_<NAME>`, or `../shared/<name>` as seen from the repository or from a worktree.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let given = std::env::var_os(format!("COPILOT_{}", name.to_uppercase())).map(PathBuf::from);
    let beside = [format!("../shared/{name}"), format!("../../shared/{name}")].map(|path| root.join(path));
    given.into_iter().chain(beside).find(|path| path.is_dir())
}
