//! What is wrong with a file: message, code, labelled spans, help.

use std::fmt;

use crate::codes::Code;
use crate::source::{Source, Span};

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// The file is used, but probably not as its author meant it.
    Warning,
}

/// A place in the diagnostic's source with a few words on what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where in the source.
    pub span: Span,
    /// What to say about it; may be empty.
    pub text: String,
}

/// A place in another file than the diagnostic's, with a few words on what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The other file.
    pub source: Source,
    /// Where in it, and what to say about it.
    pub label: Label,
}

/// `file:line:column: text`.
impl fmt::Display for Related {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_column(self.label.span.start);
        write!(f, "{}:{line}:{column}: {}", self.source.name(), self.label.text)
    }
}

impl std::error::Error for Related {}

/// One problem of one file. The first label is the primary one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, with the text of its page.
    pub code: &'static Code,
    /// Error or warning.
    pub severity: Severity,
    /// Lower-case fragment without a full stop.
    pub message: String,
    /// The file that the labels point into, if there is one.
    pub source: Option<Source>,
    /// The places that matter, the primary one first.
    pub labels: Vec<Label>,
    /// Places in other files that are part of the problem.
    pub related: Vec<Related>,
    /// What to write instead.
    pub help: Option<String>,
    /// Path of keys to the problem, such as `http.healthcheck.path`; empty at the top of a file.
    pub path: String,
}

impl Diagnostic {
    /// A problem that makes the file unusable.
    pub fn error(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            source: None,
            labels: Vec::new(),
            related: Vec::new(),
            help: None,
            path: String::new(),
        }
    }

    /// A problem that leaves the file usable.
    pub fn warning(code: &'static Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a labelled place. All labels of a diagnostic are in one source.
    #[must_use]
    pub fn at(mut self, source: &Source, span: Span, text: impl Into<String>) -> Self {
        self.source.get_or_insert_with(|| source.clone());
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a place in another file.
    #[must_use]
    pub fn related(mut self, source: &Source, span: Span, text: impl Into<String>) -> Self {
        let label = Label { span, text: text.into() };
        self.related.push(Related { source: source.clone(), label });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which key the problem is about.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Whether the file can't be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn order(&self) -> (String, usize, usize) {
        let name = self.source.as_ref().map(|s| s.name().to_owned()).unwrap_or_default();
        let span = self.labels.first().map(|label| label.span).unwrap_or_default();
        (name, span.start, span.end)
    }
}

/// `file:line:column: message`, for logs and for callers that don't draw. The alternate form `{:#}` begins with the severity
/// and has the code, the places in other files and the help, these on lines of their own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        if f.alternate() {
            write!(f, "{severity}: ")?;
        }
        if let Some(source) = &self.source {
            let offset = self.labels.first().map_or(0, |label| label.span.start);
            let (line, column) = source.line_column(offset);
            write!(f, "{}:{line}:{column}: ", source.name())?;
        }
        f.write_str(&self.message)?;
        if f.alternate() {
            write!(f, " [{}]", self.code.id)?;
            self.related.iter().try_for_each(|place| write!(f, "\n  {place}"))?;
            self.help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

/// All problems found so far, in whatever order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(Diagnostic::is_error)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The problems, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// Orders by file and position and drops what was found twice.
    pub fn sort(&mut self) {
        self.items.sort_by_cached_key(Diagnostic::order);
        self.items.dedup();
    }

    /// Turns every warning into an error, as `--strict` asks.
    pub fn deny_warnings(&mut self) {
        for item in &mut self.items {
            item.severity = Severity::Error;
        }
    }

    /// Keeps those of which `keep` is true.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.items.retain(keep);
    }

    /// What was read, unless there is an error among the problems: for a caller that goes no further then.
    ///
    /// # Errors
    /// The problems, if one of them is an error or nothing was read.
    pub fn into_result<T>(self, read: Option<T>) -> Result<T, Self> {
        match read {
            Some(read) if !self.has_errors() => Ok(read),
            _ => Err(self),
        }
    }

    /// Drops everything found after the first `len` problems: for a reader that tries one form, then another.
    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }
}

/// The problems with all that is known of them, each on lines of its own.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.iter().enumerate().try_for_each(|(place, item)| match place {
            0 => write!(f, "{item:#}"),
            _ => write!(f, "\n{item:#}"),
        })
    }
}

/// So that a program that only wants to say what is wrong can use `?`.
impl std::error::Error for Diagnostics {}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { items: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self { items: iter.into_iter().collect() }
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.items.extend(iter);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(feature = "miette")]
mod drawing {
    use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

    use super::{Diagnostic, Related, Severity};
    use crate::source::Source;

    impl SourceCode for Source {
        fn read_span<'a>(
            &'a self,
            span: &SourceSpan,
            before: usize,
            after: usize,
        ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
            let inner = self.text().read_span(span, before, after)?;
            Ok(Box::new(MietteSpanContents::new_named(
                self.name().to_owned(),
                inner.data(),
                *inner.span(),
                inner.line(),
                inner.column(),
                inner.line_count(),
            )))
        }
    }

    impl miette::Diagnostic for Related {
        fn severity(&self) -> Option<miette::Severity> {
            Some(miette::Severity::Advice)
        }

        fn source_code(&self) -> Option<&dyn SourceCode> {
            Some(&self.source)
        }

        fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
            let span = (self.label.span.start, self.label.span.len());
            Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
        }
    }

    impl miette::Diagnostic for Diagnostic {
        fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
            Some(Box::new(self.code.id))
        }

        fn severity(&self) -> Option<miette::Severity> {
            Some(match self.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            })
        }

        fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
            self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
        }

        fn source_code(&self) -> Option<&dyn SourceCode> {
            self.source.as_ref().map(|source| source as &dyn SourceCode)
        }

        fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
            Some(Box::new(self.labels.iter().enumerate().map(|(index, label)| {
                let text = (!label.text.is_empty()).then(|| label.text.clone());
                let span = (label.span.start, label.span.len());
                match index {
                    0 => LabeledSpan::new_primary_with_span(text, span),
                    _ => LabeledSpan::new_with_span(text, span),
                }
            })))
        }

        fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
            let places = self.related.iter().map(|place| place as &dyn miette::Diagnostic);
            (!self.related.is_empty()).then(|| Box::new(places) as Box<_>)
        }
    }
}
