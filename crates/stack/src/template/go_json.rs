//! JSON as Go's encoder writes it, for values that running containers and deployed stacks hold.

use std::fmt::Write as _;

/// A text in quotes. `<`, `>` and `&` and the line separators of Unicode are escaped.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An object of texts on one line, sorted by key; of two entries with one key the later counts.
pub(crate) fn object<K: AsRef<str>, V: AsRef<str>>(entries: impl IntoIterator<Item = (K, V)>) -> String {
    let mut entries: Vec<(K, V)> = entries.into_iter().collect();
    entries.sort_by(|one, other| one.0.as_ref().cmp(other.0.as_ref()));
    let mut out = String::from("{");
    let mut rest = entries.iter().peekable();
    while let Some((key, value)) = rest.next() {
        if rest.peek().is_some_and(|(next, _)| next.as_ref() == key.as_ref()) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&quote(key.as_ref()));
        out.push(':');
        out.push_str(&quote(value.as_ref()));
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn sorted_and_escaped() {
        assert_eq!(object([("b", "<&>"), ("a", "\"\u{1}"), ("b", "x\ny")]), r#"{"a":"\"\u0001","b":"x\ny"}"#);
        assert_eq!(object([("k", "<&>")]), r#"{"k":"\u003c\u0026\u003e"}"#);
        assert_eq!(object::<&str, &str>([]), "{}");
    }
}
