//! A line that is being typed, with the keys that shells and editors have taught people.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Enter,
    Cancel,
    /// Ctrl-D: leaves an empty line, and deletes to the right in any other.
    EndOfInput,
    Tab,
    Up,
    Down,
    PageUp,
    PageDown,
    Edit(Edit),
}

/// A change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Insert(char),
    Left,
    Right,
    WordLeft,
    WordRight,
    Start,
    End,
    DeleteLeft,
    DeleteRight,
    DeleteWordLeft,
    DeleteWordRight,
    DeleteToStart,
    DeleteToEnd,
}

impl Key {
    /// `None` for keys that mean nothing here.
    pub(super) fn of(event: &KeyEvent) -> Option<Self> {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let word = control || alt;
        Some(match event.code {
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Cancel,
            KeyCode::Tab => Self::Tab,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Home => Self::Edit(Edit::Start),
            KeyCode::End => Self::Edit(Edit::End),
            KeyCode::Left => Self::Edit(if word { Edit::WordLeft } else { Edit::Left }),
            KeyCode::Right => Self::Edit(if word { Edit::WordRight } else { Edit::Right }),
            KeyCode::Backspace => Self::Edit(if word { Edit::DeleteWordLeft } else { Edit::DeleteLeft }),
            KeyCode::Delete => Self::Edit(if word { Edit::DeleteWordRight } else { Edit::DeleteRight }),
            // Of some keyboards, letters beyond the first layer come with both.
            KeyCode::Char(c) if control && !alt => return Self::of_control(c),
            KeyCode::Char('b') if alt && !control => Self::Edit(Edit::WordLeft),
            KeyCode::Char('f') if alt && !control => Self::Edit(Edit::WordRight),
            KeyCode::Char('d') if alt && !control => Self::Edit(Edit::DeleteWordRight),
            KeyCode::Char(c) => Self::Edit(Edit::Insert(c)),
            _ => return None,
        })
    }

    fn of_control(c: char) -> Option<Self> {
        Some(match c.to_ascii_lowercase() {
            'a' => Self::Edit(Edit::Start),
            'b' => Self::Edit(Edit::Left),
            'c' => Self::Cancel,
            'd' => Self::EndOfInput,
            'e' => Self::Edit(Edit::End),
            'f' => Self::Edit(Edit::Right),
            'h' => Self::Edit(Edit::DeleteLeft),
            'i' => Self::Tab,
            'j' | 'm' => Self::Enter,
            'k' => Self::Edit(Edit::DeleteToEnd),
            'n' => Self::Down,
            'p' => Self::Up,
            'u' => Self::Edit(Edit::DeleteToStart),
            'w' => Self::Edit(Edit::DeleteWordLeft),
            _ => return None,
        })
    }
}

/// The letters of a line and the place of the cursor among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    letters: Vec<char>,
    cursor: usize,
}

impl Line {
    pub(super) fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        Self { cursor: letters.len(), letters }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    pub(super) fn text(&self) -> String {
        self.letters.iter().collect()
    }

    /// What stands left of the cursor.
    pub(super) fn before(&self) -> String {
        self.letters[..self.cursor].iter().collect()
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        let (cursor, end) = (self.cursor, self.letters.len());
        match edit {
            Edit::Insert(c) => {
                // Pasted line breaks and tabs part words.
                self.letters.insert(cursor, if c.is_control() { ' ' } else { c });
                self.cursor += 1;
            }
            Edit::Left => self.cursor = cursor.saturating_sub(1),
            Edit::Right => self.cursor = (cursor + 1).min(end),
            Edit::WordLeft => self.cursor = self.word_left(is_word),
            Edit::WordRight => self.cursor = self.word_right(),
            Edit::Start => self.cursor = 0,
            Edit::End => self.cursor = end,
            Edit::DeleteLeft => self.delete(cursor.saturating_sub(1), cursor),
            Edit::DeleteRight => self.delete(cursor, (cursor + 1).min(end)),
            // In shells that is all up to a blank.
            Edit::DeleteWordLeft => self.delete(self.word_left(|c| !c.is_whitespace()), cursor),
            Edit::DeleteWordRight => self.delete(cursor, self.word_right()),
            Edit::DeleteToStart => self.delete(0, cursor),
            Edit::DeleteToEnd => self.delete(cursor, end),
        }
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.letters.drain(from..to);
        self.cursor = from;
    }

    fn word_left(&self, inside: fn(char) -> bool) -> usize {
        let mut at = self.cursor;
        while at > 0 && !inside(self.letters[at - 1]) {
            at -= 1;
        }
        while at > 0 && inside(self.letters[at - 1]) {
            at -= 1;
        }
        at
    }

    fn word_right(&self) -> usize {
        let mut at = self.cursor;
        while at < self.letters.len() && !is_word(self.letters[at]) {
            at += 1;
        }
        while at < self.letters.len() && is_word(self.letters[at]) {
            at += 1;
        }
        at
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::{Edit, Key, Line};

    /// `^X` is Ctrl-X.
    fn typed(keys: &str) -> Line {
        let mut line = Line::default();
        let mut rest = keys.chars();
        while let Some(c) = rest.next() {
            let event = match c {
                '^' => KeyEvent::new(KeyCode::Char(rest.next().unwrap()), KeyModifiers::CONTROL),
                c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
            };
            match Key::of(&event) {
                Some(Key::Edit(edit)) => line.edit(edit),
                other => panic!("{c}: {other:?}"),
            }
        }
        line
    }

    #[test]
    fn keys_of_a_shell_edit() {
        for (keys, text, before) in [
            ("prod^atest,", "test,prod", "test,"),
            ("test^a^ex", "testx", "testx"),
            ("one two^wX", "one X", "one X"),
            ("one two-three^w", "one ", "one "),
            ("one two^u", "", ""),
            ("one^b^b^k", "o", "o"),
            ("one^a^fX^hY", "oYne", "oY"),
            ("größe^b^h", "gröe", "grö"),
        ] {
            let line = typed(keys);
            assert_eq!((line.text().as_str(), line.before().as_str()), (text, before), "{keys}");
        }
    }

    #[test]
    fn words_are_jumped_over() {
        let mut line = Line::of("api, web-site");
        for (edit, before) in [
            (Edit::WordLeft, "api, web-"),
            (Edit::WordLeft, "api, "),
            (Edit::WordLeft, ""),
            (Edit::WordRight, "api"),
            (Edit::DeleteWordRight, "api"),
        ] {
            line.edit(edit);
            assert_eq!(line.before(), before);
        }
        assert_eq!(line.text(), "api-site");
    }

    #[test]
    fn what_is_pasted_stays_one_line() {
        let mut line = Line::default();
        "a\nb\tc".chars().for_each(|c| line.edit(Edit::Insert(c)));
        assert_eq!(line.text(), "a b c");
    }

    #[test]
    fn ends_are_told_apart() {
        let of = |code, modifiers| Key::of(&KeyEvent::new(code, modifiers));
        assert_eq!(of(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Cancel));
        assert_eq!(of(KeyCode::Esc, KeyModifiers::NONE), Some(Key::Cancel));
        assert_eq!(of(KeyCode::Char('d'), KeyModifiers::CONTROL), Some(Key::EndOfInput));
        assert_eq!(of(KeyCode::F(1), KeyModifiers::NONE), None);
    }
}
