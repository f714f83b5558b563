//! The one way to read a project's files: regular, of a limited size, and inside of the project after all links are resolved.
//!
//! A project comes from a repository, and a repository from whoever sent the last pull request. So a manifest can be a link to
//! a file of secrets, a pipe that nobody writes to, or a file of a terabyte without content.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::locate::is_absent;

/// The most bytes of a file that is read as a whole: manifests, templates, patches, facts, buildspecs. CloudFormation takes
/// templates of 1 MB.
pub const LARGEST_TEXT: u64 = 16 << 20;

/// The most bytes of a file that is uploaded: what `CopyObject` of S3 can copy at once, as the stack of a static site does.
pub const LARGEST_ASSET: u64 = 5 << 30;

/// Folders inside each other, links included, below one that is uploaded. More than any key of S3 would leave room for.
pub const DEEPEST: usize = 256;

/// Why a file can't be used. To be read after the file's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// A link, or `..`, on the way to it.
    #[error("it leads out of the workspace, to `{}`", target.display())]
    Outside {
        /// Where to.
        target: PathBuf,
    },
    /// A folder where a file belongs.
    #[error("it is a folder")]
    Folder,
    /// A pipe, a device, a socket.
    #[error("it is not a regular file")]
    Special,
    /// More than is read.
    #[error("it has more than {}", in_words(*limit))]
    TooLarge {
        /// The most bytes that it may have.
        limit: u64,
    },
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FileProblem {
    /// Whether there simply is no such file.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Io(error) if is_absent(error))
    }
}

fn in_words(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{bytes} bytes"),
        0x10_0000..0x4000_0000 => format!("{} MB", bytes >> 20),
        _ => format!("{} GB", bytes >> 30),
    }
}

/// A folder that its own files can't lead out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// As it was given.
    given: PathBuf,
    /// Without links.
    real: PathBuf,
}

impl Root {
    /// The folder at this path, which is absolute.
    ///
    /// # Errors
    /// [`FileProblem::Io`] if it does not exist.
    pub fn of(folder: &Path) -> Result<Self, FileProblem> {
        Ok(Self { given: folder.to_owned(), real: folder.canonicalize()? })
    }

    /// Where a path leads to, without links.
    ///
    /// # Errors
    /// [`FileProblem::Outside`], and [`FileProblem::Io`] if there is nothing.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, FileProblem> {
        let target = self.given.join(path).canonicalize()?;
        if target.starts_with(&self.real) { Ok(target) } else { Err(FileProblem::Outside { target }) }
    }

    /// Opens a file of the folder.
    ///
    /// # Errors
    /// All of [`FileProblem`].
    pub fn open(&self, path: &Path, limit: u64) -> Result<File, FileProblem> {
        // The path has no links any more: one that took the place of a file since is not followed.
        open_with(&self.resolve(path)?, limit, Links::Refused)
    }

    /// Reads a file of the folder.
    ///
    /// # Errors
    /// All of [`FileProblem`].
    pub fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileProblem> {
        all_of(self.open(path, limit)?, limit)
    }

    /// Reads a file that somebody named: anywhere on the machine, but a name inside of the folder must not lead out of it.
    ///
    /// # Errors
    /// All of [`FileProblem`].
    pub fn read_named(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileProblem> {
        if self.names(path) { self.read(path, limit) } else { read(&self.given.join(path), limit) }
    }

    /// Whether a folder that somebody named for what is written may be used: one that lies in this folder by its name must not
    /// lead out of it. It need not exist.
    ///
    /// # Errors
    /// [`FileProblem::Outside`], [`FileProblem::Io`].
    pub fn check_folder(&self, path: &Path) -> Result<(), FileProblem> {
        if !self.names(path) {
            return Ok(());
        }
        let full = self.given.join(path);
        for level in full.ancestors() {
            match level.symlink_metadata() {
                Ok(_) => return self.check_existing(level),
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn check_existing(&self, path: &Path) -> Result<(), FileProblem> {
        match self.resolve(path) {
            Err(problem) if problem.is_absent() => Err(FileProblem::Outside { target: path.read_link()? }),
            other => other.map(drop),
        }
    }

    /// As [`Root::check_folder`] for a file. It may be a link itself, since what is written takes the link's place.
    ///
    /// # Errors
    /// As [`Root::check_folder`].
    pub fn check_file(&self, path: &Path) -> Result<(), FileProblem> {
        path.parent().map_or(Ok(()), |folder| self.check_folder(folder))
    }

    /// Whether a path lies in the folder as it is written.
    fn names(&self, path: &Path) -> bool {
        let plain = without_dots(&self.given.join(path));
        plain.starts_with(without_dots(&self.given)) || plain.starts_with(&self.real)
    }
}

fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
        plain
    })
}

/// What to do about a path that is a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Opens a regular file anywhere. Never waits for a writer of a pipe, and the limit is that of the open file.
///
/// # Errors
/// All of [`FileProblem`] but [`FileProblem::Outside`].
pub fn open(path: &Path, limit: u64) -> Result<File, FileProblem> {
    open_with(path, limit, Links::Followed)
}

fn open_with(path: &Path, limit: u64, links: Links) -> Result<File, FileProblem> {
    // Opening a device can have effects, so it is looked at before as well.
    check(&std::fs::metadata(path)?, limit)?;
    let file = without_waiting(links).open(path)?;
    check(&file.metadata()?, limit)?;
    Ok(file)
}

#[cfg(unix)]
fn without_waiting(links: Links) -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;
    // Without `NONBLOCK` a pipe that took the file's place would be waited for.
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    flags.set(OFlags::NOFOLLOW, links == Links::Refused);
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(i32::from_ne_bytes(flags.bits().to_ne_bytes()));
    options
}

/// Here no pipe has a path in a folder, and links are what was resolved before.
#[cfg(not(unix))]
fn without_waiting(_: Links) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Reads a regular file anywhere.
///
/// # Errors
/// As [`open`].
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileProblem> {
    all_of(open(path, limit)?, limit)
}

fn check(found: &Metadata, limit: u64) -> Result<(), FileProblem> {
    if found.is_dir() {
        return Err(FileProblem::Folder);
    }
    if !found.is_file() {
        return Err(FileProblem::Special);
    }
    if found.len() > limit { Err(FileProblem::TooLarge { limit }) } else { Ok(()) }
}

/// A file may grow, and those of `/proc` say that they are empty.
fn all_of(file: File, limit: u64) -> Result<Vec<u8>, FileProblem> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(FileProblem::TooLarge { limit }) } else { Ok(bytes) }
}
