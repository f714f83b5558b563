//! Sessions of `ExecuteCommand`.

use serde::{Deserialize, Serialize};

/// What somebody with the session's token may run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    /// The engine's name of the container, if an engine runs it.
    pub(crate) container: Option<String>,
    pub(crate) command: String,
}

/// The words of a command line: quotes hold words together, a backslash takes the next letter as it is.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(letters.next()),
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, None) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("ls -la"), ["ls", "-la"]);
        assert_eq!(words(r#"sh -c 'echo "a b" && exit 3' """#), ["sh", "-c", r#"echo "a b" && exit 3"#, ""]);
        assert_eq!(words(r"a\ b  c"), ["a b", "c"]);
        assert!(words("  ").is_empty());
    }
}
