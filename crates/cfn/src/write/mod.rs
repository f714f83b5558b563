//! Writing a template: YAML with short tags, and JSON.
//!
//! The YAML emitter is our own. A serialiser behind serde can not leave a scalar as it was written ([`crate::Plain`]: the
//! `0755` or `yes` of a user's patch keeps its meaning only without quotes) and has to allocate a wrapper for every tag;
//! on the template of `benches/render.rs` serde-saphyr takes 2.3 times as long even without tags. What it writes is a narrow subset: block
//! collections, short flow lists of scalars behind a tag, and strings in the plainest style that every reader of YAML 1.1
//! and 1.2 takes as that string.

use std::fmt::Write as _;

mod json;
mod scalar;
mod yaml;

pub use json::{to_json, to_json_compact};
pub use yaml::to_yaml;
pub(crate) use yaml::to_yaml_line;

/// Characters that a reader refuses, changes or takes as a line break when they are not escaped.
fn must_escape(c: char) -> bool {
    matches!(c, '\0'..='\x09' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{fffe}' | '\u{ffff}')
        // What turns the direction of writing or takes no room would show another template than there is.
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// Writes text in double quotes with those escapes that mean the same in JSON and in YAML.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut written = 0;
    for (place, c) in text.char_indices() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\t' => "\\t",
            '\r' => "\\r",
            c if must_escape(c) => "",
            _ => continue,
        };
        out.push_str(&text[written..place]);
        written = place + c.len_utf8();
        out.push_str(escape);
        if escape.is_empty() {
            // Writing to a string can not fail. All such characters have at most four digits.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}
