//! What a manifest gets wrong that only shows when it meets its environment.

use copilot_manifest::decode::{Path, Spanned};
use copilot_manifest::interpolate::Written;
use copilot_yaml::{Code, Diagnostic, Diagnostics, Source, Span};

/// Collects problems with a manifest.
#[derive(Debug)]
pub(crate) struct Problems<'a> {
    source: &'a Source,
    written: Option<&'a Written>,
    found: Diagnostics,
}

impl<'a> Problems<'a> {
    /// For a manifest's file.
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, written: None, found: Diagnostics::default() }
    }

    /// Shows what the manifest says where a problem is about what a variable holds.
    #[must_use]
    pub(crate) fn restoring(mut self, written: &'a Written) -> Self {
        self.written = Some(written);
        self
    }

    /// Reports a problem with the value of a key such as `http.alias`.
    pub(crate) fn report<T>(
        &mut self,
        code: &'static Code,
        path: impl Into<Path>,
        value: &Spanned<T>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report_at(code, path, value.span, message, help);
    }

    /// Reports a problem at a place of the file.
    pub(crate) fn report_at(
        &mut self,
        code: &'static Code,
        path: impl Into<Path>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut problem = Diagnostic::error(code, message)
            .at(self.source, span, "")
            .help(help)
            .path(path.into().to_string());
        if let Some(written) = self.written {
            written.restore(&mut problem);
        }
        self.found.push(problem);
    }

    /// All problems; `Ok` when there are none.
    ///
    /// # Errors
    /// The problems.
    pub(crate) fn finish(mut self) -> Result<(), Diagnostics> {
        self.found.sort();
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }
}
