//! The few rows of a terminal in which a question stands.

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::UnicodeWidthChar as _;

use crate::harmless::one_line;
use crate::text::Text;

/// A row as it is meant: it is wrapped where the terminal ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(Vec<(Style, String)>);

impl Row {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With more text.
    pub(super) fn with(mut self, style: Style, text: &str) -> Self {
        self.0.push((style, text.to_owned()));
        self
    }

    /// With text from elsewhere, in one line and with nothing in it that acts.
    pub(super) fn with_foreign(self, style: Style, text: &str) -> Self {
        self.with(style, &one_line(text))
    }

    /// Letters so far.
    pub(super) fn letters(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

/// What is to be seen.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    pub(super) rows: Vec<Row>,
    /// Letters of the first row before the cursor.
    pub(super) cursor: usize,
}

/// Draws views, one over the other.
pub(super) struct Screen<W> {
    to: W,
    /// Columns of a row. One less than the terminal has, so that it never wraps by itself.
    width: usize,
    color: bool,
    /// Rows of the latest view, and that of the cursor.
    drawn: (usize, usize),
}

impl<W: Write> Screen<W> {
    pub(super) fn new(to: W, columns: usize, color: bool) -> Self {
        Self { to, width: columns.saturating_sub(1).max(10), color, drawn: (0, 0) }
    }

    pub(super) fn resize(&mut self, columns: usize) {
        self.width = columns.saturating_sub(1).max(10);
    }

    /// Replaces what was drawn.
    pub(super) fn draw(&mut self, view: &View) -> io::Result<()> {
        let mut rows = Vec::new();
        let mut cursor = (0, 0);
        for (index, row) in view.rows.iter().enumerate() {
            let (wrapped, place) = wrap(row, self.width, view.cursor);
            if index == 0 {
                cursor = place;
            }
            rows.extend(wrapped);
        }
        self.go_to_start()?;
        for (index, row) in rows.iter().enumerate() {
            let end = if index > 0 { "\r\n" } else { "" };
            let row = if self.color { row.as_styled().to_owned() } else { plain(row) };
            write!(self.to, "{end}{row}")?;
        }
        let last = rows.len().saturating_sub(1);
        up(&mut self.to, last - cursor.0)?;
        write!(self.to, "\r")?;
        if cursor.1 > 0 {
            write!(self.to, "\x1b[{}C", cursor.1)?;
        }
        self.drawn = (last, cursor.0);
        self.to.flush()
    }

    /// Replaces what was drawn, and goes on below.
    pub(super) fn finish(&mut self, view: &View) -> io::Result<()> {
        self.draw(view)?;
        self.leave()
    }

    /// Leaves what was drawn as it is, and goes on below.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        let (last, cursor) = self.drawn;
        write!(self.to, "{}\r\n", "\r\n".repeat(last - cursor))?;
        self.drawn = (0, 0);
        self.to.flush()
    }

    fn go_to_start(&mut self) -> io::Result<()> {
        up(&mut self.to, self.drawn.1)?;
        write!(self.to, "\r\x1b[J")
    }
}

fn up(to: &mut impl Write, rows: usize) -> io::Result<()> {
    if rows > 0 { write!(to, "\x1b[{rows}A") } else { Ok(()) }
}

fn plain(row: &Text) -> String {
    anstream::adapter::strip_str(row.as_styled()).to_string()
}

/// The rows of a terminal, and row and column of the place behind so many letters.
fn wrap(row: &Row, width: usize, cursor: usize) -> (Vec<Text>, (usize, usize)) {
    let mut rows = vec![Text::new()];
    let (mut column, mut letters, mut place) = (0, 0, (0, 0));
    for (style, text) in &row.0 {
        let mut piece = String::new();
        for c in text.chars() {
            if letters == cursor {
                place = (rows.len() - 1, column);
            }
            let columns = c.width().unwrap_or_default();
            if column + columns > width {
                if let Some(last) = rows.last_mut() {
                    last.paint(*style, std::mem::take(&mut piece));
                }
                rows.push(Text::new());
                column = 0;
                if letters == cursor {
                    place = (rows.len() - 1, 0);
                }
            }
            piece.push(c);
            column += columns;
            letters += 1;
        }
        if let Some(last) = rows.last_mut() {
            last.paint(*style, piece);
        }
    }
    if letters <= cursor {
        place = (rows.len() - 1, column);
    }
    (rows, place)
}

#[cfg(test)]
mod tests {
    use anstyle::Style;

    use super::{Row, Screen, View, wrap};

    #[test]
    fn rows_are_wrapped_before_the_terminal_does_it() {
        let row = Row::new().with(Style::new(), "? ab ").with_foreign(Style::new(), "cd日本\u{1b}[2J");
        let (rows, place) = wrap(&row, 8, 6);
        let rows: Vec<&str> = rows.iter().map(super::Text::as_styled).collect();
        assert_eq!(rows, ["? ab cd", "日本\\u{1", "b}[2J"]);
        assert_eq!(place, (0, 6));
        assert_eq!(wrap(&row, 8, 7).1, (1, 0), "the cursor stands on the letter, not behind the edge");
        assert_eq!(wrap(&row, 8, 100).1, (2, 5));
    }

    #[test]
    fn what_was_drawn_is_replaced() {
        let mut written = Vec::new();
        let mut screen = Screen::new(&mut written, 80, false);
        let row = |text: &str| Row::new().with(Style::new().bold(), text);
        screen.draw(&View { rows: vec![row("? one"), row("help")], cursor: 4 }).unwrap();
        screen.draw(&View { rows: vec![row("? two")], cursor: 5 }).unwrap();
        screen.leave().unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            "\r\x1b[J? one\r\nhelp\x1b[1A\r\x1b[4C\r\x1b[J? two\r\x1b[5C\r\n"
        );
    }
}
