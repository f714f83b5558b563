//! Tables for people: in columns where the terminal is wide enough, else a block of lines for each row.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::harmless::one_line;
use crate::text::Text;

/// Columns between two columns of a table.
const GAP: usize = 2;
/// As many columns are left to the last one, or as many as it needs, before rows become blocks.
const NARROWEST: usize = 24;

/// A cell of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell in a style.
    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: one_line(text.as_ref()), style }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::styled(text, Style::new())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// A table with a heading for each column.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Takes away columns that no row has anything in.
    pub(crate) fn without_empty(mut self) -> Self {
        let used = |index: usize| {
            self.rows.iter().any(|row| row.get(index).is_some_and(|cell| !cell.text.is_empty()))
        };
        let used: Vec<bool> = (0..self.headings.len()).map(used).collect();
        let mut kept = used.iter();
        self.headings.retain(|_| *kept.next().unwrap_or(&true));
        for row in &mut self.rows {
            let mut kept = used.iter();
            row.retain(|_| *kept.next().unwrap_or(&true));
        }
        self
    }

    /// In `width` columns, of which `indent` are blank. The last column may be wrapped.
    pub(crate) fn draw(&self, indent: usize, width: usize) -> Text {
        let columns = self.columns();
        let lead: usize = columns.iter().rev().skip(1).map(|column| column + GAP).sum();
        let last = columns.last().copied().unwrap_or_default().min(NARROWEST);
        if indent + lead + last <= width {
            self.in_columns(indent, &columns, width)
        } else {
            self.in_blocks(indent, width)
        }
    }

    fn columns(&self) -> Vec<usize> {
        let widest = |(index, heading): (usize, &&str)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index)).map(Cell::width);
            cells.chain([heading.width()]).max().unwrap_or_default()
        };
        self.headings.iter().enumerate().map(widest).collect()
    }

    fn in_columns(&self, indent: usize, columns: &[usize], width: usize) -> Text {
        let bold = Style::new().bold();
        let headings: Vec<Cell> = self.headings.iter().map(|heading| Cell::styled(heading, bold)).collect();
        let mut text = Text::new();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let mut line = Text::from(" ".repeat(indent));
            let mut lead = indent;
            let Some((last, others)) = row.split_last() else { continue };
            for (cell, column) in others.iter().zip(columns) {
                line.paint(cell.style, &cell.text);
                line.push(" ".repeat(GAP + column - cell.width()));
                lead += GAP + column;
            }
            if last.text.is_empty() {
                line.trim_end();
                line.push("\n");
            } else {
                line.push(hanging(&last.text, last.style, lead, width));
            }
            text.push(line);
        }
        text
    }

    /// The first cell is the heading of a block, the others follow with their names.
    fn in_blocks(&self, indent: usize, width: usize) -> Text {
        let named = self.headings.iter().skip(1).map(|heading| heading.width()).max().unwrap_or_default();
        let mut text = Text::new();
        for row in &self.rows {
            let mut cells = row.iter().zip(&self.headings);
            if let Some((first, _)) = cells.next() {
                let style = if first.style == Style::new() { first.style.bold() } else { first.style };
                let _ = write!(text, "{:indent$}", "");
                text.paint(style, &first.text);
                text.push("\n");
            }
            for (cell, heading) in cells.filter(|(cell, _)| !cell.text.is_empty()) {
                let lead = indent + 2 + named + GAP;
                let blanks = " ".repeat(indent + 2);
                let _ = write!(text, "{blanks}{heading:named$}  ");
                text.push(hanging(&cell.text, cell.style, lead, width));
            }
        }
        text
    }
}

/// A text that goes on at the same place in the next lines, with a line feed at its end. Words are never cut.
pub(crate) fn hanging(text: &str, style: Style, lead: usize, width: usize) -> Text {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().map_or(0, |line| line.width());
        let fits = line == 0 || lead + line + 1 + word.width() <= width;
        match lines.last_mut().filter(|_| fits) {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    let mut told = Text::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            told.push(" ".repeat(lead));
        }
        told.paint(style, line);
        told.push("\n");
    }
    told
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::{Cell, Table};

    fn table() -> Table {
        let mut table = Table::new(&["Name", "Empty", "Type", "Reason"]);
        table.row(
            ["web", "", "Backend Service", "a reason that\nis long enough to be wrapped somewhere"]
                .map(Cell::from),
        );
        table.row(["größe", "", "x", ""].map(Cell::from));
        table.without_empty()
    }

    #[test]
    fn wide_and_narrow() {
        insta::assert_snapshot!(strip_str(table().draw(2, 80).as_styled()).to_string(), @r"
          Name   Type             Reason
          web    Backend Service  a reason that is long enough to be wrapped somewhere
          größe  x
        ");
        insta::assert_snapshot!(strip_str(table().draw(2, 60).as_styled()).to_string(), @r"
          Name   Type             Reason
          web    Backend Service  a reason that is long enough to be
                                  wrapped somewhere
          größe  x
        ");
        insta::assert_snapshot!(strip_str(table().draw(2, 40).as_styled()).to_string(), @r"
          web
            Type    Backend Service
            Reason  a reason that is long enough
                    to be wrapped somewhere
          größe
            Type    x
        ");
    }
}
