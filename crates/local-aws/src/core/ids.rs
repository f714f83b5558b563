//! Names that AWS makes up, from a seed and a counter: the same run makes the same names.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A source of made-up identifiers.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    made: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.made.to_be_bytes());
        hash.finalize().into()
    }

    /// `count` (at most 64) lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize) -> String {
        let mut text = hex(&self.bytes());
        text.truncate(count);
        text
    }

    /// `count` (at most 32) characters out of `alphabet`.
    pub(crate) fn chars(&mut self, count: usize, alphabet: &[u8]) -> String {
        let bytes = self.bytes();
        bytes
            .iter()
            .take(count)
            .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
            .collect()
    }

    /// The random part of a physical name: upper-case letters and digits.
    pub(crate) fn upper(&mut self, count: usize) -> String {
        self.chars(count, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    }

    /// Lower-case letters and digits.
    pub(crate) fn lower(&mut self, count: usize) -> String {
        self.chars(count, b"abcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let h = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
    }

    /// A number below `bound`, evenly enough for tests.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let b = self.bytes();
        u32::from_be_bytes([b[0], b[1], b[2], b[3]]) % bound.max(1)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 digest of `bytes` as hexadecimal digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
