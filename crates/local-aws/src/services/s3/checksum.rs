//! Checksums that clients send along, checked before anything is kept.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::core::input::{base64, from_base64};
use crate::error::AwsError;
use crate::http::message::Request;

/// The algorithms, as their headers call them.
pub(super) const ALGORITHMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

/// A reflected CRC of `BITS` bits.
fn crc(bytes: &[u8], polynomial: u64, bits: u32) -> u64 {
    let ones = u64::MAX >> (64 - bits);
    let mut table = [0_u64; 256];
    for (index, entry) in table.iter_mut().enumerate() {
        let mut value = index as u64;
        for _ in 0..8 {
            value = if value & 1 == 1 { value >> 1 ^ polynomial } else { value >> 1 };
        }
        *entry = value;
    }
    let mut value = ones;
    for byte in bytes {
        value = table[usize::from(value.to_be_bytes()[7] ^ byte)] ^ value >> 8;
    }
    value ^ ones
}

/// The Base64 checksum of `bytes` by an algorithm.
pub(super) fn of(algorithm: &str, bytes: &[u8]) -> Option<String> {
    Some(match algorithm {
        "crc32" => base64(&crc(bytes, 0xedb8_8320, 32).to_be_bytes()[4..]),
        "crc32c" => base64(&crc(bytes, 0x82f6_3b78, 32).to_be_bytes()[4..]),
        "crc64nvme" => base64(&crc(bytes, 0x9a6c_9329_ac4b_c9b5, 64).to_be_bytes()),
        "sha1" => base64(&Sha1::digest(bytes)),
        "sha256" => base64(&Sha256::digest(bytes)),
        _ => return None,
    })
}

/// Checks every checksum that came with `content`, in a header or behind it; the header and value of one of them.
pub(super) fn verify(
    request: &Request,
    content: &[u8],
    trailers: &[(String, String)],
) -> Result<Option<(String, String)>, AwsError> {
    let bad = |what: &str| {
        AwsError::new("BadDigest", format!("The {what} you specified did not match the calculated checksum."))
    };
    if let Some(sent) = request.header("content-md5")
        && sent != base64(&Md5::digest(content))
    {
        return Err(bad("Content-MD5"));
    }
    let mut found = None;
    for algorithm in ALGORITHMS {
        let header = format!("x-amz-checksum-{algorithm}");
        let trailer = trailers.iter().find(|(name, _)| *name == header).map(|(_, value)| value.as_str());
        let Some(sent) = trailer.or_else(|| request.header(&header)) else { continue };
        if of(algorithm, content).as_deref() != Some(sent) {
            return Err(bad(&algorithm.to_uppercase()));
        }
        found = Some((header, sent.to_owned()));
    }
    Ok(found)
}

/// How the headers of checksums begin.
pub(super) const HEADER: &str = "x-amz-checksum-";
/// The header that says whether a checksum is that of the whole object or that of its parts' checksums.
pub(super) const TYPE: &str = "x-amz-checksum-type";

/// The header and value of the checksum that an object gets whose client sent none.
pub(super) fn usual(content: &[u8]) -> (String, String) {
    (format!("{HEADER}crc64nvme"), of("crc64nvme", content).unwrap_or_default())
}

/// The algorithm in the headers of an object or an upload.
pub(super) fn algorithm(headers: &BTreeMap<String, String>) -> Option<&str> {
    headers.keys().filter_map(|name| name.strip_prefix(HEADER)).find(|name| ALGORITHMS.contains(name))
}

/// Puts a checksum of the whole object into its headers, in place of the one that is there.
pub(super) fn set(headers: &mut BTreeMap<String, String>, (name, value): (String, String)) {
    headers.retain(|name, _| !name.starts_with(HEADER));
    headers.insert(name, value);
    headers.insert(TYPE.to_owned(), "FULL_OBJECT".to_owned());
}

/// Puts the checksum of an object that came in parts into its headers: the one of the parts' checksums, and their number. Of
/// CRC64NVME there is none.
pub(super) fn set_composite(headers: &mut BTreeMap<String, String>, algorithm: &str, parts: &[String]) {
    let joined: Vec<u8> = parts.iter().filter_map(|sum| from_base64(sum)).flatten().collect();
    let Some(sum) = of(algorithm, &joined) else { return };
    headers.retain(|name, _| !name.starts_with(HEADER));
    headers.insert(format!("{HEADER}{algorithm}"), format!("{sum}-{}", parts.len()));
    headers.insert(TYPE.to_owned(), "COMPOSITE".to_owned());
}

/// The MD5 of `bytes`, which an entity tag is made of.
pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_algorithms() {
        let text = b"123456789";
        assert_eq!(crc(text, 0xedb8_8320, 32), 0xcbf4_3926);
        assert_eq!(crc(text, 0x82f6_3b78, 32), 0xe306_9283);
        assert_eq!(crc(text, 0x9a6c_9329_ac4b_c9b5, 64), 0xae8b_1486_0a79_9888);
    }
}
