//! Programs that builds run: which processor they are for, and whether they are what was released.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::assets::Bucket;
use copilot_artifact::{Body, Cancel, ObjectRequest, sha256_file};
use copilot_manifest::buildspec::{HASH_AMD64, HASH_ARM64};
use copilot_workspace::FileProblem;
use copilot_workspace::files::{self, LARGEST_TEXT};
use flate2::read::GzDecoder;
use object::elf::{EM_AARCH64, EM_X86_64, FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::{LittleEndian, ReadCache};
use tempfile::NamedTempFile;

use super::ProgramError;
use crate::error::Error;

/// Name of the program, in archives of a release as well.
const NAME: &str = "copilot-pipeline";

/// A processor that build images run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit Arm.
    Arm64,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// As build images are called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The variable of a buildspec that holds the hash of the program for this processor.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Amd64 => HASH_AMD64,
            Self::Arm64 => HASH_ARM64,
        }
    }
}

/// A program for Linux.
#[derive(Debug, Clone)]
pub struct Program {
    path: Utf8PathBuf,
    /// What it runs on.
    pub architecture: Architecture,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    size: u64,
    /// Whether it brings everything it needs. One that doesn't needs a C library as new as that of the machine that built it.
    pub is_static: bool,
    /// Keeps what was taken out of an archive.
    _unpacked: Option<Arc<NamedTempFile>>,
}

impl Program {
    /// Reads a file; `None` if it is no program for Linux on one of the processors.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(path: &Utf8Path, cancel: &Cancel) -> Result<Option<Self>, Error> {
        let file = open(path)?;
        let Some((architecture, is_static)) = describe(file) else { return Ok(None) };
        let (sha256, size) = sha256_file(path.as_std_path(), cancel)?;
        Ok(Some(Self { path: path.to_owned(), architecture, sha256, size, is_static, _unpacked: None }))
    }

    /// Reads a program, or the one in an archive of a release. If the file has its sum beside it, as archives of releases have,
    /// or `expected` is given, it has to have that sum.
    ///
    /// # Errors
    /// When it can't be read, or has another sum.
    pub fn released(path: &Utf8Path, expected: Option<&str>, cancel: &Cancel) -> Result<Option<Self>, Error> {
        check_sum(path, expected, cancel)?;
        let mut magic = [0; 2];
        let file = open(path)?;
        // A shorter file is no archive; what it is instead is said elsewhere.
        if (&file).read_exact(&mut magic).is_err() || magic != [0x1f, 0x8b] {
            return Self::read(path, cancel);
        }
        let unpacked = unpack(open(path)?)
            .map_err(|error| Error::Unreadable { path: path.to_owned(), problem: error.into() })?;
        let Some(unpacked) = unpacked else { return Ok(None) };
        let inner = Utf8Path::from_path(unpacked.path()).ok_or(ProgramError::TemporaryFolder)?;
        let program = Self::read(inner, cancel)?;
        Ok(program.map(|program| Self { _unpacked: Some(Arc::new(unpacked)), ..program }))
    }

    pub(super) fn object(&self, bucket: &Bucket) -> ObjectRequest {
        let path = self.path.clone().into_std_path_buf();
        let body = Body::File { path, sha256: self.sha256.clone(), size: self.size };
        let what = format!("copilot-pipeline for {}", self.architecture.name());
        // Others than who has the program look whether it is there.
        ObjectRequest::new(bucket.at(key(self.architecture, &self.sha256)), body, what).as_a_whole()
    }
}

/// Where builds look for a program.
pub(super) fn key(architecture: Architecture, sha256: &str) -> String {
    format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-{}", architecture.name())
}

/// More than any program that was ever released.
const LARGEST: u64 = 2 << 30;

fn open(path: &Utf8Path) -> Result<File, Error> {
    files::open(path.as_std_path(), LARGEST)
        .map_err(|problem| Error::Unreadable { path: path.to_owned(), problem })
}

/// The processor that an ELF file is for, and whether it is started without a loader.
fn describe(file: File) -> Option<(Architecture, bool)> {
    let data = ReadCache::new(file);
    let header = FileHeader64::<LittleEndian>::parse(&data).ok()?;
    let endian = header.endian().ok()?;
    let architecture = match header.e_machine(endian) {
        EM_X86_64 => Architecture::Amd64,
        EM_AARCH64 => Architecture::Arm64,
        _ => return None,
    };
    let segments = header.program_headers(endian, &data).ok()?;
    Some((architecture, !segments.iter().any(|segment| segment.p_type(endian) == PT_INTERP)))
}

/// The file of an archive that is named like the program.
fn unpack(archive: File) -> std::io::Result<Option<NamedTempFile>> {
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(archive)));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() && entry.path()?.file_name().is_some_and(|name| name == NAME)
        {
            let mut file = NamedTempFile::new()?;
            // An archive can say more of itself than any disk holds.
            if std::io::copy(&mut (&mut entry).take(LARGEST + 1), &mut file)? > LARGEST {
                return Err(std::io::Error::other(FileProblem::TooLarge { limit: LARGEST }));
            }
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Compares a file with the sum that is expected, and with the one in `FILE.sha256`.
fn check_sum(path: &Utf8Path, expected: Option<&str>, cancel: &Cancel) -> Result<(), Error> {
    let beside = Utf8PathBuf::from(format!("{path}.sha256"));
    let listed = match files::read(beside.as_std_path(), LARGEST_TEXT) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Some(text.split_whitespace().next().unwrap_or_default().to_owned())
        }
        Err(problem) if problem.is_absent() => None,
        Err(problem) => return Err(Error::Unreadable { path: beside, problem }),
    };
    if listed.is_none() && expected.is_none() {
        return Ok(());
    }
    let (found, _) = sha256_file(path.as_std_path(), cancel)?;
    let wanted = [expected.map(|sum| (sum, None)), listed.as_deref().map(|sum| (sum, Some(&beside)))];
    for (sum, by) in wanted.into_iter().flatten() {
        if !sum.eq_ignore_ascii_case(&found) {
            return Err(ProgramError::WrongSum { path: path.to_owned(), by: by.cloned(), found }.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the processor `machine` whose only segment is of this type.
    fn elf(machine: u16, segment: u32) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".to_vec();
        bytes.extend(machine.to_le_bytes());
        bytes.extend([1, 0, 0, 0]);
        bytes.extend(0_u64.to_le_bytes()); // entry
        bytes.extend(64_u64.to_le_bytes()); // offset of the segments
        bytes.extend([0; 12]);
        bytes.extend([64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
        bytes.extend(segment.to_le_bytes());
        bytes.extend([0; 52]);
        bytes
    }

    #[test]
    fn a_file_says_what_it_runs_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("program");
        for (machine, segment, expected) in
            [(0x3e, 1, (Architecture::Amd64, true)), (0xb7, 3, (Architecture::Arm64, false))]
        {
            std::fs::write(&path, elf(machine, segment)).unwrap();
            let program = Program::read(&path, &Cancel::new()).unwrap().unwrap();
            assert_eq!((program.architecture, program.is_static), expected);
        }
        for other in [elf(0x28, 1), b"#!/bin/sh".to_vec(), Vec::new(), elf(0x3e, 1)[..70].to_vec()] {
            std::fs::write(&path, other).unwrap();
            assert!(Program::read(&path, &Cancel::new()).unwrap().is_none());
            assert!(Program::released(&path, None, &Cancel::new()).unwrap().is_none());
        }
        assert!(Program::read(&path.join("none"), &Cancel::new()).is_err());
    }
}
