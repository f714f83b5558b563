//! Shell patterns translated to regular expressions, in the dialects that the existing formats use.

/// How a pattern's wildcards read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `.dockerignore`: `**` crosses `/`, `*` and `?` do not, `[^x]` negates.
    Docker,
    /// Go's `filepath.Match`: `*` and `?` do not cross `/`, `[^x]` negates.
    Path,
    /// The AWS command line's `--exclude`: `*` and `?` cross `/`, `[!x]` negates, no escapes.
    AwsCli,
}

/// The anchored regular expression of `pattern`, or why the pattern is malformed.
pub(crate) fn to_regex(pattern: &str, dialect: Dialect) -> Result<String, &'static str> {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if dialect == Dialect::Docker && chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                }
                out.push_str(if chars.peek().is_none() { ".*" } else { "(.*/)?" });
            }
            '*' => out.push_str(if dialect == Dialect::AwsCli { ".*" } else { "[^/]*" }),
            '?' => out.push_str(if dialect == Dialect::AwsCli { "." } else { "[^/]" }),
            '\\' if dialect != Dialect::AwsCli => {
                push_literal(&mut out, chars.next().ok_or("it ends in a backslash")?);
            }
            '[' => push_class(&mut out, &mut chars, dialect)?,
            c => push_literal(&mut out, c),
        }
    }
    out.push('$');
    Ok(out)
}

fn push_literal(out: &mut String, c: char) {
    out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// A character class. `[` was read; the class ends at the first `]` that is not its first member.
fn push_class(
    out: &mut String,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    dialect: Dialect,
) -> Result<(), &'static str> {
    const UNCLOSED: &str = "its `[` has no `]`";
    let negation = if dialect == Dialect::AwsCli { '!' } else { '^' };
    out.push('[');
    if chars.next_if_eq(&negation).is_some() {
        out.push('^');
        if dialect == Dialect::Path {
            out.push('/');
        }
    }
    let mut first = true;
    loop {
        let c = chars.next().ok_or(UNCLOSED)?;
        // In a POSIX class, a leading `]` is a member; Go calls it malformed.
        if c == ']' && !(first && dialect == Dialect::AwsCli) {
            if first {
                return Err("its `[]` is empty");
            }
            out.push(']');
            return Ok(());
        }
        let low = member(c, chars, dialect).ok_or(UNCLOSED)?;
        first = false;
        push_member(out, low);
        if chars.peek() == Some(&'-') {
            chars.next();
            if dialect == Dialect::AwsCli && chars.peek() == Some(&']') {
                push_member(out, '-');
                continue;
            }
            let c = chars.next().ok_or(UNCLOSED)?;
            if c == ']' || c == '-' {
                return Err("a range in its `[]` has no end");
            }
            let high = member(c, chars, dialect).ok_or(UNCLOSED)?;
            if high < low {
                return Err("a range in its `[]` runs backwards");
            }
            out.push('-');
            push_member(out, high);
        }
    }
}

fn member(c: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, dialect: Dialect) -> Option<char> {
    if c == '\\' && dialect != Dialect::AwsCli { chars.next() } else { Some(c) }
}

/// Members are escaped one by one: the regex crate gives `&&`, `--`, `~~` and `[` in a class a meaning of its own.
fn push_member(out: &mut String, c: char) {
    if c.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, dialect: Dialect, text: &str) -> bool {
        regex::Regex::new(&to_regex(pattern, dialect).unwrap()).unwrap().is_match(text)
    }

    #[test]
    fn stars_cross_directories_only_where_the_dialect_says_so() {
        for (pattern, dialect, text, expected) in [
            ("*.js", Dialect::Path, "a/b.js", false),
            ("*.js", Dialect::AwsCli, "a/b.js", true),
            ("*.js", Dialect::Docker, "a/b.js", false),
            ("a?c", Dialect::Path, "a/c", false),
            ("a?c", Dialect::AwsCli, "a/c", true),
            ("**/b.js", Dialect::Docker, "b.js", true),
            ("a/**/b", Dialect::Docker, "a/x/y/b", true),
            ("a/**/b", Dialect::Docker, "a/b", true),
            ("a.b", Dialect::Docker, "axb", false),
            ("a\\*", Dialect::Docker, "a*", true),
            ("a\\*", Dialect::Docker, "ab", false),
            ("a\nb*", Dialect::Path, "a\nbc", true),
        ] {
            assert_eq!(matches(pattern, dialect, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn classes_read_as_the_dialect_says() {
        for (pattern, dialect, text, expected) in [
            ("[a-c]", Dialect::Docker, "b", true),
            ("[^a-c]", Dialect::Docker, "d", true),
            ("[^a-c]", Dialect::Path, "/", false),
            ("[!a]", Dialect::Docker, "!", true),
            ("[!a]", Dialect::AwsCli, "b", true),
            ("[]a]", Dialect::AwsCli, "]", true),
            ("[a-]", Dialect::AwsCli, "-", true),
            ("[a&&b]", Dialect::Docker, "&", true),
            ("[[:x]", Dialect::Docker, "[", true),
            ("[\\]x]", Dialect::Docker, "]", true),
        ] {
            assert_eq!(matches(pattern, dialect, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn malformed_patterns_are_named() {
        for pattern in ["[", "[a", "[]", "[a-]", "[b-a]", "a\\"] {
            assert!(to_regex(pattern, Dialect::Docker).is_err(), "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_translates_compiles(pattern in "[a-c*?\\[\\]^!/\\\\&~.-]{0,12}") {
            for dialect in [Dialect::Docker, Dialect::Path, Dialect::AwsCli] {
                if let Ok(re) = to_regex(&pattern, dialect) {
                    proptest::prop_assert!(regex::Regex::new(&re).is_ok(), "{} -> {}", pattern, re);
                }
            }
        }
    }
}
