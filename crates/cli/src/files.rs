//! Writing files: whole or not at all.

use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

/// A file that could not be written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("can't write `{path}`")]
pub(crate) struct WriteError {
    path: Utf8PathBuf,
    source: io::Error,
}

/// What to do about a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
}

/// Writes all files under temporary names beside their places, then renames them. If one can't be written, the folders and
/// files made so far are removed again.
pub(crate) fn write_all(files: &[(Utf8PathBuf, Vec<u8>)], existing: Existing) -> Result<(), WriteError> {
    let mut made = Made::default();
    // When it returns, the temporary files are gone, so that their folders can go too.
    attempt(files, existing, &mut made).inspect_err(|_| made.undo())
}

fn attempt(files: &[(Utf8PathBuf, Vec<u8>)], existing: Existing, made: &mut Made) -> Result<(), WriteError> {
    let mut ready = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let written = made.folder_of(path).and_then(|folder| temporary(&folder, bytes));
        ready.push((path, written.map_err(|source| WriteError { path: path.clone(), source })?));
    }
    for (path, file) in ready {
        let renamed = match existing {
            Existing::Refuse => file.persist_noclobber(path).map(|_| made.files.push(path.clone())),
            Existing::Replace => file.persist(path).map(|_| ()),
        };
        renamed.map_err(|error| WriteError { path: path.clone(), source: error.error })?;
    }
    Ok(())
}

fn temporary(folder: &Utf8Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".copilot-pipeline-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other new file: the process's mask takes away from it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// What has to go if it ends badly.
#[derive(Debug, Default)]
struct Made {
    folders: Vec<Utf8PathBuf>,
    files: Vec<Utf8PathBuf>,
}

impl Made {
    fn folder_of(&mut self, path: &Utf8Path) -> io::Result<Utf8PathBuf> {
        let folder = path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        let missing: Vec<_> =
            folder.ancestors().take_while(|level| !level.as_str().is_empty() && !level.exists()).collect();
        for level in missing.into_iter().rev() {
            std::fs::create_dir(level)?;
            self.folders.push(level.to_owned());
        }
        Ok(folder.to_owned())
    }

    fn undo(&self) {
        for file in &self.files {
            let _ = std::fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(guard.path()).unwrap();
        fs_err::write(root.join("file"), "kept").unwrap();
        let files = [(root.join("new/deep/a.yml"), b"a".to_vec()), (root.join("file/b.yml"), b"b".to_vec())];
        let error = write_all(&files, Existing::Refuse).unwrap_err();
        assert!(error.to_string().contains("file/b.yml"), "{error}");
        assert!(!root.join("new").exists());

        let files = [(root.join("new/a.yml"), b"a".to_vec()), (root.join("file"), b"b".to_vec())];
        assert!(write_all(&files, Existing::Refuse).is_err());
        assert!(!root.join("new").exists());
        assert_eq!(fs_err::read_to_string(root.join("file")).unwrap(), "kept");
        write_all(&files, Existing::Replace).unwrap();
        assert_eq!(fs_err::read_to_string(root.join("file")).unwrap(), "b");
    }
}
