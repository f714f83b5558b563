//! The files of a build context, as docker sends them to a build.

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
        walk.directory(Path::new(""), &Verdict::default())?;
        Ok(Self { root: root.to_owned(), entries: walk.entries })
    }

    /// The SHA-256 of every regular file, in the order of `entries`, computed by `threads` threads.
    pub fn hash_files(&self, threads: usize, cancel: &Cancel) -> Result<Vec<Option<String>>, Error> {
        let is_file = |entry: &&Entry| matches!(entry.kind, Kind::File { .. });
        let paths: Vec<_> = self.entries.iter().filter(is_file).map(|e| self.root.join(&e.path)).collect();
        let mut hashes = sha256_files(&paths, threads, cancel)?.into_iter().map(|(hash, _)| hash);
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

impl Walk<'_> {
    fn directory(&mut self, relative: &Path, verdict: &Verdict) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        for name in sorted_names(&self.root.join(relative))? {
            let path = relative.join(name);
            let text = slashed(&path);
            let verdict = self.ignore.judge(&text, verdict);
            let full = self.root.join(&path);
            let metadata = fs_err::symlink_metadata(&full).map_err(|e| Error::read(&full, e))?;
            if verdict.ignored && !(metadata.is_dir() && self.ignore.may_reinclude_below(&text)) {
                continue;
            }
            let Some(entry) = entry(&full, path, &metadata)? else { continue };
            self.take(entry, &verdict)?;
        }
        Ok(())
    }

    fn take(&mut self, entry: Entry, verdict: &Verdict) -> Result<(), Error> {
        let (path, is_directory) = (entry.path.clone(), entry.kind == Kind::Directory);
        let depth = self.pending.len();
        if verdict.ignored {
            self.pending.push(entry);
        } else {
            self.entries.append(&mut self.pending);
            self.entries.push(entry);
        }
        if is_directory {
            self.directory(&path, verdict)?;
        }
        self.pending.truncate(depth);
        Ok(())
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
