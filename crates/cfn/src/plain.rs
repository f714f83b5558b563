use std::fmt;

use crate::Str;

/// An unquoted scalar that some YAML reader takes as something else than a string, kept as it was written.
///
/// Readers disagree on `0755` (493, 755 or text), `yes` (a boolean or text), `1e3` and `2012-10-17`. A template that was
/// deployed with such a scalar keeps its meaning only when the same letters are written again, without quotes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Plain(Str);

impl Plain {
    /// Takes the text when it is such a scalar; `None` when every reader takes it as a string, or as null.
    pub fn new(text: impl Into<Str>) -> Option<Self> {
        let text = text.into();
        matches!(classify(&text), Class::Bool | Class::OldBool | Class::Int | Class::Float | Class::Timestamp)
            .then_some(Self(text))
    }

    /// A number with the fewest digits that read back the same; `.nan` and `.inf` for what JSON can not say.
    pub fn from_f64(number: f64) -> Self {
        Self(if number.is_nan() {
            ".nan".into()
        } else if number.is_infinite() {
            if number > 0.0 { ".inf".into() } else { "-.inf".into() }
        } else {
            serde_json::json!(number).to_string().into()
        })
    }

    pub(crate) fn from_digits(number: u64) -> Self {
        Self(number.to_string().into())
    }

    /// The letters as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the letters are a number by the rules of JSON, too.
    pub fn is_json_number(&self) -> bool {
        serde_json::from_str::<serde_json::Number>(&self.0).is_ok()
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What an unquoted scalar is to a reader of YAML 1.1 or 1.2, whichever sees more in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Null,
    Bool,
    /// `yes`, `no`, `on`, `off`, `y`, `n`: booleans in YAML 1.1 only.
    OldBool,
    Int,
    Float,
    Timestamp,
    /// `<<` and `=`.
    Special,
    String,
}

pub(crate) fn classify(text: &str) -> Class {
    // Words that mean something have five letters at most.
    if text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() {
        return Class::String;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Class::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Class::Bool,
        "<<" | "=" => return Class::Special,
        _ => {}
    }
    let first = text.as_bytes()[0];
    if first.is_ascii_alphabetic() {
        return if is_old_bool(text) { Class::OldBool } else { Class::String };
    }
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) || !text.is_ascii() {
        return Class::String;
    }
    if is_int(text) {
        Class::Int
    } else if is_float(text) {
        Class::Float
    } else if is_timestamp(text) {
        Class::Timestamp
    } else {
        Class::String
    }
}

fn is_old_bool(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "yes", "n", "no", "on", "off"];
    let same_case = |word: &str| {
        text == word
            || text.bytes().all(|b| b.is_ascii_uppercase())
            || (text[..1].bytes().all(|b| b.is_ascii_uppercase()) && text[1..] == word[1..])
    };
    text.len() <= 3 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word) && same_case(word))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Digits of a base with underscores anywhere after the first digit, as Go and Python accept them.
fn digits(text: &str, valid: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(|b| valid(b) || b == b'_') && text.bytes().any(valid)
}

fn is_int(text: &str) -> bool {
    let body = unsigned(text);
    if let Some(rest) = body.strip_prefix("0x") {
        return digits(rest, |b| b.is_ascii_hexdigit());
    }
    if let Some(rest) = body.strip_prefix("0o") {
        return digits(rest, |b| b.is_ascii_digit());
    }
    if let Some(rest) = body.strip_prefix("0b") {
        return digits(rest, |b| matches!(b, b'0' | b'1'));
    }
    body.starts_with(|c: char| c.is_ascii_digit())
        && (digits(body, |b| b.is_ascii_digit()) || (is_base60(body) && !body.contains('.')))
}

/// `22:22` and `1:02:03.5`: hours, minutes and seconds to a reader of YAML 1.1.
fn is_base60(body: &str) -> bool {
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut groups = whole.split(':');
    let head =
        groups.next().is_some_and(|head| digits(head, |b| b.is_ascii_digit()) && !head.starts_with('_'));
    let mut count = 0;
    let tail = groups.all(|group| {
        count += 1;
        matches!(group.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
    });
    head && tail && count > 0 && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if body.contains(':') {
        return body.starts_with(|c: char| c.is_ascii_digit()) && is_base60(body);
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(place) => (&body[..place], Some(&body[place + 1..])),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    all_digits(whole)
        && all_digits(fraction)
        && !whole.starts_with('_')
        && mantissa.bytes().any(|b| b.is_ascii_digit())
        && exponent.is_none_or(|e| !unsigned(e).is_empty() && unsigned(e).bytes().all(|b| b.is_ascii_digit()))
}

/// `2012-10-17`, alone or with a time after `T`, `t` or blanks.
fn is_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let number = |part: &str, len: std::ops::RangeInclusive<usize>| {
        len.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let day_len = rest.bytes().take_while(u8::is_ascii_digit).count();
    let time = &rest[day_len..];
    number(year, 4..=4)
        && number(month, 1..=2)
        && (1..=2).contains(&day_len)
        && (time.is_empty()
            || (time.starts_with(['T', 't', ' ', '\t'])
                && time[1..].bytes().all(|b| b.is_ascii_digit() || b" \t:.Z+-".contains(&b))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_unquoted_scalars() {
        for (class, texts) in [
            (Class::Null, "|~|null|NULL"),
            (Class::Bool, "true|False|TRUE"),
            (Class::OldBool, "y|N|yes|Yes|YES|on|Off|no"),
            (Class::Int, "0|-1|+12|0755|08|0x1F|0b11|0o17|1_000|22:22|-1:30:59|012345678901"),
            (Class::Float, "1.5|.5|1.|1e3|1E-3|-.inf|.nan|1.0_0|22:22.5|6.02e+23"),
            (Class::Timestamp, "2012-10-17|2001-1-2|2001-12-14t21:59:43.10-05:00|2001-12-14 21:59:43"),
            (Class::Special, "<<|="),
            (
                Class::String,
                "yEs|oN|tRue|nULL|a|1a|10.0.0.1|10.0.0.0/16|1.2.3|-|+|.|--|1:60|::|0x|e3|1e|_1|2012-10|1-2|é|1é|-a|abc:1",
            ),
        ] {
            for text in texts.split('|') {
                assert_eq!(classify(text), class, "{text:?}");
            }
        }
    }
}
