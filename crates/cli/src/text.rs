//! Text for people, in which only our own styles act on a terminal.

use std::fmt::{self, Display, Write};

use anstyle::Style;

use crate::harmless::harmless;

/// Whatever is put in is made harmless, and styles are added by [`Text::paint`] alone: none comes from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What was drawn from harmless text, with styles of the drawer.
    pub(crate) fn drawn(text: String) -> Self {
        Self(text)
    }

    /// Adds text in a style.
    pub(crate) fn paint(&mut self, style: Style, text: impl Display) {
        // The styles of an empty text would do nothing but stand there.
        let inner = text.to_string();
        if !inner.is_empty() {
            let _ = write!(self.0, "{style}{}{style:#}", harmless(&inner));
        }
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: impl Into<Self>) {
        self.0.push_str(&text.into().0);
    }

    /// Without blanks at its end.
    pub(crate) fn trim_end(&mut self) {
        self.0.truncate(self.0.trim_end().len());
    }

    /// With the codes of its styles.
    pub(crate) fn as_styled(&self) -> &str {
        &self.0
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(&harmless(text));
        Ok(())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(harmless(text).into_owned())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use anstyle::{AnsiColor, Style};

    use super::Text;

    #[test]
    fn only_our_styles_act() {
        let mut text = Text::new();
        text.paint(AnsiColor::Red.on_default(), "a\u{1b}[32mb");
        text.paint(Style::new(), " plain");
        text.paint(Style::new().bold(), "");
        write!(text, " c\u{9b}1m").unwrap();
        text.push("\u{202e}d ");
        text.trim_end();
        assert_eq!(text.as_styled(), "\u{1b}[31ma\\u{1b}[32mb\u{1b}[0m plain c\\u{9b}1m\\u{202e}d");
    }
}
