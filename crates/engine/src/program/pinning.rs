//! The hashes of programs in buildspecs.

use camino::Utf8Path;

use super::{Architecture, Program};
use crate::error::Error;
use crate::event::Notice;
use crate::files::{Existing, read_own, write_all};
use crate::host::Host;
use crate::project::Project;

/// Writes the hash of a program into a buildspec. Returns whether it changed.
///
/// # Errors
/// When the buildspec can't be read or written.
pub fn pin(
    buildspec: &Utf8Path,
    program: &Program,
    project: &Project,
    host: &dyn Host,
) -> Result<bool, Error> {
    let Some(text) = read(buildspec, project)? else {
        let problem = std::io::Error::from(std::io::ErrorKind::NotFound).into();
        return Err(Error::Unreadable { path: buildspec.to_owned(), problem });
    };
    let Some(new) = repinned(&text, program.architecture, &program.sha256).filter(|new| *new != text) else {
        return Ok(false);
    };
    write_all(&[(buildspec.to_owned(), new.into_bytes())], Existing::Replace, project.folder())?;
    host.notice(Notice::ProgramPinned {
        architecture: program.architecture,
        buildspec: buildspec.strip_prefix(project.folder()).unwrap_or(buildspec).to_owned(),
    });
    Ok(true)
}

/// The text of a buildspec of the project, if there is one.
pub(super) fn read(buildspec: &Utf8Path, project: &Project) -> Result<Option<String>, Error> {
    let problem = match read_own(buildspec, project.folder()).map(String::from_utf8) {
        Ok(Ok(text)) => return Ok(Some(text)),
        Ok(Err(_)) => std::io::Error::other("it is not UTF-8").into(),
        Err(problem) if problem.is_absent() => return Ok(None),
        Err(problem) => problem,
    };
    Err(Error::Unreadable { path: buildspec.to_owned(), problem })
}

/// The hash that a buildspec pins, which may be empty; `None` if it has no place for one.
pub(super) fn pinned(buildspec: &str, architecture: Architecture) -> Option<&str> {
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
}
