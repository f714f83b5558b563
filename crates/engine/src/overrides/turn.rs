//! Taking turns: two runs in one folder of a CDK application would read each other's templates.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

use super::CdkError;
use crate::error::Error;
use crate::event::Notice;
use crate::host::Host;

/// How often it is looked whether the other has finished.
const PAUSE: Duration = Duration::from_millis(100);

/// A turn in a folder, until it is dropped. Where the file system has no locks it is empty and holds nobody up.
#[derive(Debug)]
pub(super) struct Turn {
    _file: Option<File>,
}

impl Turn {
    /// Waits until nobody else works in the folder. A turn ends with its process, however that ends.
    pub(super) fn wait(folder: &Utf8Path, shown: &str, host: &dyn Host) -> Result<Self, Error> {
        let file = open(folder).map_err(CdkError::Input)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: Some(file) }),
                Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
                Err(TryLockError::WouldBlock) if told => {}
                Err(TryLockError::WouldBlock) => {
                    host.notice(Notice::WaitingForCdk { folder: shown.to_owned() });
                    told = true;
                }
            }
            host.check()?;
            thread::sleep(PAUSE);
        }
    }
}

/// A folder is a file here, so that none has to be made.
#[cfg(unix)]
fn open(folder: &Utf8Path) -> io::Result<File> {
    Ok(fs_err::File::open(folder)?.into_parts().0)
}

/// Here it is none that could be locked.
#[cfg(not(unix))]
fn open(folder: &Utf8Path) -> io::Result<File> {
    let mut options = fs_err::OpenOptions::new();
    Ok(options.write(true).create(true).truncate(false).open(folder.join(".lock"))?.into_parts().0)
}
