//! A diagnostic as it is drawn: its place stands in the frame, so its message comes without it.

use std::borrow::Cow;
use std::fmt;

use copilot_yaml::{Diagnostic, Diagnostics, Label, Source, Span};
use miette::{LabeledSpan, Severity, SourceCode};

use crate::harmless::{Mapped, harmless, shortened};
use crate::io::LONGEST;

/// Makes diagnostics harmless. Several in a row are mostly about one file, which is then read once.
#[derive(Debug, Default)]
pub(crate) struct Drawer {
    /// The file that was asked for last, with what it has become if that is something else.
    latest: Option<(Source, Option<(Source, Mapped)>)>,
}

impl Drawer {
    /// The diagnostic, with nothing from the file in it that acts on a terminal, and its places where they are then.
    pub(crate) fn harmless(&mut self, diagnostic: &Diagnostic) -> Diagnostic {
        let mut drawn = diagnostic.clone();
        drawn.message = message(&drawn.message);
        drawn.help = drawn.help.as_deref().map(message);
        if let Some(source) = &diagnostic.source {
            for label in &mut drawn.labels {
                label.span = self.place(source, label);
            }
            drawn.source = Some(self.of(source));
        }
        for related in &mut drawn.related {
            related.label.span = self.place(&related.source, &related.label);
            related.source = self.of(&related.source);
        }
        for label in drawn.labels.iter_mut().chain(drawn.related.iter_mut().map(|related| &mut related.label))
        {
            label.text = message(&label.text);
        }
        drawn
    }

    fn place(&mut self, source: &Source, label: &Label) -> Span {
        match self.known(source) {
            Some((_, mapped)) => Span::new(mapped.place(label.span.start), mapped.place(label.span.end)),
            None => label.span,
        }
    }

    fn of(&mut self, source: &Source) -> Source {
        self.known(source).map_or(source, |(known, _)| known).clone()
    }

    /// What a file has become, if that is something else.
    fn known(&mut self, source: &Source) -> Option<&(Source, Mapped)> {
        if !matches!(&self.latest, Some((latest, _)) if std::ptr::eq(latest.text(), source.text())) {
            self.latest = None;
        }
        let made = || {
            let plain = matches!(harmless(source.text()), Cow::Borrowed(_))
                && matches!(harmless(source.name()), Cow::Borrowed(_));
            let mapped = (!plain).then(|| Mapped::of(source.text()));
            let changed = mapped.map(|mapped| {
                (Source::new(harmless(source.name()).into_owned(), mapped.text.clone()), mapped)
            });
            (source.clone(), changed)
        };
        self.latest.get_or_insert_with(made).1.as_ref()
    }
}

fn message(text: &str) -> String {
    harmless(&shortened(text, LONGEST)).into_owned()
}

#[derive(Debug)]
pub(crate) struct Drawn<'a>(pub(crate) &'a Diagnostic);

/// Longer lines, in bytes, would fill the screen.
const LONGEST_LINE: usize = 300;

/// Of a label that covers more lines, only the first is drawn.
const MOST_LINES: usize = 8;

/// Most labels of one problem.
const MOST_LABELS: usize = 20;

/// Most problems that are drawn at once.
pub(crate) const MOST: usize = 50;

/// The problems that are drawn, in their order, and how many are not. Errors come before warnings where there is no room for all.
pub(crate) fn choose(found: &Diagnostics) -> (Vec<&Diagnostic>, usize) {
    let more = found.len().saturating_sub(MOST);
    if more == 0 {
        return (found.iter().collect(), 0);
    }
    let errors = found.iter().filter(|problem| problem.is_error()).count().min(MOST);
    let (mut errors, mut warnings) = (errors, MOST - errors);
    let chosen = found.iter().filter(|problem| {
        let room = if problem.is_error() { &mut errors } else { &mut warnings };
        let fits = *room > 0;
        *room = room.saturating_sub(1);
        fits
    });
    (chosen.collect(), more)
}

impl Drawn<'_> {
    /// Whether the lines around the problem can be shown.
    fn has_frame(&self) -> bool {
        let (Some(source), Some(label)) = (&self.0.source, self.0.labels.first()) else { return false };
        let (line, _) = source.line_column(label.span.start);
        let mut around = source.text().lines().skip(line.saturating_sub(2)).take(3);
        around.all(|line| line.len() <= LONGEST_LINE)
    }
}

/// The span, or its first line if it covers many.
fn drawn(source: &Source, span: Span) -> Span {
    let text = source.text().get(span.start..span.end).unwrap_or_default();
    match text.match_indices('\n').nth(MOST_LINES - 1) {
        Some(_) => Span::new(span.start, span.start + text.find('\n').unwrap_or_default()),
        None => span,
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
        let source = self.0.source.as_ref().filter(|_| self.has_frame())?;
        let labels = self.0.labels.iter().take(MOST_LABELS).enumerate().map(move |(index, label)| {
            let text = (!label.text.is_empty()).then(|| label.text.clone());
            let span = drawn(source, label.span);
            let span = (span.start, span.len());
            match index {
                0 => LabeledSpan::new_primary_with_span(text, span),
                _ => LabeledSpan::new_with_span(text, span),
            }
        });
        Some(Box::new(labels))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        miette::Diagnostic::related(self.0)
    }
}
