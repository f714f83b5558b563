//! Pages and schemas that are made from the code are those that are committed.

use camino::Utf8Path;
use copilot_pipeline::reference::{Files, SESSIONS, generated};

use crate::root;

/// The files of a folder by name.
pub(crate) fn files(folder: &Utf8Path) -> Files {
    folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .map(|path| (path.file_name().unwrap().to_owned(), fs_err::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn generated_files_are_up_to_date() {
    for (folder, wanted) in generated(&files(&root().join(SESSIONS))) {
        let committed = files(&root().join(folder));
        let changed =
            wanted.iter().filter(|(name, text)| committed.get(*name) != Some(text)).map(|(name, _)| name);
        let left = committed.keys().filter(|name| !wanted.contains_key(*name));
        let stale: Vec<_> = changed.chain(left).collect();
        assert!(stale.is_empty(), "run `cargo xtask generate`: {folder} {stale:?}");
    }
}
