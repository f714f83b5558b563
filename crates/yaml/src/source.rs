//! A file's name and text, and positions in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::codes;
use crate::diagnostic::Diagnostic;

/// A text with the name under which a reader knows it. Cloning shares the text.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// Made when the first position is asked for, and shared by all clones.
    marks: Arc<OnceLock<Vec<Mark>>>,
}

/// What is known of an offset: so that a position is found without counting from the top.
#[derive(Debug, Clone, Copy)]
struct Mark {
    offset: usize,
    line: usize,
    column: usize,
}

/// Bytes between two marks.
const STRIDE: usize = 512;

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("text", &self.text).finish_non_exhaustive()
    }
}

/// Equal are two with the same name and text. Clones are told by their address, whatever their size.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for Source {}

impl Source {
    /// A text under the name that diagnostics show, usually a path relative to the workspace.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), marks: Arc::default() }
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
        let marks = self.marks.get_or_init(|| marks(&self.text));
        let near = marks.partition_point(|mark| mark.offset <= end).checked_sub(1).map(|at| marks[at]);
        let mut mark = near.unwrap_or(Mark { offset: 0, line: 1, column: 1 });
        mark.pass(&self.text[mark.offset..end]);
        (mark.line, mark.column)
    }
}

impl Mark {
    /// Goes on behind `text`.
    fn pass(&mut self, text: &str) {
        self.offset += text.len();
        for c in text.chars() {
            if c == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
    }
}

fn marks(text: &str) -> Vec<Mark> {
    let mut mark = Mark { offset: 0, line: 1, column: 1 };
    let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
    marks.push(mark);
    while mark.offset + STRIDE < text.len() {
        let mut end = mark.offset + STRIDE;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        mark.pass(&text[mark.offset..end]);
        marks.push(mark);
    }
    marks
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

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn positions_are_those_that_counting_gives() {
        let mut text = "größe: 1\r\nb: 2\n\n".repeat(200);
        text.push_str(&"é€x".repeat(1000));
        let source = Source::new("m.yml", text.as_str());
        for offset in 0..text.len() + 2 {
            let mut end = offset.min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let before = &text[..end];
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let counted = (before.matches('\n').count() + 1, before[start..].chars().count() + 1);
            assert_eq!(source.line_column(offset), counted, "{offset}");
        }
        assert_eq!(Source::new("m.yml", "").line_column(7), (1, 1));
    }
}
