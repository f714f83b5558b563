//! Text as a double-quoted YAML scalar, so that no value can be taken for anything else.

use std::fmt::Write as _;

use copilot_engine::shell::is_printable;

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

    use super::quote;

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
