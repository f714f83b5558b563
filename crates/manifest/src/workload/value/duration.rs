//! Spans of time, in the syntax of Go.

use copilot_yaml::{Node, Resolved};

use crate::decode::{Context, Decode, Describe, Shape};

/// A span of time such as `1m30s`, `500ms` or `1.5h`.
///
/// The units are `ns`, `us` (or `µs`), `ms`, `s`, `m` and `h`; days don't exist. `0` alone needs no unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration {
    nanoseconds: i64,
}

impl Duration {
    /// A span of so many nanoseconds.
    pub const fn from_nanos(nanoseconds: i64) -> Self {
        Self { nanoseconds }
    }

    /// A span of so many seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self { nanoseconds: seconds.saturating_mul(1_000_000_000) }
    }

    /// Nanoseconds. May be negative: `-5s` is a span.
    pub const fn as_nanos(self) -> i64 {
        self.nanoseconds
    }

    /// Whole seconds; what is left over is cut off.
    pub const fn as_secs(self) -> i64 {
        self.nanoseconds / 1_000_000_000
    }

    /// Seconds with their fraction.
    #[expect(clippy::cast_precision_loss, reason = "a fraction of seconds is what is asked for")]
    pub fn as_secs_f64(self) -> f64 {
        (self.nanoseconds / 1_000_000_000) as f64 + (self.nanoseconds % 1_000_000_000) as f64 / 1e9
    }

    /// Reads a text such as `1m30s`. `None` if it is no span of time, or one of more than 292 years.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Self::default());
        }
        if rest.is_empty() {
            return None;
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (nanoseconds, after) = segment(rest)?;
            total = total.checked_add(nanoseconds).filter(|total| *total <= 1 << 63)?;
            rest = after;
        }
        let nanoseconds =
            if negative { 0i64.checked_sub_unsigned(total)? } else { i64::try_from(total).ok()? };
        Some(Self { nanoseconds })
    }
}

/// Number and unit at the start of the text, in nanoseconds, and what follows.
fn segment(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole_len = digits(text);
    let (whole, mut rest) = text.split_at(whole_len);
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        (fraction, rest) = after.split_at(digits(after));
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unit_len = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_len);
    let scale: u64 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanoseconds = u128::from(whole) * u128::from(scale);
    // Eighteen digits are below any unit's resolution.
    let fraction = &fraction[..fraction.len().min(18)];
    if !fraction.is_empty() {
        let power = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
        nanoseconds += fraction.parse::<u128>().ok()? * u128::from(scale) / power;
    }
    u64::try_from(nanoseconds).ok().map(|nanoseconds| (nanoseconds, rest))
}

impl Decode for Duration {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let value = match node.resolve() {
            Resolved::Str(text) => Self::parse(text),
            _ => None,
        };
        if value.is_none() {
            cx.wrong_type(node, "a duration with a unit, such as `30s` or `1m30s`");
        }
        value
    }

    fn zero() -> Option<Self> {
        Some(Self::default())
    }
}

impl Describe for Duration {
    fn shape() -> Shape {
        Shape::Format("duration", Some(r"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+)$"))
    }
}

crate::merge_replaces!(Duration);
crate::never_blank!(Duration);

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn reads_what_go_reads() {
        let cases = [
            ("0", Some(0)),
            ("1h2m3.5s", Some(3_723_500_000_000)),
            ("-5s", Some(-5_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("1.5h", Some(5_400_000_000_000)),
            ("100us", Some(100_000)),
            ("3µs", Some(3_000)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("99999999999999999999h", None),
            ("", None),
            ("5", None),
            ("1d", None),
            ("s", None),
            (".s", None),
            ("- 5s", None),
            ("5 s", None),
            ("1m30", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Duration::parse(text).map(Duration::as_nanos), expected, "{text}");
        }
    }
}
