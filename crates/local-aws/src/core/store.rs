//! The state directory: `state.json` and the blobs beside it, held by one process at a time.

use std::fs::TryLockError;
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::ids::Ids;
use super::state::State;
use crate::error::Error;

/// A state directory that this process holds.
#[derive(Debug)]
pub(crate) struct Store {
    dir: Utf8PathBuf,
    /// Locked for as long as it is open.
    _lock: std::fs::File,
}

impl Store {
    /// Takes hold of `dir`, which is made if it is missing.
    pub(crate) fn open(dir: &Utf8Path) -> Result<Self, Error> {
        let failed = |source| Error::StateDir { dir: dir.to_owned(), source };
        fs_err::create_dir_all(dir).map_err(failed)?;
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                let endpoint = fs_err::read_to_string(dir.join("endpoint")).ok();
                Err(Error::InUse { dir: dir.to_owned(), endpoint })
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Says where this process answers, for others that find the directory held.
    pub(crate) fn announce(&self, endpoint: &str) -> Result<(), Error> {
        self.write("endpoint", endpoint.as_bytes())
    }

    /// The saved state, or a new one made up with `seed`.
    pub(crate) fn load(&self, seed: u64) -> Result<State, Error> {
        let file = self.dir.join("state.json");
        match fs_err::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| Error::Unreadable { file, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::new(Ids::new(seed))),
            Err(source) => Err(Error::StateDir { dir: self.dir.clone(), source }),
        }
    }

    /// Writes the state, whole or not at all.
    pub(crate) fn save(&self, state: &[u8]) -> Result<(), Error> {
        self.write("state.json", state)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let failed = |source| Error::StateDir { dir: self.dir.clone(), source };
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(self.dir.join(name)).map_err(|error| failed(error.error))?;
        Ok(())
    }
}
