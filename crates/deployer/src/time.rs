//! A point in time as AWS tells it.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Serialize, Serializer};

/// A point in time. It is displayed and serialised as RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(DateTime);

impl Time {
    /// How long before `now` it was; nothing for what is still to come.
    pub fn age(self, now: SystemTime) -> Duration {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let then = Duration::from_secs(u64::try_from(self.0.secs()).unwrap_or_default());
        now.saturating_sub(then)
    }

    /// How long after `earlier` it was.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.secs() - earlier.0.secs()).unwrap_or_default())
    }
}

impl Time {
    /// A number of milliseconds since 1970.
    pub fn from_millis(millis: i64) -> Self {
        Self(DateTime::from_millis(millis))
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        // Only times that are millions of years away have none.
        self.0.to_millis().unwrap_or_default()
    }

    /// A time as RFC 3339 writes it, in UTC or with an offset; nothing for another text.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::from_str(text, Format::DateTimeWithOffset).ok().map(Self)
    }
}

impl From<DateTime> for Time {
    /// AWS tells times to a millisecond, as numbers of seconds with a fraction that binary digits only come near to.
    fn from(time: DateTime) -> Self {
        let millis = i64::from(time.subsec_nanos().saturating_add(500_000) / 1_000_000);
        Self::from_millis(time.secs().saturating_mul(1000).saturating_add(millis))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only years beyond 9999 can't be written.
        f.write_str(&self.0.fmt(Format::DateTime).unwrap_or_default())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_smithy_types::DateTime;

    use super::Time;

    #[test]
    fn times_are_told_in_utc() {
        let time = Time::from(DateTime::from_secs(1_700_000_000));
        assert_eq!(time.to_string(), "2023-11-14T22:13:20Z");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_090);
        assert_eq!(time.age(now), Duration::from_secs(90));
        assert_eq!(time.age(SystemTime::UNIX_EPOCH), Duration::ZERO);
        let near = Time::from(DateTime::from_secs_f64(1_700_000_000.688));
        assert_eq!(near.to_string(), "2023-11-14T22:13:20.688Z");
        assert_eq!(Time::parse("2023-11-15T00:13:20+02:00"), Some(time));
        assert_eq!((Time::parse("yesterday"), Time::from_millis(time.millis())), (None, time));
        assert_eq!(time.since(Time::from(DateTime::from_secs(1_699_999_000))), Duration::from_secs(1000));
    }
}
