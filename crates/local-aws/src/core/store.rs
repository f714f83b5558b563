//! The state directory: `state.json` and the blobs beside it, shared by the processes that use it.
//!
//! A process holds the directory for as long as it answers one request, and writes what changed before it lets go. So
//! several can be at work at once, and one that is killed leaves a state that another carries on from.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::blobs::Blobs;
use super::state::State;
use crate::error::Error;

/// The file with the state.
const STATE: &str = "state.json";

/// How the names of files begin that are not whole yet.
const PARTIAL: &str = ".tmp";

/// A file for what is being written; it is removed unless it is given its name.
pub(crate) fn partial_in(dir: &Utf8Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(PARTIAL).tempfile_in(dir)
}

/// What a process finds when its turn has come.
pub(crate) enum Entered {
    /// The state that it has in memory.
    Same,
    /// A state that it does not know.
    Changed(Box<State>),
    /// No state.
    Empty,
}

/// A state directory.
#[derive(Debug)]
pub(crate) struct Store {
    dir: Utf8PathBuf,
    /// Locked by the process whose turn it is. Its content is the number of the newest state.
    turn: File,
    /// The number of the state in memory; none if that is not to be relied on.
    seen: Option<u64>,
}

impl Store {
    /// Whether there is a state in `dir`.
    pub(crate) fn has_state(dir: &Utf8Path) -> bool {
        dir.join(STATE).is_file()
    }

    /// Finds `dir`, which is made if it is missing.
    pub(crate) fn open(dir: &Utf8Path) -> Result<Self, Error> {
        let failed = |source| Error::StateDir { dir: dir.to_owned(), source };
        fs_err::create_dir_all(dir).map_err(failed)?;
        let turn = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(dir.join("turn"))
            .map_err(failed)?;
        let store = Self { dir: dir.to_owned(), turn, seen: None };
        store.turn.lock().map_err(|source| store.failed(source))?;
        let swept = store.sweep();
        store.leave();
        swept.map_err(|source| store.failed(source))?;
        Ok(store)
    }

    /// Removes what killed processes have left half-written. Files are written only by whose turn it is, so all are leftovers.
    fn sweep(&self) -> std::io::Result<()> {
        for dir in [self.dir.clone(), Blobs::below(&self.dir)] {
            if !dir.is_dir() {
                continue;
            }
            for entry in fs_err::read_dir(&dir)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with(PARTIAL) && entry.file_type()?.is_file() {
                    fs_err::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Waits for our turn; the state, if it is not the one in memory.
    pub(crate) fn enter(&mut self) -> Result<Entered, Error> {
        self.turn.lock().map_err(|source| self.failed(source))?;
        let number = self.number()?;
        if self.seen == Some(number) {
            return Ok(Entered::Same);
        }
        let file = self.dir.join(STATE);
        let state = match fs_err::read(&file) {
            Ok(bytes) => Entered::Changed(
                serde_json::from_slice(&bytes).map_err(|source| Error::Unreadable { file, source })?,
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Entered::Empty,
            Err(source) => return Err(self.failed(source)),
        };
        self.seen = Some(number);
        Ok(state)
    }

    /// Lets others have their turn.
    pub(crate) fn leave(&self) {
        // A lock that cannot be given back is given back with the file.
        let _ = self.turn.unlock();
    }

    /// What is in memory was not saved: it is read anew next time.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
    }

    /// Writes the state, whole or not at all.
    pub(crate) fn save(&mut self, state: &State) -> Result<(), Error> {
        let bytes = serde_json::to_vec(state)
            .map_err(|source| Error::Unreadable { file: self.dir.join(STATE), source })?;
        // The number goes first: should we end in between, others read the old state once more, which does no harm.
        let number = self.number()? + 1;
        self.seen = None;
        self.count(number).map_err(|source| self.failed(source))?;
        self.write(&bytes).map_err(|source| self.failed(source))?;
        self.seen = Some(number);
        Ok(())
    }

    fn number(&mut self) -> Result<u64, Error> {
        let mut text = String::new();
        let read = self.turn.seek(SeekFrom::Start(0)).and_then(|_| self.turn.read_to_string(&mut text));
        read.map_err(|source| self.failed(source))?;
        Ok(text.trim().parse().unwrap_or(0))
    }

    fn count(&mut self, number: u64) -> std::io::Result<()> {
        self.turn.seek(SeekFrom::Start(0))?;
        // Digits only become more, so that nothing of the old number is left.
        self.turn.write_all(number.to_string().as_bytes())
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = partial_in(&self.dir)?;
        file.write_all(bytes)?;
        file.persist(self.dir.join(STATE)).map_err(|error| error.error)?;
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::StateDir { dir: self.dir.clone(), source }
    }
}
