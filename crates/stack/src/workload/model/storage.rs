//! Volumes.

use super::Text;

/// A volume of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Volume<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its path in the main container; empty when it has none.
    pub path: &'a str,
    /// Whether the main container may only read.
    pub read_only: Option<bool>,
    /// What is behind it.
    pub kind: VolumeKind<'a>,
}

/// What is behind a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VolumeKind<'a> {
    /// Nothing: it lives as long as the task.
    Scratch,
    /// A directory of the environment's file system, with its POSIX owner.
    Managed {
        /// User ID.
        uid: u32,
        /// Group ID.
        gid: u32,
    },
    /// A file system of the user's own.
    Existing(FileSystem<'a>),
}

/// A file system of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileSystem<'a> {
    /// Its ID.
    pub id: Text<'a>,
    /// Directory that is the volume's root.
    pub root_dir: &'a str,
    /// Access point it is mounted through.
    pub access_point: Option<&'a str>,
    /// Whether the task's role decides on access.
    pub iam: bool,
}
