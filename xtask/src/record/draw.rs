//! A terminal's text with its colours as an SVG.

use std::fmt::Write as _;

const CHAR: usize = 8;
const LINE: usize = 18;
const MARGIN: usize = 16;
/// Columns after which a line is broken.
const COLUMNS: usize = 118;

/// How text looks, as far as a terminal's escape sequences say so.
#[derive(Default, Clone, PartialEq)]
struct Style {
    bold: bool,
    dim: bool,
    color: Option<&'static str>,
}

/// Text of one look.
type Run = (Style, String);

pub(super) fn svg(session: &str) -> String {
    let lines = lines(session);
    let width = MARGIN * 2 + COLUMNS * CHAR;
    let height = MARGIN * 2 + lines.len() * LINE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"A session of copilot-pipeline\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1c1f26\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"13\" fill=\"#d7dae0\" xml:space=\"preserve\">\n"
    );
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let y = MARGIN + (index + 1) * LINE - 5;
        let _ = write!(out, "<text y=\"{y}\">");
        let mut column = 0;
        for (style, text) in line {
            span(&mut out, style, text, column);
            column += text.chars().count();
        }
        out.push_str("</text>\n");
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// Text that begins in a column, whatever font there is.
fn span(out: &mut String, style: &Style, text: &str, column: usize) {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (start, length) = (MARGIN + column * CHAR, text.chars().count() * CHAR);
    let _ = write!(out, "<tspan x=\"{start}\" textLength=\"{length}\"");
    if style.bold {
        out.push_str(" font-weight=\"bold\"");
    }
    if style.dim {
        out.push_str(" opacity=\"0.65\"");
    }
    if let Some(color) = style.color {
        let _ = write!(out, " fill=\"{color}\"");
    }
    let _ = write!(out, ">{escaped}</tspan>");
}

/// The session line by line, long lines broken.
fn lines(session: &str) -> Vec<Vec<Run>> {
    let mut lines: Vec<Vec<Run>> = vec![Vec::new()];
    let (mut style, mut column) = (Style::default(), 0);
    let mut rest = session.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == '\u{1b}' && rest.next_if_eq(&'[').is_some() {
            let code: String = std::iter::from_fn(|| rest.next_if(|c| !c.is_ascii_alphabetic())).collect();
            if rest.next() == Some('m') {
                code.split(';').for_each(|part| apply(&mut style, part));
            }
            continue;
        }
        if letter == '\n' || column == COLUMNS {
            lines.push(Vec::new());
            column = 0;
            if letter == '\n' {
                continue;
            }
        }
        column += 1;
        let line = lines.last_mut().expect("there is always a line");
        match line.last_mut() {
            Some((last, text)) if *last == style => text.push(letter),
            _ => line.push((style.clone(), letter.to_string())),
        }
    }
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines
}

fn apply(style: &mut Style, code: &str) {
    match code {
        "" | "0" => *style = Style::default(),
        "1" => style.bold = true,
        "2" => style.dim = true,
        "31" | "91" => style.color = Some("#f47a80"),
        "32" | "92" => style.color = Some("#8bd17c"),
        "33" | "93" => style.color = Some("#e8c36a"),
        "34" | "94" => style.color = Some("#7fb2f0"),
        "35" | "95" => style.color = Some("#cf9bea"),
        "36" | "96" => style.color = Some("#74cfd6"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn colours_become_spans_and_markup_is_escaped() {
        let drawn = svg("\u{1b}[1;32mok\u{1b}[0m <a> & b\n\n");
        assert!(drawn.contains("font-weight=\"bold\" fill=\"#8bd17c\">ok</tspan>"), "{drawn}");
        assert!(drawn.contains("> &lt;a&gt; &amp; b</tspan>"), "{drawn}");
    }
}
