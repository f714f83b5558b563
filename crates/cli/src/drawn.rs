//! A diagnostic as it is drawn: its place stands in the frame, so its message comes without it.

use std::fmt;

use copilot_yaml::Diagnostic;
use miette::{LabeledSpan, Severity, SourceCode};

#[derive(Debug)]
pub(crate) struct Drawn<'a>(pub(crate) &'a Diagnostic);

/// Longer lines, in bytes, would fill the screen.
const LONGEST_LINE: usize = 300;

impl Drawn<'_> {
    /// Whether the lines around the problem can be shown.
    fn has_frame(&self) -> bool {
        let (Some(source), Some(label)) = (&self.0.source, self.0.labels.first()) else { return false };
        let (line, _) = source.line_column(label.span.start);
        let mut around = source.text().lines().skip(line.saturating_sub(2)).take(3);
        around.all(|line| line.len() <= LONGEST_LINE)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_frame() { f.write_str(&self.0.message) } else { write!(f, "{}", self.0) }
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        miette::Diagnostic::code(self.0)
    }

    fn severity(&self) -> Option<Severity> {
        miette::Diagnostic::severity(self.0)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        miette::Diagnostic::help(self.0)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        miette::Diagnostic::source_code(self.0).filter(|_| self.has_frame())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        miette::Diagnostic::labels(self.0).filter(|_| self.has_frame())
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        miette::Diagnostic::related(self.0)
    }
}
