//! The files of a build context, as docker sends them to a build.

use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::dockerignore::Verdict;
use crate::hash::sha256_files;
use crate::paths::{mode, slashed, sorted_names};
use crate::{Cancel, DockerIgnore, Error};

/// The entries of a context after `.dockerignore`, in the order of a walk: a directory before what is in it, names
/// sorted by their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The root directory.
    pub root: PathBuf,
    /// What is in it.
    pub entries: Vec<Entry>,
}

/// A file, directory or symbolic link of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the root.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Permission bits, with set-user-id, set-group-id and sticky.
    pub mode: u32,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// In bytes.
        size: u64,
        /// When it was last written, to notice changes; no part of an identity.
        modified: Option<SystemTime>,
    },
    /// A symbolic link, with its target as written.
    Symlink(PathBuf),
    /// A pipe or a device.
    Special,
}

impl Context {
    /// Lists a context. Symbolic links are not followed; sockets are left out, as docker does.
    pub fn read(root: &Path, ignore: &DockerIgnore, cancel: &Cancel) -> Result<Self, Error> {
        let mut walk = Walk { root, ignore, cancel, entries: Vec::new(), pending: Vec::new() };
        walk.all()?;
        Ok(Self { root: root.to_owned(), entries: walk.entries })
    }

    /// The SHA-256 of every regular file, in the order of `entries`, computed by `threads` threads.
    pub fn hash_files(&self, threads: usize, cancel: &Cancel) -> Result<Vec<Option<String>>, Error> {
        let is_file = |entry: &&Entry| matches!(entry.kind, Kind::File { .. });
        let paths: Vec<_> = self.entries.iter().filter(is_file).map(|e| self.root.join(&e.path)).collect();
        let mut hashes = sha256_files(&paths, u64::MAX, threads, cancel)?.into_iter().map(|(hash, _)| hash);
        Ok(self.entries.iter().map(|entry| if is_file(&entry) { hashes.next() } else { None }).collect())
    }

    /// The first path that differs from what is on disk now, judged by kind, mode, size and modification time.
    pub fn first_change(&self, ignore: &DockerIgnore, cancel: &Cancel) -> Result<Option<PathBuf>, Error> {
        let now = Self::read(&self.root, ignore, cancel)?;
        let longer = self.entries.len().max(now.entries.len());
        Ok((0..longer).find_map(|i| match (self.entries.get(i), now.entries.get(i)) {
            (then, now) if then == now => None,
            (Some(entry), _) | (None, Some(entry)) => Some(self.root.join(&entry.path)),
            (None, None) => None,
        }))
    }

    /// Number of regular files.
    pub fn files(&self) -> usize {
        self.entries.iter().filter(|e| matches!(e.kind, Kind::File { .. })).count()
    }

    /// Size of all regular files in bytes.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|e| if let Kind::File { size, .. } = e.kind { size } else { 0 }).sum()
    }
}

struct Walk<'a> {
    root: &'a Path,
    ignore: &'a DockerIgnore,
    cancel: &'a Cancel,
    entries: Vec<Entry>,
    /// Ignored directories that enter the list once something below them is brought back.
    pending: Vec<Entry>,
}

/// A directory on the way down.
struct Level {
    /// Relative to the root.
    path: PathBuf,
    /// What is still to be looked at.
    names: std::vec::IntoIter<OsString>,
    verdict: Verdict,
    /// How many directories were pending before it.
    pending: usize,
}

impl Walk<'_> {
    /// Goes through all directories. As deep as the file system lets a path be, so not by recursion.
    fn all(&mut self) -> Result<(), Error> {
        let mut levels = vec![self.level(PathBuf::new(), Verdict::default(), 0)?];
        while let Some(level) = levels.last_mut() {
            let Some(name) = level.names.next() else {
                self.pending.truncate(level.pending);
                levels.pop();
                continue;
            };
            let path = level.path.join(name);
            let verdict = self.ignore.judge(&slashed(&path), &level.verdict);
            if let Some(below) = self.take(path, verdict)? {
                levels.push(below);
            }
        }
        Ok(())
    }

    fn level(&self, path: PathBuf, verdict: Verdict, pending: usize) -> Result<Level, Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let names = sorted_names(&self.root.join(&path))?.into_iter();
        Ok(Level { path, names, verdict, pending })
    }

    /// Takes an entry; if it is a directory, what is in it comes next.
    fn take(&mut self, path: PathBuf, verdict: Verdict) -> Result<Option<Level>, Error> {
        let full = self.root.join(&path);
        let metadata = fs_err::symlink_metadata(&full).map_err(|e| Error::read(&full, e))?;
        if verdict.ignored && !(metadata.is_dir() && self.ignore.may_reinclude_below(&slashed(&path))) {
            return Ok(None);
        }
        let Some(entry) = entry(&full, path, &metadata)? else { return Ok(None) };
        let directory = (entry.kind == Kind::Directory).then(|| entry.path.clone());
        let pending = self.pending.len();
        if !verdict.ignored {
            self.entries.append(&mut self.pending);
            self.entries.push(entry);
        } else if directory.is_some() {
            self.pending.push(entry);
        }
        directory.map(|path| self.level(path, verdict, pending)).transpose()
    }
}

fn entry(full: &Path, path: PathBuf, metadata: &Metadata) -> Result<Option<Entry>, Error> {
    let file_type = metadata.file_type();
    let kind = if file_type.is_dir() {
        Kind::Directory
    } else if file_type.is_symlink() {
        Kind::Symlink(fs_err::read_link(full).map_err(|e| Error::read(full, e))?)
    } else if file_type.is_file() {
        Kind::File { size: metadata.len(), modified: metadata.modified().ok() }
    } else if is_socket(metadata) {
        return Ok(None);
    } else {
        Kind::Special
    };
    Ok(Some(Entry { path, kind, mode: mode(metadata) }))
}

#[cfg(unix)]
fn is_socket(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_socket(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_may_be_as_deep_as_a_path_can_be() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("context");
        let (mut path, mut levels) = (root.clone(), 0);
        while path.as_os_str().len() < 4_000 {
            std::fs::create_dir(&path).unwrap();
            path.push("d");
            levels += 1;
        }
        std::fs::write(&path, "x").unwrap();
        let read = move || Context::read(&root, &DockerIgnore::default(), &Cancel::new()).unwrap();
        // Recursion would need more than this.
        let context = std::thread::Builder::new().stack_size(128 << 10).spawn(read).unwrap().join().unwrap();
        assert_eq!((context.entries.len(), context.files()), (levels, 1));
        let removed = std::process::Command::new("rm").arg("-rf").arg(temp.path().join("context")).status();
        assert!(removed.unwrap().success());
    }
}
