//! A file's name and text, and positions in it.

use std::ops::Range;
use std::sync::Arc;

use crate::codes;
use crate::diagnostic::Diagnostic;

/// A text with the name under which a reader knows it. Cloning shares the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// A text under the name that diagnostics show, usually a path relative to the workspace.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Takes a file's bytes. A byte order mark is dropped.
    ///
    /// # Errors
    /// A diagnostic with the code `copilot::yaml::not_text` when the bytes are not UTF-8 or hold a NUL byte.
    pub fn from_bytes(name: impl Into<Arc<str>>, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let name = name.into();
        let nul = bytes.iter().position(|byte| *byte == 0);
        let bad = match String::from_utf8(bytes) {
            Ok(text) if nul.is_none() => {
                return Ok(Self::new(name, text.strip_prefix('\u{feff}').unwrap_or(&text)));
            }
            Ok(_) => nul.unwrap_or_default(),
            Err(error) => nul.unwrap_or(usize::MAX).min(error.utf8_error().valid_up_to()),
        };
        let message = format!("`{name}` is not a text file: byte {bad} is not part of UTF-8 text");
        Err(Box::new(Diagnostic::error(&codes::NOT_TEXT, message).help("save the file as UTF-8 text")))
    }

    /// The name that diagnostics show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both counted from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// A range of byte offsets in a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Number of bytes covered.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is covered.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}
