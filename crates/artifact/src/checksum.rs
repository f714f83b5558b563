//! SHA-256 as S3 writes it: Base64, and for an object that came in parts that of the parts' sums, with their number.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::hash::feed_file;
use crate::{Cancel, Error};

/// The sum of an object that was written as a whole.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// The sum of an object that was written as a whole, from its SHA-256 in hexadecimal.
pub fn of_hex(sha256: &str) -> String {
    let pairs =
        (0..sha256.len() / 2).filter_map(|n| u8::from_str_radix(sha256.get(2 * n..2 * n + 2)?, 16).ok());
    STANDARD.encode(pairs.collect::<Vec<u8>>())
}

/// The sum of an object that came in parts of these sums.
pub(crate) fn of_parts<'a>(sums: impl Iterator<Item = &'a str>) -> String {
    let (mut hasher, mut count) = (Sha256::new(), 0);
    for sum in sums {
        hasher.update(STANDARD.decode(sum).unwrap_or_default());
        count += 1;
    }
    format!("{}-{count}", STANDARD.encode(hasher.finalize()))
}

/// The sum of a file of at most `limit` bytes that came in parts of `part` bytes. Blocks.
pub(crate) fn of_file_in_parts(path: &Path, limit: u64, part: u64, cancel: &Cancel) -> Result<String, Error> {
    let part = usize::try_from(part).unwrap_or(usize::MAX).max(1);
    let (mut sums, mut hasher, mut fed) = (Vec::new(), Sha256::new(), 0);
    feed_file(path, limit, cancel, &mut |mut chunk| {
        while !chunk.is_empty() {
            let (now, later) = chunk.split_at(chunk.len().min(part - fed));
            hasher.update(now);
            fed += now.len();
            chunk = later;
            if fed == part {
                sums.push(STANDARD.encode(hasher.finalize_reset()));
                fed = 0;
            }
        }
    })?;
    if fed > 0 {
        sums.push(STANDARD.encode(hasher.finalize()));
    }
    Ok(of_parts(sums.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_s3_writes_them() {
        let whole = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(of_bytes(b""), whole);
        assert_eq!(of_hex(&crate::sha256_hex("")), whole);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        std::fs::write(&path, &bytes).unwrap();
        for part in [1_000, 131_072, 150_000, 299_999, 300_000] {
            let sums: Vec<_> = bytes.chunks(part).map(of_bytes).collect();
            let expected = of_parts(sums.iter().map(String::as_str));
            let found = of_file_in_parts(&path, u64::MAX, part as u64, &Cancel::new()).unwrap();
            assert_eq!(found, expected);
            assert!(found.ends_with(&format!("=-{}", 300_000_usize.div_ceil(part))), "{found}");
        }
    }
}
