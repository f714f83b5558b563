//! The workspace on a real file system and against real git.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[cfg(unix)]
mod files;
mod finding;
mod git;
mod git_safety;
mod listing;
mod urls;

use camino::{Utf8Path, Utf8PathBuf};

/// A folder that is gone after the test, with files in it.
struct Folder {
    _guard: tempfile::TempDir,
    path: Utf8PathBuf,
}

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let guard = tempfile::Builder::new().prefix("höhe und tiefe ").tempdir().unwrap();
        // The real path: on some systems the temporary folder is behind a link.
        let path = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        let folder = Self { _guard: guard, path };
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn join(&self, name: &str) -> Utf8PathBuf {
        self.path.join(name)
    }

    fn path(&self) -> &Utf8Path {
        &self.path
    }
}
