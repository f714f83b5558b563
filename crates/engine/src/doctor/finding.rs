//! What was found.

use copilot_yaml::{Code, Diagnostic, Severity, Source, Span};

use super::date::Date;

/// Something that breaks, or has been lost in silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code, with the text of its page.
    pub code: &'static Code,
    /// How bad it is: an error is broken or lost already.
    pub severity: Severity,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// The day from which it bites, where one is known; it may have passed.
    pub date: Option<Date>,
    /// A public page about it.
    pub reference: String,
    /// What to do.
    pub fix: String,
    /// Where it is.
    pub place: Place,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file of the workspace.
    File {
        /// The file.
        source: Source,
        /// Where in it.
        span: Span,
        /// A few words on what is there.
        label: String,
    },
    /// Something at AWS.
    Resource {
        /// Its ARN, or its name where it has none.
        id: String,
        /// Its region.
        region: String,
    },
}

impl Finding {
    /// A finding in a file.
    pub(super) fn in_file(
        code: &'static Code,
        severity: Severity,
        message: impl Into<String>,
        (source, span, label): (&Source, Span, &str),
    ) -> Self {
        let place = Place::File { source: source.clone(), span, label: label.to_owned() };
        Self::at(code, severity, message, place)
    }

    pub(super) fn at(
        code: &'static Code,
        severity: Severity,
        message: impl Into<String>,
        place: Place,
    ) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            date: None,
            reference: String::new(),
            fix: String::new(),
            place,
        }
    }

    pub(super) fn reference(mut self, address: impl Into<String>) -> Self {
        self.reference = address.into();
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    pub(super) fn date(mut self, date: Date) -> Self {
        self.date = Some(date);
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// As what is drawn with the lines that it is about.
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(self.code, self.message.clone()),
            Severity::Warning => Diagnostic::warning(self.code, self.message.clone()),
        };
        match &self.place {
            Place::File { source, span, label } => {
                diagnostic.at(source, *span, label.clone()).help(self.advice())
            }
            Place::Resource { id, region } if region.is_empty() => {
                diagnostic.help(format!("{id}\n{}", self.advice()))
            }
            Place::Resource { id, region } => diagnostic.help(format!("{id} in {region}\n{}", self.advice())),
        }
    }

    fn advice(&self) -> String {
        if self.reference.is_empty() {
            self.fix.clone()
        } else {
            format!("{}\nsee {}", self.fix, self.reference)
        }
    }

    /// What orders findings: errors first, then by date, file and place.
    pub(super) fn order(&self) -> (Severity, Option<Date>, String, usize) {
        let (name, start) = match &self.place {
            Place::File { source, span, .. } => (source.name().to_owned(), span.start),
            Place::Resource { id, .. } => (id.clone(), 0),
        };
        (self.severity, self.date, name, start)
    }
}
