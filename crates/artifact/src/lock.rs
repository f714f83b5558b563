//! Locks of folders, by which processes know of each other. They end with the process, however it ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// A lock of a folder, until it is dropped. Where the system or the file system has none it is empty and holds nobody up.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: Option<File>,
}

impl FolderLock {
    /// Waits until nobody else has the folder's lock. To be held for moments only.
    pub(crate) fn wait(folder: &Path) -> io::Result<Self> {
        let file = open(folder)?;
        Ok(Self { _file: file.filter(|file| file.lock().is_ok()) })
    }

    /// Joins those who work in a folder. Whoever finds that nobody else does calls `alone` before that.
    pub(crate) fn join(folder: &Path, alone: impl FnOnce()) -> io::Result<Self> {
        let Some(file) = open(folder)? else { return Ok(Self { _file: None }) };
        match file.try_lock() {
            Ok(()) => alone(),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
        }
        // Between the two somebody else may be alone, and finds nothing of ours yet.
        let _ = file.unlock();
        Ok(Self { _file: file.lock_shared().is_ok().then_some(file) })
    }
}

/// A folder is a file here.
#[cfg(unix)]
fn open(folder: &Path) -> io::Result<Option<File>> {
    File::open(folder).map(Some)
}

/// Here it is none that could be locked.
#[cfg(not(unix))]
fn open(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}
