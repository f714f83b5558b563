//! Text from elsewhere, of which nothing can act on a terminal or be taken for something else.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The text with every character that acts on a terminal, turns the direction of writing or hides in other text written out
/// as `\u{…}`. Line feeds and tabs stay, and a carriage return before a line feed goes.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(Mapped::of(text).text)
}

/// As [`harmless`], for what has to stay in one line.
pub(crate) fn one_line(text: &str) -> String {
    harmless(text).replace(['\n', '\t'], " ")
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t')
}

/// A harmless text in which places of the original can be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapped {
    pub(crate) text: String,
    /// Offsets of the original with those that they have become, where the distance changes.
    places: Vec<(usize, usize)>,
}

impl Mapped {
    pub(crate) fn of(original: &str) -> Self {
        let mut mapped = Self { text: String::with_capacity(original.len()), places: Vec::new() };
        let mut before = None;
        let mut rest = original.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let after = rest.peek().map(|(_, next)| *next);
            if c == '\r' && after == Some('\n') {
                mapped.places.push((at + 1, mapped.text.len()));
            } else if is_hostile(before, c, after) {
                // Only the first and the last place of what is written out are places of the original.
                let _ = write!(mapped.text, "{}", c.escape_unicode());
                mapped.places.push((at + c.len_utf8(), mapped.text.len()));
            } else {
                mapped.text.push(c);
            }
            before = Some(c);
        }
        mapped
    }

    /// Where a place of the original is now.
    pub(crate) fn place(&self, original: usize) -> usize {
        let index = self.places.partition_point(|(from, _)| *from <= original);
        let (from, to) = if index == 0 { (0, 0) } else { self.places[index - 1] };
        // What lies within a character that was written out ends with it.
        let next = self.places.get(index).map_or(self.text.len(), |(_, to)| *to);
        (to + (original - from)).min(next)
    }
}

/// Whether a character does or hides something, where it stands.
#[expect(clippy::match_same_arms, reason = "each arm is a reason of its own")]
pub(crate) fn is_hostile(before: Option<char>, c: char, after: Option<char>) -> bool {
    match c {
        '\n' | '\t' => false,
        // Controls, among them those that begin a sequence in one byte.
        c if c.is_control() => true,
        // Marks, embeddings, overrides and isolates of the direction of writing; separators that some take for line breaks.
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => true,
        // What takes no room, or is seen as a blank, and is no part of any language's writing in a name.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}' => true,
        // Joiners and variants belong to other letters than ours, and to pictures.
        '\u{200c}' | '\u{200d}' => is_ascii(before) || is_ascii(after),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => is_ascii(before) && after != Some('\u{20e3}'),
        _ => false,
    }
}

/// The edge of a text counts as one of our letters.
fn is_ascii(c: Option<char>) -> bool {
    c.is_none_or(|c| c.is_ascii())
}

/// What another program wrote for a terminal, without its colours and movements.
pub(crate) fn unstyled(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at..];
        let length = csi(sequence).or_else(|| osc(sequence));
        // What is no whole sequence is left for `harmless`.
        plain.push_str(if length.is_some() { "" } else { "\u{1b}" });
        rest = &sequence[length.unwrap_or(1)..];
    }
    plain.push_str(rest);
    plain
}

/// Length of `ESC [ parameters letter`.
fn csi(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| !matches!(c, ' '..='?'))?;
    matches!(body.as_bytes()[end], b'@'..=b'~').then_some(2 + end + 1)
}

/// Length of `ESC ] text BEL`, or of the same with `ESC \` at its end, within a line.
fn osc(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}]")?;
    let end = body.find(|c: char| c.is_control())?;
    match &body[end..] {
        tail if tail.starts_with('\u{7}') => Some(2 + end + 1),
        tail if tail.starts_with("\u{1b}\\") => Some(2 + end + 2),
        _ => None,
    }
}

/// Writes text with what acts on a terminal written out. Every piece that is written has to be whole, as those of logs are.
#[derive(Debug)]
pub struct HarmlessWriter<W>(pub W);

impl<W: Write> Write for HarmlessWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(harmless(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The beginning of a text that is longer than `limit` letters, with a note of how many are left out.
pub(crate) fn shortened(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((at, _)) = text.char_indices().nth(limit) else { return Cow::Borrowed(text) };
    let left_out = text[at..].chars().count();
    Cow::Owned(format!("{} [… {left_out} more letters are left out]", &text[..at]))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Mapped, harmless, one_line, shortened, unstyled};

    #[test]
    fn what_acts_is_written_out() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", r"a\u{1b}[2Jb"),
            ("\u{1b}]0;title", r"\u{1b}]0;title"),
            ("\u{9b}31m\u{9d}0;x\u{9c}", r"\u{9b}31m\u{9d}0;x\u{9c}"),
            ("a\rb\u{8}\u{7}\0\u{7f}", r"a\u{d}b\u{8}\u{7}\u{0}\u{7f}"),
            ("user\u{202e}nimda\u{2066}x", r"user\u{202e}nimda\u{2066}x"),
            ("pro\u{200b}d ad\u{ad}min \u{feff}x\u{200d}y", r"pro\u{200b}d ad\u{ad}min \u{feff}x\u{200d}y"),
            ("a\u{2028}b\u{e0041}\u{3164}", r"a\u{2028}b\u{e0041}\u{3164}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn what_people_write_stays() {
        let text = "tab\tand\nlines, größe, 日本語, עברית, می‌خواهم, 👩‍👩‍👧 ❤️ 1️⃣";
        assert_eq!(harmless(text), text);
        assert_eq!(harmless("a\r\nb"), "a\nb");
        assert_eq!(one_line(" fix\n\ndone\u{1b}c"), r" fix  done\u{1b}c");
    }

    #[test]
    fn places_are_found_again() {
        let text = "k: \u{1b}x\r\né\u{202e}z";
        let mapped = Mapped::of(text);
        assert_eq!(mapped.text, "k: \\u{1b}x\né\\u{202e}z");
        for c in ['k', 'x', 'é', 'z'] {
            assert_eq!(mapped.place(text.find(c).unwrap()), mapped.text.find(c).unwrap(), "{c}");
        }
        let escape = text.find('\u{1b}').unwrap();
        assert_eq!(&mapped.text[mapped.place(escape)..mapped.place(escape + 1)], r"\u{1b}");
        let (start, end) = (text.find('\u{202e}').unwrap(), text.find('z').unwrap());
        assert_eq!(&mapped.text[mapped.place(start)..mapped.place(end)], r"\u{202e}");
        assert_eq!(mapped.place(text.len()), mapped.text.len());
        assert_eq!(mapped.place(text.len() + 9), mapped.text.len());
    }

    #[test]
    fn other_programs_lose_their_colours() {
        assert_eq!(
            unstyled("\u{1b}[1;31mred\u{1b}[0m \u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\!"),
            "red link!"
        );
        assert_eq!(unstyled("\u{1b}]0;never ends\n\u{1b}[12"), "\u{1b}]0;never ends\n\u{1b}[12");
    }

    #[test]
    fn logs_are_harmless() {
        let mut written = Vec::new();
        super::HarmlessWriter(&mut written).write_all("DEBUG a\u{1b}[2J\u{9b}b\n".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "DEBUG a\\u{1b}[2J\\u{9b}b\n");
    }

    #[test]
    fn long_texts_are_cut_with_a_note() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äöü [… 1 more letters are left out]");
    }
}
