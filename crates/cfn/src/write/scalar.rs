//! The style of a string: as plain as all readers of YAML allow.

use crate::plain::{Class, classify};

/// Where a scalar stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A value in a block collection.
    Block,
    /// Inside `[…]`, or a key: on one line.
    Flow,
    /// The key of a block mapping.
    Key,
}

/// Writes a string at the end of `out`. A literal block is indented by `indent` and ends without a line break.
pub(super) fn write(out: &mut String, text: &str, place: Place, indent: usize) {
    match least_style(text) {
        Style::Plain => out.push_str(text),
        Style::PlainInBlock if place != Place::Flow => out.push_str(text),
        Style::PlainInBlock | Style::Quoted => single_quoted(out, text),
        Style::Lines if place == Place::Block && fits_literal(text) => literal(out, text, indent.max(2)),
        Style::Lines | Style::Escaped => super::quoted(out, text),
    }
}

/// The styles of a string, from the plainest on; what one can hold, each of the following can hold too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Style {
    /// Without quotes, anywhere.
    Plain,
    /// Without quotes, but not in `[…]` because it has one of `,[]{}?`.
    PlainInBlock,
    /// In single quotes.
    Quoted,
    /// As a literal block, where there may be one.
    Lines,
    /// With escapes, for control characters, tabs, and line breaks other than `\n`.
    Escaped,
}

fn least_style(text: &str) -> Style {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return Style::Quoted };
    let mut style = if b" -?:,[]{}#&*!|>'\"%@`~=<".contains(first)
        || matches!(last, b' ' | b':')
        || text.starts_with("...")
        || classify(text) != Class::String
    {
        Style::Quoted
    } else {
        Style::Plain
    };
    for (place, &byte) in bytes.iter().enumerate() {
        style = style.max(match byte {
            b':' if bytes.get(place + 1) == Some(&b' ') => Style::Quoted,
            b'#' if place > 0 && bytes[place - 1] == b' ' => Style::Quoted,
            b',' | b'[' | b']' | b'{' | b'}' | b'?' => Style::PlainInBlock,
            b'\n' => Style::Lines,
            0..0x20 | 0x7f => Style::Escaped,
            _ => Style::Plain,
        });
    }
    if !text.is_ascii() && text.chars().any(super::must_escape) { Style::Escaped } else { style }
}

/// A literal block keeps the text when its first line shows the indentation and its end needs no more than `|` or `|-`.
fn fits_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let last = body.rsplit('\n').next().unwrap_or_default();
    !body.starts_with([' ', '\n']) && !last.trim_matches(' ').is_empty()
}

fn literal(out: &mut String, text: &str, indent: usize) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            super::yaml::pad(out, indent);
            out.push_str(line);
        }
    }
}

fn single_quoted(out: &mut String, text: &str) {
    out.push('\'');
    for (place, part) in text.split('\'').enumerate() {
        if place > 0 {
            out.push_str("''");
        }
        out.push_str(part);
    }
    out.push('\'');
}
