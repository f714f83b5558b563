//! Scalars as they were written, and what they mean.
//!
//! The rules are those of the Go parser that Copilot uses (yaml.v3): the YAML 1.2 core schema with some of YAML 1.1
//! kept (`0400` is octal, `_` may group digits, `yes` is a boolean where a boolean is asked for).

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A block that keeps its line breaks (`|`).
    Literal,
    /// A block that folds its lines (`>`).
    Folded,
}

/// A scalar's text after unescaping and folding, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar {
    text: Box<str>,
    style: Style,
}

/// What a scalar means where nothing asks for a certain type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolved<'a> {
    /// `~`, `null` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; covers all of `i64` and `u64`.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// A date or a date with time, as written.
    Timestamp(&'a str),
    /// Anything else.
    Str(&'a str),
    /// Not a scalar.
    Collection,
}

impl Scalar {
    /// A scalar with its style.
    pub fn new(text: impl Into<Box<str>>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    /// An unquoted scalar.
    pub fn plain(text: impl Into<Box<str>>) -> Self {
        Self::new(text, Style::Plain)
    }

    /// The text, whatever it may mean.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it was written.
    pub fn style(&self) -> Style {
        self.style
    }

    /// What it means, given an explicit tag (`!!int`, `!Sub`) or none.
    pub fn resolve(&self, tag: Option<&str>) -> Resolved<'_> {
        match tag {
            Some("!!str" | "!!binary" | "!") => Resolved::Str(&self.text),
            Some("!!null") => Resolved::Null,
            Some("!!bool" | "!!int" | "!!timestamp") => resolve_plain(&self.text),
            Some("!!float") => match resolve_plain(&self.text) {
                #[expect(clippy::cast_precision_loss, reason = "the tag asks for a float")]
                Resolved::Int(value) => Resolved::Float(value as f64),
                other => other,
            },
            _ if self.style == Style::Plain => resolve_plain(&self.text),
            _ => Resolved::Str(&self.text),
        }
    }

    /// The truth value where a boolean is asked for. The words of YAML 1.1, such as `on`, are taken with quotes too; `true` and
    /// `false` are not.
    pub fn as_bool(&self, tag: Option<&str>) -> Option<bool> {
        match self.resolve(tag) {
            Resolved::Bool(value) => Some(value),
            Resolved::Str(text) if matches!(tag, None | Some("!" | "!!str")) => old_bool(text),
            _ => None,
        }
    }
}

fn old_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn resolve_plain(text: &str) -> Resolved<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "true" | "True" | "TRUE" => return Resolved::Bool(true),
        "false" | "False" | "FALSE" => return Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Resolved::Str(text);
    }
    if is_timestamp(text) {
        return Resolved::Timestamp(text);
    }
    let digits: std::borrow::Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(value) = parse_int(&digits) {
        return Resolved::Int(value);
    }
    match is_float(&digits).then(|| digits.parse::<f64>()) {
        // A number that is too large for a float is a text.
        Some(Ok(value)) if value.is_finite() => Resolved::Float(value),
        _ => Resolved::Str(text),
    }
}

/// Go's `strconv.ParseInt(text, 0, 64)`, or the same for `uint64`.
fn parse_int(text: &str) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = rest.get(..2).map(str::to_ascii_lowercase);
    let (radix, body) = match prefix.as_deref() {
        Some("0x") => (16, &rest[2..]),
        Some("0b") => (2, &rest[2..]),
        Some("0o") => (8, &rest[2..]),
        _ if rest.len() > 1 && rest.starts_with('0') => (8, &rest[1..]),
        _ => (10, rest),
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(body, radix).ok()?);
    let value = if negative { -size } else { size };
    (value >= i128::from(i64::MIN)).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    fn digits(text: &str) -> (usize, &str) {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        (text.len() - rest.len(), rest)
    }
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, mut rest) = digits(text);
    if let Some(fraction) = rest.strip_prefix('.') {
        let (count, after) = digits(fraction);
        if whole == 0 && count == 0 {
            return false;
        }
        rest = after;
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(exponent) => {
            let (count, after) = digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
            count > 0 && after.is_empty()
        }
    }
}

/// `2006-1-2`, optionally followed by `T`, `t` or blanks, a time `15:4:5` with fraction, and a zone.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let numbers = |text: &str, separator: char, most: &[u32]| {
        let parts: Vec<&str> = text.split(separator).collect();
        parts.len() == most.len()
            && parts.iter().zip(most).all(|(part, most)| {
                matches!(part.len(), 1 | 2) && part.parse::<u32>().is_ok_and(|value| value <= *most)
            })
    };
    if !numbers(&date[5..], '-', &[12, 31]) {
        return false;
    }
    let Some(time) = time else { return true };
    let clock =
        time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').map_or(time, |at| &time[..at]);
    let zone = time[clock.len()..].trim_start();
    let whole = clock.split('.').next().unwrap_or_default();
    numbers(whole, ':', &[23, 59, 59])
        && (zone.is_empty() || zone == "Z" || (zone.starts_with(['+', '-']) && zone.len() > 1))
}

#[cfg(test)]
mod tests {
    use super::{Resolved, Scalar, Style};

    #[test]
    fn plain_scalars_mean_what_the_go_parser_says() {
        let cases = [
            ("", Resolved::Null),
            ("~", Resolved::Null),
            ("true", Resolved::Bool(true)),
            ("yes", Resolved::Str("yes")),
            ("1e400", Resolved::Str("1e400")),
            ("0400", Resolved::Int(256)),
            ("0o17", Resolved::Int(15)),
            ("0x1F", Resolved::Int(31)),
            ("-0b11", Resolved::Int(-3)),
            ("1_024", Resolved::Int(1024)),
            ("18446744073709551615", Resolved::Int(18_446_744_073_709_551_615)),
            ("012345678901", Resolved::Float(12_345_678_901.0)),
            ("08", Resolved::Float(8.0)),
            ("1e3", Resolved::Float(1000.0)),
            (".5", Resolved::Float(0.5)),
            ("1.", Resolved::Float(1.0)),
            (".", Resolved::Str(".")),
            ("-", Resolved::Str("-")),
            ("1.2.3", Resolved::Str("1.2.3")),
            ("22:22", Resolved::Str("22:22")),
            ("2012-10-17", Resolved::Timestamp("2012-10-17")),
            ("2012-13-17", Resolved::Str("2012-13-17")),
            ("2001-12-14t21:59:43.10-05:00", Resolved::Timestamp("2001-12-14t21:59:43.10-05:00")),
        ];
        for (text, expected) in cases {
            assert_eq!(Scalar::plain(text).resolve(None), expected, "{text}");
        }
    }

    #[test]
    fn quotes_and_tags_decide() {
        let quoted = Scalar::new("1", Style::Quoted);
        assert_eq!(quoted.resolve(None), Resolved::Str("1"));
        assert_eq!(quoted.resolve(Some("!!int")), Resolved::Int(1));
        assert_eq!(Scalar::plain("1").resolve(Some("!!str")), Resolved::Str("1"));
        assert_eq!(Scalar::plain("on").as_bool(None), Some(true));
        assert_eq!(Scalar::new("on", Style::Quoted).as_bool(None), Some(true));
        assert_eq!(Scalar::new("true", Style::Quoted).as_bool(None), None);
        assert_eq!(Scalar::plain("no").as_bool(Some("!!str")), Some(false));
        assert_eq!(Scalar::plain("no").as_bool(Some("!Sub")), None);
    }
}
