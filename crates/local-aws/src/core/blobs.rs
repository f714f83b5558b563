//! Bytes by their SHA-256 digest: objects of buckets and layers of images, in memory or below the state directory.

use std::collections::HashMap;
use std::io::Write as _;

use bytes::Bytes;
use camino::{Utf8Path, Utf8PathBuf};

use super::ids::sha256_hex;
use super::store::partial_in;

/// A content-addressed store.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    dir: Option<Utf8PathBuf>,
    memory: HashMap<String, Bytes>,
}

/// Where bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// In memory.
    Bytes(Bytes),
    /// In a file of this length.
    File(Utf8PathBuf, u64),
}

impl Source {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size) => *size,
        }
    }
}

impl Blobs {
    /// Its folder in a state directory.
    pub(crate) fn below(dir: &Utf8Path) -> Utf8PathBuf {
        dir.join("blobs")
    }

    /// A store below `dir`, or in memory without one.
    pub(crate) fn new(dir: Option<&Utf8Path>) -> std::io::Result<Self> {
        let dir = dir.map(Self::below);
        if let Some(dir) = &dir {
            fs_err::create_dir_all(dir)?;
        }
        Ok(Self { dir, memory: HashMap::new() })
    }

    /// Keeps `bytes` and says their digest (hexadecimal). A file appears under its name only when it is whole.
    pub(crate) fn put(&mut self, bytes: &Bytes) -> std::io::Result<String> {
        let digest = sha256_hex(bytes);
        if let Some(dir) = &self.dir {
            let path = dir.join(&digest);
            if !path.exists() {
                let mut file = partial_in(dir)?;
                file.write_all(bytes)?;
                file.persist(&path)?;
            }
        } else {
            self.memory.insert(digest.clone(), bytes.clone());
        }
        Ok(digest)
    }

    /// The bytes with this digest.
    pub(crate) fn get(&self, digest: &str) -> Option<Bytes> {
        if let Some(bytes) = self.memory.get(digest) {
            return Some(bytes.clone());
        }
        let dir = self.dir.as_ref()?;
        fs_err::read(dir.join(digest)).ok().map(Bytes::from)
    }

    /// Where they are, for who reads them later.
    pub(crate) fn source(&self, digest: &str) -> Option<Source> {
        if let Some(bytes) = self.memory.get(digest) {
            return Some(Source::Bytes(bytes.clone()));
        }
        let path = self.dir.as_ref()?.join(digest);
        let size = fs_err::metadata(&path).ok()?.len();
        Some(Source::File(path, size))
    }

    /// Their length, if they are there.
    pub(crate) fn size(&self, digest: &str) -> Option<u64> {
        if let Some(bytes) = self.memory.get(digest) {
            return Some(bytes.len() as u64);
        }
        fs_err::metadata(self.dir.as_ref()?.join(digest)).ok().map(|meta| meta.len())
    }
}
