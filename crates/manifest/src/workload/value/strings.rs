//! One text or several.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Shape};

/// A list of texts, or one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StringList {
    /// One text.
    One(String),
    /// Any number of texts.
    Many(Vec<String>),
}

impl StringList {
    /// The texts.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// Words of a command line: a list, or one text that is split like a shell does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWords(pub StringList);

/// A quote or an escape at the end of a command line is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the quote or backslash is not closed")]
pub struct UnclosedQuote;

impl ShellWords {
    /// The words.
    ///
    /// # Errors
    /// [`UnclosedQuote`] if the text ends inside quotes or behind a backslash.
    pub fn words(&self) -> Result<Vec<String>, UnclosedQuote> {
        match &self.0 {
            StringList::One(text) => split_shell_words(text),
            StringList::Many(words) => Ok(words.clone()),
        }
    }
}

/// Splits a command line into words, with quotes, backslashes and comments, but without variables, globs or operators.
///
/// # Errors
/// [`UnclosedQuote`] if the text ends inside quotes or behind a backslash.
pub fn split_shell_words(text: &str) -> Result<Vec<String>, UnclosedQuote> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => {
                for skipped in chars.by_ref() {
                    if skipped == '\n' {
                        break;
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next().ok_or(UnclosedQuote)?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(UnclosedQuote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(UnclosedQuote)? {
                        '"' => break,
                        '\\' => word.push(chars.next().ok_or(UnclosedQuote)?),
                        c => word.push(c),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

impl Decode for StringList {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_sequence().is_some() {
            return cx.lenient(|cx| Decode::decode(node, cx)).map(Self::Many);
        }
        if node.as_scalar().is_none() {
            cx.wrong_form(node, "a string or a list of strings");
            return None;
        }
        Decode::decode(node, cx).map(Self::One)
    }

    fn from_null() -> Option<Self> {
        Some(Self::Many(Vec::new()))
    }
}

impl Blank for StringList {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Many(texts) if texts.is_empty())
    }
}

impl Describe for StringList {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::String, Shape::List(Box::new(Shape::String))])
    }
}

impl Decode for ShellWords {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        StringList::decode(node, cx).map(Self)
    }
}

impl Describe for ShellWords {
    fn shape() -> Shape {
        StringList::shape()
    }
}

crate::merge_replaces!(StringList, ShellWords);
crate::never_blank!(ShellWords);

#[cfg(test)]
mod tests {
    use super::{UnclosedQuote, split_shell_words};

    #[test]
    fn splits_as_a_shell_does() {
        let cases: [(&str, &[&str]); 8] = [
            ("a  b\tc\n", &["a", "b", "c"]),
            ("a # b\nc", &["a", "c"]),
            ("a#b", &["a#b"]),
            ("'a\\ b' \"c\\\"d\"", &["a\\ b", "c\"d"]),
            ("a\"\"b", &["ab"]),
            ("\"\"", &[""]),
            ("a\\ b $X;|", &["a b", "$X;|"]),
            ("", &[]),
        ];
        for (text, words) in cases {
            assert_eq!(split_shell_words(text).unwrap(), words, "{text}");
        }
        for text in ["'a", "\"a", "a\\", "\"a\\"] {
            assert_eq!(split_shell_words(text), Err(UnclosedQuote), "{text}");
        }
    }
}
