//! JSON that is safe to look at: what a terminal would act on is escaped, which means the same to every reader.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::harmless::is_hostile;

/// A value as one line of JSON.
pub(crate) fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Escaping))?;
    text.push(b'\n');
    Ok(text)
}

/// Compact, as `serde_json` writes it, which escapes only what JSON requires.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let (mut done, mut before) = (0, None);
        let mut rest = fragment.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            if is_hostile(before, c, rest.peek().map(|(_, next)| *next)) {
                writer.write_all(&fragment.as_bytes()[done..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                done = at + c.len_utf8();
            }
            before = Some(c);
        }
        writer.write_all(&fragment.as_bytes()[done..])
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn data_stays_and_nothing_acts() {
        let data = "a\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{200b}\u{e0041}\n\t\"é 👩‍👩‍👧";
        let text = line(&[data]).unwrap();
        assert_eq!(serde_json::from_slice::<Vec<String>>(&text).unwrap(), [data]);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, "[\"a\\u001b[31m\\u007f\\u009b\\u202e\\u200b\\udb40\\udc41\\n\\t\\\"é 👩‍👩‍👧\"]\n");
    }
}
