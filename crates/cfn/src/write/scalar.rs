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

/// Writes `Role.Arn` on one line.
pub(super) fn write_pair(out: &mut String, resource: &str, attribute: &str) {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // Nothing that begins with a letter and has a dot means anything but itself.
    if resource.starts_with(|c: char| c.is_ascii_alphabetic()) && is_word(resource) && is_word(attribute) {
        out.push_str(resource);
        out.push('.');
        out.push_str(attribute);
    } else {
        write(out, &format!("{resource}.{attribute}"), Place::Flow, 0);
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

/// What a byte asks of the style of the string that holds it, as bits.
mod asks {
    /// `,[]{}?`
    pub(super) const FLOW: u8 = 1;
    /// `:` and `#`, next to a blank.
    pub(super) const BLANKS: u8 = 2;
    /// A line break.
    pub(super) const LINES: u8 = 4;
    /// Another control character.
    pub(super) const ESCAPES: u8 = 8;
    /// Part of a character that is not of ASCII.
    pub(super) const WIDE: u8 = 16;
    /// In the first place: an indicator of YAML.
    pub(super) const FIRST: u8 = 32;

    /// The bits of each byte.
    pub(super) const OF: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            #[expect(clippy::cast_possible_truncation, reason = "below 256")]
            let asked = of(byte as u8);
            table[byte] = asked;
            byte += 1;
        }
        table
    };

    /// The bits of all bytes together. Eight at a time: this is where most of the time of writing goes.
    pub(super) fn all(bytes: &[u8]) -> u8 {
        let each = |asked, byte: &u8| asked | OF[usize::from(*byte)];
        let (chunks, rest) = bytes.as_chunks::<8>();
        let asked = chunks.iter().fold(0, |asked, chunk| chunk.iter().fold(asked, each));
        rest.iter().fold(asked, each)
    }

    const fn of(byte: u8) -> u8 {
        let inside = match byte {
            b',' | b'[' | b']' | b'{' | b'}' | b'?' => FLOW,
            b':' | b'#' => BLANKS,
            b'\n' => LINES,
            0..0x20 | 0x7f => ESCAPES,
            0x80.. => WIDE,
            _ => 0,
        };
        let first = match byte {
            b' ' | b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!'
            | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' | b'~' | b'=' | b'<' => FIRST,
            _ => 0,
        };
        inside | first
    }
}

fn least_style(text: &str) -> Style {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return Style::Quoted };
    let asked = asks::all(bytes);
    let has = |what: u8| asked & what != 0;
    if has(asks::ESCAPES) || has(asks::WIDE) && text.chars().any(super::must_escape) {
        Style::Escaped
    } else if has(asks::LINES) {
        Style::Lines
    } else if asks::OF[usize::from(*first)] & asks::FIRST != 0
        || matches!(last, b' ' | b':')
        || has(asks::BLANKS) && stands_by_a_blank(bytes)
        || *first == b'.' && text.starts_with("...")
        || classify(text) != Class::String
    {
        Style::Quoted
    } else if has(asks::FLOW) {
        Style::PlainInBlock
    } else {
        Style::Plain
    }
}

/// Whether a colon stands before a blank, or a hash behind one.
fn stands_by_a_blank(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| matches!(pair, b": " | b" #"))
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
