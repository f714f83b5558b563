//! Writing a directory of files so that a failure leaves it as it was.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use copilot_workspace::Root;
use copilot_workspace::files;
use tempfile::TempDir;

use crate::Error;
use crate::lock::FolderLock;

/// How the names of directories begin, inside the target, where files wait until all of them are written. Each run has its own.
const STAGING: &str = ".copilot-partial";

/// Writes `files` (paths relative to `dir`, which is created) and returns those whose content changed. Other files in
/// `dir` are left alone, and any number of runs may write to it at the same time.
///
/// Everything is first written beside its target and flushed to disk, then renamed. If writing fails, nothing has
/// changed; if a rename fails, those before it are taken back. A file is never half-written, also when the process is
/// killed; what a killed process left behind is removed by the next run that is alone in the directory.
///
/// That is for a directory of results, which runs share and write again and again. Single files that a command makes for its
/// user are written by `copilot_engine::files`, which can also refuse to replace one.
pub fn write_all_or_nothing(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<PathBuf>, Error> {
    let existed = dir.is_dir();
    let result = (|| {
        if let Some(bad) = files.keys().find(|path| !is_plain(path)) {
            let reason = "the path leaves the directory".to_owned();
            return Err(Error::UnsupportedFile { path: bad.clone(), reason });
        }
        let staging = Staging::new(dir)?;
        let within = Root::of(dir).map_err(|problem| Error::file(dir, problem))?;
        for path in files.keys() {
            within.check_file(path).map_err(|problem| Error::file(dir.join(path), problem))?;
        }
        let changed: Vec<_> =
            files.iter().filter(|(path, bytes)| !has_content(&dir.join(path), bytes)).collect();
        for (index, (path, bytes)) in changed.iter().enumerate() {
            staging.write(index, bytes).map_err(|e| Error::write(dir.join(path), e))?;
        }
        staging.commit(dir, &changed)?;
        Ok(changed.into_iter().map(|(path, _)| path.clone()).collect())
    })();
    if result.is_err() && !existed {
        // Fails, as it should, if the directory is not empty.
        let _ = std::fs::remove_dir(dir);
    }
    result
}

/// Whether there is a file of this content. A link is none: what is written takes its place.
fn has_content(path: &Path, bytes: &[u8]) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
        && files::read(path, bytes.len() as u64).is_ok_and(|old| old == bytes)
}

fn is_plain(path: &Path) -> bool {
    use std::path::Component;
    path.components().next().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

struct Staging {
    folder: TempDir,
    /// Says that somebody is at work here.
    _lock: FolderLock,
}

impl Staging {
    fn new(dir: &Path) -> Result<Self, Error> {
        let mut tries = 1;
        loop {
            match Self::attempt(dir) {
                // A run that failed has taken back the directory that it had made.
                Err(e) if e.kind() == io::ErrorKind::NotFound && tries < 10 => tries += 1,
                result => return result.map_err(|e| Error::write(dir, e)),
            }
        }
    }

    fn attempt(dir: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let lock = FolderLock::join(dir, || remove_leftovers(dir))?;
        let folder = tempfile::Builder::new().prefix(&format!("{STAGING}-")).tempdir_in(dir)?;
        Ok(Self { folder, _lock: lock })
    }

    fn new_file(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("{index}.new"))
    }

    fn old_file(&self, index: usize) -> PathBuf {
        self.folder.path().join(format!("{index}.old"))
    }

    fn write(&self, index: usize, bytes: &[u8]) -> io::Result<()> {
        let mut file = fs_err::File::create(self.new_file(index))?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn commit(&self, dir: &Path, files: &[(&PathBuf, &Vec<u8>)]) -> Result<(), Error> {
        for (index, (path, _)) in files.iter().enumerate() {
            let target = dir.join(path);
            if let Err(error) = self.place(index, &target) {
                self.take_back(dir, &files[..index]);
                return Err(Error::write(target, error));
            }
        }
        Ok(())
    }

    fn place(&self, index: usize, target: &Path) -> io::Result<()> {
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent)?;
        }
        if target.symlink_metadata().is_ok_and(|m| m.is_file())
            && std::fs::hard_link(target, self.old_file(index)).is_err()
        {
            fs_err::copy(target, self.old_file(index))?;
        }
        fs_err::rename(self.new_file(index), target)
    }

    fn take_back(&self, dir: &Path, files: &[(&PathBuf, &Vec<u8>)]) {
        for (index, (path, _)) in files.iter().enumerate() {
            let (old, target) = (self.old_file(index), dir.join(path));
            // Nothing more can be done where this fails, and the first error tells the cause.
            let _ = if old.exists() { std::fs::rename(old, target) } else { std::fs::remove_file(target) };
        }
    }
}

/// Removes what runs left behind that were killed. One that can't be removed is in nobody's way.
fn remove_leftovers(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGING) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        list.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
    }

    fn listing(dir: &Path) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            out.push((name, std::fs::read_to_string(entry.path()).unwrap_or_else(|_| "<dir>".into())));
        }
        out.sort();
        out
    }

    #[test]
    fn writes_what_changed_and_keeps_the_rest() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("a/infrastructure");
        let all = files(&[("api.yml", "1"), ("sub/x.json", "2")]);
        assert_eq!(write_all_or_nothing(&dir, &all).unwrap().len(), 2);
        std::fs::write(dir.join("mine"), "kept").unwrap();
        assert!(write_all_or_nothing(&dir, &all).unwrap().is_empty());
        let changed = write_all_or_nothing(&dir, &files(&[("api.yml", "3"), ("sub/x.json", "2")])).unwrap();
        assert_eq!(changed, [PathBuf::from("api.yml")]);
        let expected =
            [("api.yml", "3"), ("mine", "kept"), ("sub", "<dir>")].map(|(a, b)| (a.into(), b.into()));
        assert_eq!(listing(&dir), expected);
    }

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("infrastructure");
        write_all_or_nothing(&dir, &files(&[("a", "old")])).unwrap();
        // A directory stands where the last file belongs, so the renames before it have to be taken back.
        std::fs::create_dir_all(dir.join("z/full")).unwrap();
        let before = listing(&dir);
        let new = files(&[("a", "new"), ("b", "new"), ("z", "new")]);
        let error = write_all_or_nothing(&dir, &new).unwrap_err();
        assert!(matches!(error, Error::Write { path, .. } if path.ends_with("z")));
        assert_eq!(listing(&dir), before);
    }

    #[test]
    fn a_path_may_not_leave_the_directory() {
        let temp = tempfile::tempdir().unwrap();
        for path in ["../x", "/x", "a/../../x", ""] {
            let dir = temp.path().join("out");
            assert!(write_all_or_nothing(&dir, &files(&[(path, "")])).is_err(), "{path}");
            assert!(!dir.exists());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_another_run_is_at_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let other = Staging::new(temp.path()).unwrap();
        other.write(0, b"half").unwrap();
        write_all_or_nothing(temp.path(), &files(&[("a", "1")])).unwrap();
        assert!(other.new_file(0).is_file());
        // A process that is killed runs no destructors, but loses its locks.
        let Staging { folder, _lock: lock } = other;
        let left = folder.keep();
        drop(lock);
        write_all_or_nothing(temp.path(), &files(&[("a", "1")])).unwrap();
        assert!(!left.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_files_place_is_replaced_and_one_on_the_way_refused() {
        let temp = tempfile::tempdir().unwrap();
        let (dir, elsewhere) = (temp.path().join("out"), temp.path().join("elsewhere"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("a"), "1").unwrap();
        std::os::unix::fs::symlink(elsewhere.join("a"), dir.join("a")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.join("sub")).unwrap();
        write_all_or_nothing(&dir, &files(&[("a", "2")])).unwrap();
        assert_eq!(std::fs::read_to_string(elsewhere.join("a")).unwrap(), "1");
        assert_eq!(std::fs::read_to_string(dir.join("a")).unwrap(), "2");
        let error = write_all_or_nothing(&dir, &files(&[("sub/b", "2")])).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "{error}");
        assert!(!elsewhere.join("b").exists());
    }

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join(STAGING)).unwrap();
        std::fs::write(temp.path().join(STAGING).join("0.new"), "half").unwrap();
        write_all_or_nothing(temp.path(), &files(&[("a", "1")])).unwrap();
        assert_eq!(listing(temp.path()), [("a".to_owned(), "1".to_owned())]);
    }
}
