use std::io::{Cursor, Write};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::File;

/// A stand-alone file that everybody can read: Lambda runs the code as another user than its owner.
const MODE: u32 = 0o644;

/// SHA-256 over the files, in lower-case hexadecimal. Lengths go in with the texts, so that no two lists of
/// files come to the same bytes.
pub(crate) fn content_hash(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for part in files.iter().flat_map(|file| [file.path, file.content]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 0xf] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or_default());
        }
        hex
    })
}

/// A zip of the files, without anything that differs between machines or moments.
pub(crate) fn zip(files: &[File]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(MODE)
        .system(System::Unix);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        archive
            .start_file(file.path, options)
            .and_then(|()| Ok(archive.write_all(file.content.as_bytes())?))
            .expect("writing a short, distinct entry to memory cannot fail");
    }
    archive.finish().expect("writing to memory cannot fail").into_inner()
}
