//! Files that a user or a manifest names: read if they are what they seem, and written whole or not at all.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_workspace::files::{self, LARGEST_TEXT};
use copilot_workspace::{FileProblem, Root, Workspace};
use tempfile::NamedTempFile;

/// A file that could not be written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("can't write `{path}`")]
pub struct WriteError {
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// Why.
    #[source]
    pub problem: FileProblem,
}

/// The project around a folder, if there is one.
fn project(folder: &Utf8Path) -> Result<Option<Root>, FileProblem> {
    let found = Workspace::find(folder).ok();
    found.map(|workspace| Root::of(workspace.root().as_std_path())).transpose()
}

/// Reads a text that a user has named, relative to `folder`: any regular file, but one that the project around the folder has
/// by its name must not lead out of it.
///
/// # Errors
/// When there is no such file, or it is none that is read.
pub fn read_named(path: &Utf8Path, folder: &Utf8Path) -> Result<Vec<u8>, FileProblem> {
    let full = folder.join(path);
    match project(folder)? {
        Some(root) => root.read_named(full.as_std_path(), LARGEST_TEXT),
        None => files::read(full.as_std_path(), LARGEST_TEXT),
    }
}

/// Reads a text of the project that one of its files names.
///
/// # Errors
/// When there is no such file inside of the project, or it is none that is read.
pub fn read_own(path: &Utf8Path, folder: &Utf8Path) -> Result<Vec<u8>, FileProblem> {
    let full = folder.join(path);
    match project(folder)? {
        Some(root) => root.read(full.as_std_path(), LARGEST_TEXT),
        None => files::read(full.as_std_path(), LARGEST_TEXT),
    }
}

/// Fails if a folder for what is written lies in the project by its name, but leads out of it.
///
/// # Errors
/// When it does.
pub fn check_folder(path: &Utf8Path, folder: &Utf8Path) -> Result<(), WriteError> {
    let full = folder.join(path);
    let checked =
        project(folder).and_then(|root| root.map_or(Ok(()), |root| root.check_folder(full.as_std_path())));
    checked.map_err(|problem| WriteError { path: path.to_owned(), problem })
}

/// What to do about a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Fail.
    Refuse,
    /// Replace it.
    Replace,
}

/// Writes all files under temporary names beside their places, then renames them. If one can't be written, the folders and
/// files made so far are removed again.
///
/// That is for files that a user keeps, anywhere, and that [`Existing`] says what to do about. Results that runs share and
/// write again and again go through [`copilot_artifact::write_all_or_nothing`], which locks their directory.
///
/// # Errors
/// When one can't be written, or leads out of the project around `folder`.
pub fn write_all(
    files: &[(Utf8PathBuf, Vec<u8>)],
    existing: Existing,
    folder: &Utf8Path,
) -> Result<(), WriteError> {
    for (path, _) in files {
        check_folder(path.parent().unwrap_or(Utf8Path::new("")), folder)
            .map_err(|error| WriteError { path: path.clone(), ..error })?;
    }
    write(files, existing)
}

fn write(files: &[(Utf8PathBuf, Vec<u8>)], existing: Existing) -> Result<(), WriteError> {
    let mut made = Made::default();
    // When it returns, the temporary files are gone, so that their folders can go too.
    attempt(files, existing, &mut made).inspect_err(|_| made.undo())
}

fn attempt(files: &[(Utf8PathBuf, Vec<u8>)], existing: Existing, made: &mut Made) -> Result<(), WriteError> {
    let mut ready = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let written = made.folder_of(path).and_then(|folder| temporary(&folder, bytes));
        ready.push((
            path,
            written.map_err(|source| WriteError { path: path.clone(), problem: source.into() })?,
        ));
    }
    for (path, file) in ready {
        let renamed = match existing {
            Existing::Refuse => file.persist_noclobber(path).map(|_| made.files.push(path.clone())),
            Existing::Replace => file.persist(path).map(|_| ()),
        };
        renamed.map_err(|error| WriteError { path: path.clone(), problem: error.error.into() })?;
    }
    Ok(())
}

fn temporary(folder: &Utf8Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
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
    fn folder_of(&mut self, path: &Utf8Path) -> std::io::Result<Utf8PathBuf> {
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
        let error = write(&files, Existing::Refuse).unwrap_err();
        assert!(error.to_string().contains("file/b.yml"), "{error}");
        assert!(!root.join("new").exists());

        let files = [(root.join("new/a.yml"), b"a".to_vec()), (root.join("file"), b"b".to_vec())];
        assert!(write(&files, Existing::Refuse).is_err());
        assert!(!root.join("new").exists());
        assert_eq!(fs_err::read_to_string(root.join("file")).unwrap(), "kept");
        write(&files, Existing::Replace).unwrap();
        assert_eq!(fs_err::read_to_string(root.join("file")).unwrap(), "b");
    }
}
