//! What Copilot writes where there is nothing.

use serde::{Serialize, Serializer};

use crate::time::Time;

/// A list that is empty is `null`.
pub(crate) fn null_if_empty<T: Serialize, S: Serializer>(
    list: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if list.is_empty() { serializer.serialize_none() } else { list.serialize(serializer) }
}

/// A time that is not there is the beginning of the calendar.
#[expect(clippy::ref_option, reason = "serde passes a reference")]
pub(crate) fn or_zero<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => time.serialize(serializer),
        None => serializer.serialize_str("0001-01-01T00:00:00Z"),
    }
}
