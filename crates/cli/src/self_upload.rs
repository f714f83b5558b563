//! Bringing this program to where builds fetch it from, and pinning it.
//!
//! A build fetches the program from the application's artifact bucket, at a key made of its hash. The hash stands in the
//! committed buildspec: whoever can write to the bucket, as every build can, still can't change what the next build runs.

use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use copilot_artifact::assets::Bucket;
use copilot_artifact::aws::S3Store;
use copilot_artifact::{
    Backends, Body, Cancel, ImageSink, Location, ObjectRequest, ObjectStore as _, Options, Plan, execute,
    sha256_file,
};

use crate::aws::Aws;
use crate::failure::Failure;
use crate::files::{Existing, write_all};
use crate::io::Io;

/// A processor that build images run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit Arm.
    Arm64,
}

impl Architecture {
    pub(crate) const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The variable of a buildspec that holds the hash of the program for this processor.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Amd64 => "COPILOT_PIPELINE_SHA256_AMD64",
            Self::Arm64 => "COPILOT_PIPELINE_SHA256_ARM64",
        }
    }
}

/// A program for Linux.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: Utf8PathBuf,
    pub(crate) architecture: Architecture,
    pub(crate) sha256: String,
    size: u64,
}

impl Program {
    /// Reads a file; `None` if it is no program for Linux on one of the processors.
    pub(crate) fn read(path: &Utf8Path) -> Result<Option<Self>, Failure> {
        let mut header = [0; 20];
        let read = std::fs::File::open(path).and_then(|file| file.take(20).read_exact(&mut header));
        let architecture = match read {
            Ok(()) => architecture(&header),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(Failure::new(format!("can't read `{path}`: {error}"))),
        };
        let Some(architecture) = architecture else { return Ok(None) };
        let (sha256, size) = sha256_file(path.as_std_path(), &Cancel::new())?;
        Ok(Some(Self { path: path.to_owned(), architecture, sha256, size }))
    }

    fn object(&self, bucket: &Bucket) -> ObjectRequest {
        let path = self.path.clone().into_std_path_buf();
        let body = Body::File { path, sha256: self.sha256.clone(), size: self.size };
        let what = format!("copilot-pipeline for {}", self.architecture.name());
        ObjectRequest::new(bucket.at(key(self.architecture, &self.sha256)), body, what)
    }
}

/// The processor that an ELF file is for.
fn architecture(header: &[u8; 20]) -> Option<Architecture> {
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    match u16::from_le_bytes([header[18], header[19]]) {
        0x3e => Some(Architecture::Amd64),
        0xb7 => Some(Architecture::Arm64),
        _ => None,
    }
}

fn key(architecture: Architecture, sha256: &str) -> String {
    format!("copilot-pipeline/{sha256}/copilot-pipeline-linux-{}", architecture.name())
}

/// Uploads a program unless the bucket has it. Returns whether it had to.
pub(crate) fn upload(program: &Program, bucket: &Bucket, aws: &Aws, io: &Io<'_>) -> Result<bool, Failure> {
    let temp = tempfile::tempdir()
        .map_err(|error| Failure::new(format!("can't make a temporary folder: {error}")))?;
    let mut plan = Plan::new();
    plan.object(program.object(bucket));
    let store = std::sync::Arc::new(S3Store::new(aws.session().config()));
    let backends = Backends { images: ImageSink::Nowhere, objects: Some(store) };
    let options = Options::new(io.now(), temp.path());
    let report =
        aws.wait(async { execute(&plan, &backends, &options).await.map_err(|failure| failure.error) })?;
    Ok(report.uploads() > 0)
}

/// Makes sure that builds of a pipeline find the program that its buildspec pins, or pins this program where none is pinned
/// yet. What can't be done is a warning: the buildspec may be the user's own, and another machine may have the program.
pub(crate) fn ensure(
    buildspec: &Utf8Path,
    architecture: Architecture,
    bucket: &Bucket,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let Ok(text) = std::fs::read_to_string(buildspec) else { return Ok(()) };
    let Some(pinned) = pinned(&text, architecture).map(str::to_owned) else { return Ok(()) };
    if !pinned.is_empty() && is_there(&bucket.at(key(architecture, &pinned)), aws)? {
        return Ok(());
    }
    let own = io.program().map(Program::read).transpose()?.flatten();
    let fits =
        |own: &Program| own.architecture == architecture && (pinned.is_empty() || pinned == own.sha256);
    let Some(program) = own.filter(fits) else {
        io.warning(&format!(
            "builds on {} will not find the program that `{buildspec}` wants",
            architecture.name()
        ));
        io.hint("`copilot-pipeline self upload --file PROGRAM` brings one there and pins it");
        return Ok(());
    };
    upload(&program, bucket, aws, io)?;
    pin(buildspec, &program, io)?;
    Ok(())
}

fn is_there(at: &Location, aws: &Aws) -> Result<bool, Failure> {
    let store = S3Store::new(aws.session().config());
    let found = aws.wait(async { store.head(at).await.map_err(copilot_artifact::Error::from) })?;
    Ok(found.is_some())
}

/// Writes the hash of a program into a buildspec. Returns whether it changed.
pub(crate) fn pin(buildspec: &Utf8Path, program: &Program, io: &mut Io<'_>) -> Result<bool, Failure> {
    let text = std::fs::read_to_string(buildspec)
        .map_err(|error| Failure::new(format!("can't read `{buildspec}`: {error}")))?;
    let Some(new) = repinned(&text, program.architecture, &program.sha256).filter(|new| *new != text) else {
        return Ok(false);
    };
    write_all(&[(buildspec.to_owned(), new.into_bytes())], Existing::Replace)?;
    io.done(&format!(
        "pinned the program for {} in `{buildspec}`: commit and push it",
        program.architecture.name()
    ));
    Ok(true)
}

/// The hash that a buildspec pins, which may be empty; `None` if it has no place for one.
fn pinned(buildspec: &str, architecture: Architecture) -> Option<&str> {
    buildspec.lines().find_map(|line| value(line, architecture))
}

/// The text with another hash; everything else stays as it is.
fn repinned(buildspec: &str, architecture: Architecture, sha256: &str) -> Option<String> {
    pinned(buildspec, architecture)?;
    let line = |line: &str| match value(line, architecture) {
        Some(_) => {
            let start = line.find(architecture.variable()).unwrap_or_default();
            let end = if line.ends_with("\r\n") {
                "\r\n"
            } else if line.ends_with('\n') {
                "\n"
            } else {
                ""
            };
            format!("{}{}: \"{sha256}\"{end}", &line[..start], architecture.variable())
        }
        None => line.to_owned(),
    };
    Some(buildspec.split_inclusive('\n').map(line).collect())
}

/// The value of the variable, if this line gives it one.
fn value(line: &str, architecture: Architecture) -> Option<&str> {
    let value = line.trim().strip_prefix(architecture.variable())?.trim_start().strip_prefix(':')?;
    Some(value.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_replaced_in_its_line_only() {
        let text = "env:\r\n  variables:\r\n    # COPILOT_PIPELINE_SHA256_AMD64: none\r\n    COPILOT_PIPELINE_SHA256_AMD64: \"\"\r\n    COPILOT_PIPELINE_SHA256_ARM64: 'ab'\r\n";
        assert_eq!(pinned(text, Architecture::Amd64), Some(""));
        assert_eq!(pinned(text, Architecture::Arm64), Some("ab"));
        let new = repinned(text, Architecture::Amd64, "cd").unwrap();
        assert_eq!(new, text.replace("AMD64: \"\"", "AMD64: \"cd\""));
        assert_eq!(repinned("version: 0.2\n", Architecture::Amd64, "cd"), None);
    }

    #[test]
    fn a_file_says_which_processor_it_is_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(dir.path()).unwrap().join("program");
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0rest".to_vec();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Program::read(&path).unwrap().unwrap().architecture, Architecture::Amd64);
        bytes[18] = 0xb7;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Program::read(&path).unwrap().unwrap().architecture, Architecture::Arm64);
        std::fs::write(&path, "#!/bin/sh").unwrap();
        assert!(Program::read(&path).unwrap().is_none());
        assert!(Program::read(&path.join("none")).is_err());
    }
}
