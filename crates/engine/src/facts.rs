//! What is known of AWS, from a file.

use camino::Utf8Path;
use copilot_stack::Facts;
use copilot_yaml::{Diagnostics, Source};

use crate::error::Error;
use crate::files::read_named;

/// Reads facts from a file that a user has named, relative to `folder`, with warnings about it.
///
/// # Errors
/// When it can't be read, or holds no facts.
pub fn read(path: &Utf8Path, folder: &Utf8Path) -> Result<(Facts, Diagnostics), Error> {
    let bytes =
        read_named(path, folder).map_err(|problem| Error::Unreadable { path: path.to_owned(), problem })?;
    let mut diagnostics = Diagnostics::default();
    let source = Source::from_bytes(path.as_str(), bytes).map_err(|problem| Error::from(*problem))?;
    match Facts::read(&source, &mut diagnostics) {
        Some(facts) => Ok((facts, diagnostics)),
        None => Err(Error::Findings(diagnostics)),
    }
}

/// As [`read`], for facts that have to be about `application`.
///
/// # Errors
/// As [`read`], and when they are about another one.
pub fn of_application(
    path: &Utf8Path,
    folder: &Utf8Path,
    application: &str,
) -> Result<(Facts, Diagnostics), Error> {
    let (facts, diagnostics) = read(path, folder)?;
    if facts.application.name == application {
        return Ok((facts, diagnostics));
    }
    let known = facts.application.name;
    Err(Error::ForeignFacts { path: path.to_owned(), known, application: application.to_owned() })
}
