//! Words of a shell, so that no value can be taken for anything else.

use std::fmt::Write as _;

/// One word of bash that stays on its line: as it is where that is safe, else in quotes.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', r"'\''"));
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
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::word;

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
}
