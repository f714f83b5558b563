//! Writing a directory of files so that a failure leaves it as it was.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// Name of the directory, inside the target, where files wait until all of them are written.
const STAGING: &str = ".copilot-partial";

/// Writes `files` (paths relative to `dir`, which is created) and returns those whose content changed. Other files in
/// `dir` are left alone.
///
/// Everything is first written beside its target and flushed to disk, then renamed. If writing fails, nothing has
/// changed; if a rename fails, those before it are taken back. A file is never half-written, also when the process is
/// killed; what a killed process left behind is removed by the next run.
pub fn write_all_or_nothing(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<PathBuf>, Error> {
    let existed = dir.is_dir();
    let result = (|| {
        if let Some(bad) = files.keys().find(|path| !is_plain(path)) {
            let reason = "the path leaves the directory".to_owned();
            return Err(Error::UnsupportedFile { path: bad.clone(), reason });
        }
        fs_err::create_dir_all(dir).map_err(|e| Error::write(dir, e))?;
        let staging = Staging::new(dir)?;
        let changed: Vec<_> = files
            .iter()
            .filter(|(path, bytes)| !fs_err::read(dir.join(path)).is_ok_and(|old| old == **bytes))
            .collect();
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

fn is_plain(path: &Path) -> bool {
    use std::path::Component;
    path.components().next().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

struct Staging(PathBuf);

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Staging {
    fn new(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(STAGING);
        if path.symlink_metadata().is_ok() {
            fs_err::remove_dir_all(&path).map_err(|e| Error::write(&path, e))?;
        }
        fs_err::create_dir(&path).map_err(|e| Error::write(&path, e))?;
        Ok(Self(path))
    }

    fn new_file(&self, index: usize) -> PathBuf {
        self.0.join(format!("{index}.new"))
    }

    fn old_file(&self, index: usize) -> PathBuf {
        self.0.join(format!("{index}.old"))
    }

    fn write(&self, index: usize, bytes: &[u8]) -> std::io::Result<()> {
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

    fn place(&self, index: usize, target: &Path) -> std::io::Result<()> {
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

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join(STAGING)).unwrap();
        std::fs::write(temp.path().join(STAGING).join("0.new"), "half").unwrap();
        write_all_or_nothing(temp.path(), &files(&[("a", "1")])).unwrap();
        assert_eq!(listing(temp.path()), [("a".to_owned(), "1".to_owned())]);
    }
}
