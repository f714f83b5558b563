//! Points in time as milliseconds since 1970, and the forms in which AWS writes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

/// Where the local AWS takes its time from, in milliseconds since 1970 (UTC).
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock of the caller's own.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time of the machine.
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a server's time is the machine's unless a test passes its own"
        )]
        Self::new(|| {
            let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// A clock that starts at `millis` and moves on by one second each time it is read: the same run has the same times.
    pub fn stepping(millis: i64) -> Self {
        let next = AtomicI64::new(millis);
        Self::new(move || next.fetch_add(1000, Ordering::Relaxed))
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Year, month, day, hour, minute, second and millisecond of a point in time.
fn civil(millis: i64) -> (i64, u32, u32, u32, u32, u32, u32) {
    let days = millis.div_euclid(86_400_000);
    let rest = millis.rem_euclid(86_400_000);
    // Days to date in the proleptic Gregorian calendar, counted from 0000-03-01 in eras of 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let part = |n: i64| u32::try_from(n).unwrap_or(0);
    (
        year,
        part(month),
        part(day),
        part(rest / 3_600_000),
        part(rest / 60_000 % 60),
        part(rest / 1000 % 60),
        part(rest % 1000),
    )
}

/// `2026-11-23T22:52:01.123Z`.
pub(crate) fn iso(millis: i64) -> String {
    let (year, month, day, hour, minute, second, milli) = civil(millis);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// `Mon, 23 Nov 2026 22:52:01 GMT`, the form of HTTP headers.
pub(crate) fn http(millis: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second, _) = civil(millis);
    let weekday = DAYS[usize::try_from(millis.div_euclid(86_400_000).rem_euclid(7)).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads `20261123T225201Z`, the date of a signature.
pub(crate) fn from_compact(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000)
}

/// Reads `2026-11-23T22:52:01.123456789Z`; what is finer than a millisecond is left out.
pub(crate) fn from_iso(text: &str) -> Option<i64> {
    let (whole, fraction) = text.strip_suffix('Z')?.split_once('.').unwrap_or((text.strip_suffix('Z')?, "0"));
    let compact: String = whole.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(from_compact(&compact)? + millis.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read() {
        assert_eq!(iso(1_795_474_321_123), "2026-11-23T22:52:01.123Z");
        assert_eq!(http(1_795_474_321_123), "Mon, 23 Nov 2026 22:52:01 GMT");
        assert_eq!(from_compact("20261123T225201Z"), Some(1_795_474_321_000));
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(from_compact("not a date at all"), None);
        assert_eq!(from_iso("2026-11-23T22:52:01.123456789Z"), Some(1_795_474_321_123));
        assert_eq!(from_iso("2026-11-23T22:52:01Z"), Some(1_795_474_321_000));
        assert_eq!(from_iso("now"), None);
    }
}
