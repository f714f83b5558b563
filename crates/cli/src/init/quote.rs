//! Text as a double-quoted YAML scalar or as a word of bash, so that no value can be taken for anything else.

use std::fmt::Write as _;

use crate::shell::quoted;

/// One word of bash that stays on its line: as it is where that is safe, else in quotes.
pub(super) fn word(text: &str) -> String {
    if text.chars().all(is_printable) {
        return quoted(text);
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            c if is_printable(c) => word.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(word, "\\x{byte:02x}");
                }
            }
        }
    }
    word.push('\'');
    word
}

/// Whether a letter can stand in a line of YAML as it is.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_printable(c) => quoted.push(c),
            // Line breaks of YAML 1.1 beyond ASCII among them.
            c => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Source, parse};

    use super::{quote, word};

    #[test]
    fn bash_reads_every_word_back() {
        for (text, expected) in [
            ("shop", "shop"),
            ("", "''"),
            ("a$(touch X)", "'a$(touch X)'"),
            ("it's", r"'it'\''s'"),
            ("a\nb'\\", r"$'a\x0ab\'\\'"),
            ("\u{2028}", r"$'\xe2\x80\xa8'"),
        ] {
            assert_eq!(word(text), expected);
            let command = format!("printf %s {}", word(text));
            let output = std::process::Command::new("bash").args(["-c", &command]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    #[test]
    fn every_text_survives() {
        for text in [
            "",
            "yes",
            "a: b # c",
            "'\"\\",
            "@x",
            "a\nb\tc\r",
            "größe ☃ 😀",
            "\u{1}\u{7f}\u{85}\u{2028}",
            "- x",
            "${A}",
        ] {
            let source = Source::new("m.yml", format!("key: {}\n", quote(text)));
            let mut diagnostics = Diagnostics::default();
            let root = parse(&source, &mut diagnostics).unwrap();
            assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
            assert_eq!(root.get("key").unwrap().as_str(), Some(text));
        }
    }
}
