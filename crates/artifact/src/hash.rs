//! SHA-256 over bytes, files and framed fields.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use copilot_workspace::FileProblem;
use copilot_workspace::files::{self, LARGEST_ASSET};
use sha2::{Digest as _, Sha256};

use crate::{Cancel, Error};

/// Bytes read from a file at a time: large enough that the hash, not the system call, is the cost.
const CHUNK: usize = 128 * 1024;

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes.as_ref()))
}

/// The SHA-256 (lower-case hexadecimal) and the size in bytes of a regular file of up to [`LARGEST_ASSET`] bytes, read in
/// chunks.
pub fn sha256_file(path: &Path, cancel: &Cancel) -> Result<(String, u64), Error> {
    sha256_limited(path, LARGEST_ASSET, cancel)
}

/// As [`sha256_file`] with another limit.
pub(crate) fn sha256_limited(path: &Path, limit: u64, cancel: &Cancel) -> Result<(String, u64), Error> {
    let mut hasher = Sha256::new();
    let size = feed_file(path, limit, cancel, &mut |chunk| hasher.update(chunk))?;
    Ok((hex(&hasher.finalize()), size))
}

/// Hashes and sizes of files as [`sha256_file`] gives them, in the order of `paths`, read by `threads` threads.
pub(crate) fn sha256_files(
    paths: &[PathBuf],
    limit: u64,
    threads: usize,
    cancel: &Cancel,
) -> Result<Vec<(String, u64)>, Error> {
    let next = AtomicUsize::new(0);
    let stop = cancel.child();
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(index) else { return done };
            let result = sha256_limited(path, limit, &stop);
            if result.is_err() {
                stop.cancel();
            }
            done.push((index, result));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.clamp(1, 64)).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().map_err(|_| Error::Internal("a hashing thread died".to_owned()))?);
        }
        Ok::<_, Error>(done)
    })?;
    // The cause comes first, not the threads that were told to stop because of it.
    done.sort_by_key(|(index, result)| (!matches!(result, Err(e) if !matches!(e, Error::Cancelled)), *index));
    done.into_iter().map(|(_, result)| result).collect()
}

/// Hands the content of a regular file to `feed`, chunk by chunk, and returns its size in bytes.
pub(crate) fn feed_file(
    path: &Path,
    limit: u64,
    cancel: &Cancel,
    feed: &mut dyn FnMut(&[u8]),
) -> Result<u64, Error> {
    let mut file = files::open(path, limit).map_err(|problem| Error::file(path, problem))?;
    let mut buffer = vec![0; CHUNK];
    let mut size = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let n = file.read(&mut buffer).map_err(|e| Error::read(path, e))?;
        if n == 0 {
            return Ok(size);
        }
        size += n as u64;
        if size > limit {
            return Err(Error::file(path, FileProblem::TooLarge { limit }));
        }
        feed(&buffer[..n]);
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A hash over fields: each is preceded by its length, so that moving a byte from one field to the next changes
/// the result.
pub(crate) struct Fields(Sha256);

impl Fields {
    pub(crate) fn new(domain: &str) -> Self {
        let mut fields = Self(Sha256::new());
        fields.push(domain);
        fields
    }

    pub(crate) fn push(&mut self, field: impl AsRef<[u8]>) {
        let field = field.as_ref();
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    pub(crate) fn number(&mut self, n: usize) {
        self.push((n as u64).to_be_bytes());
    }

    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_bytes_and_files_alike() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "x").unwrap();
        let expected = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
        assert_eq!(sha256_hex("x"), expected);
        assert_eq!(sha256_file(&path, &Cancel::new()).unwrap(), (expected.to_owned(), 1));
    }

    #[test]
    fn many_files_keep_their_order_and_name_the_one_that_fails() {
        let dir = tempfile::tempdir().unwrap();
        let mut paths: Vec<_> = (0..50).map(|n| dir.path().join(n.to_string())).collect();
        paths.iter().enumerate().for_each(|(n, path)| std::fs::write(path, n.to_string()).unwrap());
        let hashes = sha256_files(&paths, LARGEST_ASSET, 4, &Cancel::new()).unwrap();
        assert_eq!(hashes[49].0, sha256_hex("49"));
        paths[7] = dir.path().join("missing");
        let error = sha256_files(&paths, LARGEST_ASSET, 4, &Cancel::new()).unwrap_err();
        assert!(matches!(error, Error::Read { path, .. } if path.ends_with("missing")));
    }

    #[test]
    fn framing_separates_fields() {
        let hash = |fields: &[&str]| {
            let mut h = Fields::new("t");
            for field in fields {
                h.push(field);
            }
            h.finish()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["a"]), hash(&["a", ""]));
    }
}
