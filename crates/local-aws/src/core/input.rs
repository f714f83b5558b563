//! Reading a request that came over any protocol, and marking what JSON has no word for.

use base64::Engine as _;
use serde_json::{Value as Json, json};

use crate::error::AwsError;

/// Key of the object that stands for a point in time (milliseconds since 1970) until a protocol writes it.
pub(crate) const TIMESTAMP: &str = "$ts";
/// Key of the object that stands for bytes (Base64) until a protocol writes it.
pub(crate) const BLOB: &str = "$blob";

/// A point in time, to be written in the protocol's own form.
pub(crate) fn timestamp(millis: i64) -> Json {
    json!({ TIMESTAMP: millis })
}

/// Members of a request; the query protocols only know text, so numbers and booleans are read from text too.
pub(crate) trait Input {
    /// The text of a member that is there and not empty of meaning.
    fn text(&self, key: &str) -> Option<&str>;
    /// The text of a member that the operation cannot do without.
    fn need(&self, key: &str) -> Result<&str, AwsError>;
    /// Whether a member is true.
    fn flag(&self, key: &str) -> bool;
    /// A whole number.
    fn number(&self, key: &str) -> Option<i64>;
    /// The elements of a list member; none if it is absent.
    fn list(&self, key: &str) -> &[Json];
    /// The texts of a list member.
    fn texts(&self, key: &str) -> Vec<String>;
    /// Whether the member is there at all.
    fn has(&self, key: &str) -> bool;
}

impl Input for Json {
    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::as_str)
    }

    fn need(&self, key: &str) -> Result<&str, AwsError> {
        self.text(key).ok_or_else(|| AwsError::missing(key))
    }

    fn flag(&self, key: &str) -> bool {
        match self.get(key) {
            Some(Self::Bool(flag)) => *flag,
            Some(Self::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(Self::Number(number)) => number.as_i64(),
            Some(Self::String(text)) => text.parse().ok(),
            _ => None,
        }
    }

    fn list(&self, key: &str) -> &[Json] {
        self.get(key).and_then(Self::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Self::as_str).map(str::to_owned).collect()
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|value| !value.is_null())
    }
}

/// Base64 with padding, as every AWS protocol uses it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The bytes behind Base64 text.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()
}

/// One page of `items`: those from `token` on, at most `size`, and the token of the next page.
pub(crate) fn page<T: Clone>(items: &[T], token: Option<&str>, size: usize) -> (Vec<T>, Option<String>) {
    let start =
        token.and_then(|token| token.strip_prefix("page-")?.parse().ok()).unwrap_or(0).min(items.len());
    let end = start.saturating_add(size.max(1)).min(items.len());
    let next = (end < items.len()).then(|| format!("page-{end}"));
    (items[start..end].to_vec(), next)
}

/// The number of items a request asks for per page, within what the service allows.
pub(crate) fn page_size(input: &Json, key: &str, most: usize) -> usize {
    input.number(key).and_then(|n| usize::try_from(n).ok()).map_or(most, |n| n.clamp(1, most))
}
