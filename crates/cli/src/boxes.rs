//! Stages as a row of boxes, which wraps where the terminal ends.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::harmless::one_line;
use crate::text::Text;

/// A box with a title above its lines.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
    /// What stands in the lower edge.
    pub(crate) footer: String,
    /// How the edges look.
    pub(crate) style: Style,
}

/// A line of a box.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) style: Style,
}

struct Edges {
    corners: [&'static str; 4],
    horizontal: &'static str,
    vertical: &'static str,
    arrow: &'static str,
    cut: &'static str,
}

const UNICODE: Edges =
    Edges {
        corners: ["╭", "╮", "╰", "╯"], horizontal: "─", vertical: "│", arrow: "→", cut: "…"
    };
const ASCII: Edges =
    Edges { corners: ["+", "+", "+", "+"], horizontal: "-", vertical: "|", arrow: ">", cut: "~" };

/// Columns before each box, where the arrow to it stands.
const GAP: usize = 3;
/// Columns that the edges of a box and the blanks beside them take.
const SIDES: usize = 4;

/// Draws the boxes from left to right in `width` columns.
pub(crate) fn draw(frames: &[Frame], unicode: bool, width: usize) -> Text {
    let edges = if unicode { &UNICODE } else { &ASCII };
    let widest = width.saturating_sub(GAP + SIDES).max(8);
    let frames: Vec<Frame> = frames.iter().map(Frame::harmless).collect();
    let mut text = Text::new();
    let mut row: Vec<(&Frame, usize)> = Vec::new();
    let mut used = 0;
    for (index, frame) in frames.iter().enumerate() {
        let inner = frame.width().min(widest);
        if used + GAP + SIDES + inner > width && !row.is_empty() {
            draw_row(&row, index == row.len(), edges, &mut text);
            row.clear();
            used = 0;
        }
        used += GAP + SIDES + inner;
        row.push((frame, inner));
    }
    draw_row(&row, frames.len() == row.len(), edges, &mut text);
    text
}

impl Frame {
    /// What stands in it has to be harmless before its columns are counted.
    fn harmless(&self) -> Self {
        let line = |line: &Line| Line { text: one_line(&line.text), style: line.style };
        Self {
            title: one_line(&self.title),
            lines: self.lines.iter().map(line).collect(),
            footer: one_line(&self.footer),
            style: self.style,
        }
    }

    /// Columns that the content takes.
    fn width(&self) -> usize {
        let lines = self.lines.iter().map(|line| columns(&line.text));
        lines.chain([columns(&self.title) + 1, columns(&self.footer) + 1]).max().unwrap_or_default()
    }
}

/// Columns of a text without styles.
fn columns(text: &str) -> usize {
    text.width()
}

fn draw_row(row: &[(&Frame, usize)], first: bool, edges: &Edges, text: &mut Text) {
    let height = row.iter().map(|(frame, _)| frame.lines.len()).max().unwrap_or_default();
    // The arrow stands beside the first line, or beside the title where there is none.
    for level in 0..height + 2 {
        let mut line = Text::new();
        for (index, (frame, inner)) in row.iter().enumerate() {
            let arrow = level == 1 && !(first && index == 0);
            let before = if arrow { edges.arrow } else { "" };
            let _ = write!(line, "{before:^GAP$}");
            match level {
                0 => edge(frame, *inner, edges, true, &mut line),
                level if level == height + 1 => edge(frame, *inner, edges, false, &mut line),
                level => content(frame, *inner, level - 1, edges, &mut line),
            }
        }
        line.trim_end();
        text.push(line);
        text.push("\n");
    }
}

fn edge(frame: &Frame, inner: usize, edges: &Edges, top: bool, to: &mut Text) {
    let (label, [left, right]) = if top {
        (&frame.title, [edges.corners[0], edges.corners[1]])
    } else {
        (&frame.footer, [edges.corners[2], edges.corners[3]])
    };
    let label = cut(label, inner.saturating_sub(1), edges);
    let style = frame.style;
    if label.is_empty() {
        return to.paint(style, format_args!("{left}{}{right}", edges.horizontal.repeat(inner + 2)));
    }
    let rest = edges.horizontal.repeat(inner.saturating_sub(1 + columns(&label)));
    let bold = if top { style.bold() } else { style };
    to.paint(style, format_args!("{left}{} ", edges.horizontal));
    to.paint(bold, label);
    to.paint(style, format_args!(" {rest}{right}"));
}

fn content(frame: &Frame, inner: usize, index: usize, edges: &Edges, to: &mut Text) {
    to.paint(frame.style, edges.vertical);
    let Some(line) = frame.lines.get(index) else {
        to.push(" ".repeat(inner + 2));
        return to.paint(frame.style, edges.vertical);
    };
    let text = cut(&line.text, inner, edges);
    let rest = " ".repeat(inner - columns(&text));
    to.push(" ");
    to.paint(line.style, text);
    to.push(format!("{rest} "));
    to.paint(frame.style, edges.vertical);
}

fn cut(text: &str, width: usize, edges: &Edges) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if columns(&kept) + c.width().unwrap_or_default() > width.saturating_sub(1) {
            break;
        }
        kept.push(c);
    }
    format!("{kept}{}", edges.cut)
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::{Frame, Line, draw};

    fn frame(title: &str, lines: &[&str], footer: &str) -> Frame {
        let lines = lines.iter().map(|text| Line { text: (*text).to_owned(), ..Line::default() }).collect();
        Frame { title: title.into(), lines, footer: footer.into(), ..Frame::default() }
    }

    #[test]
    fn every_line_of_a_row_is_as_wide() {
        let frames = [
            frame("Source", &["a"], ""),
            frame("A long title", &["ab", "cd"], "3m ago"),
            frame("X", &[], "a footer that is longer"),
        ];
        for unicode in [true, false] {
            for width in [40, 80, 120] {
                let text = strip_str(draw(&frames, unicode, width).as_styled()).to_string();
                assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
                let boxes: Vec<&str> = text.lines().collect();
                let edges = boxes.iter().filter(|line| line.contains(if unicode { '╭' } else { '+' }));
                assert!(edges.count() > 0, "{text}");
            }
        }
        let text = strip_str(draw(&frames, true, 80).as_styled()).to_string();
        assert_eq!(
            text,
            "   ╭─ Source ╮   ╭─ A long title ╮   ╭─ X ──────────────────────╮\n   \
                │ a       │ → │ ab            │ → │                          │\n   \
                │         │   │ cd            │   │                          │\n   \
                ╰─────────╯   ╰─ 3m ago ──────╯   ╰─ a footer that is longer ╯\n"
        );
    }
}
