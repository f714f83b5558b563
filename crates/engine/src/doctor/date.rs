//! Days.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day of the Gregorian calendar, written as in `2027-03-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

const DAY: u64 = 86_400;

/// What is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day of the form YYYY-MM-DD")]
pub struct NoDate(String);

impl Date {
    /// The day of a time, in UTC.
    pub fn of(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // Years begin in March, so that the odd day is a year's last one.
        let days = i64::try_from(seconds / DAY).unwrap_or_default() + 719_468;
        let (era, in_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let years = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * years + years / 4 - years / 100);
        let shifted = (5 * in_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + years + i64::from(month <= 2);
        Self { year, month, day: in_year - (153 * shifted + 2) / 5 + 1 }
    }

    /// How many days after `earlier` it is; negative for one before.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.number() - earlier.number()
    }

    fn number(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, years) = (year.div_euclid(400), year.rem_euclid(400));
        let in_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        era * 146_097 + years * 365 + years / 4 - years / 100 + in_year - 719_468
    }
}

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let parts: Vec<&str> = text.split('-').collect();
        let number = |part: &str, letters: usize| {
            let digits = part.len() == letters && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        let date = match parts[..] {
            [year, month, day] => number(year, 4)
                .zip(number(month, 2))
                .zip(number(day, 2))
                .map(|((year, month), day)| Self { year, month, day }),
            _ => None,
        };
        let exists = |date: &Self| {
            let next = Self { day: 1, month: date.month % 12 + 1, year: date.year + date.month / 12 };
            (1..=12).contains(&date.month) && date.day >= 1 && date.number() < next.number()
        };
        date.filter(exists).ok_or_else(|| NoDate(text.to_owned()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{DAY, Date};

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, text) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (19_675, "2023-11-14"), (20_880, "2027-03-03")]
        {
            let date = Date::of(UNIX_EPOCH + Duration::from_secs(days * DAY + 7));
            assert_eq!(date.to_string(), text);
            assert_eq!(text.parse(), Ok(date));
        }
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(date("2027-03-01").days_since(date("2027-02-28")), 1);
        assert_eq!(date("2026-11-28").days_since(date("2027-11-28")), -365);
        for wrong in ["", "2027", "2027-13-01", "2027-02-29", "2027-2-3", "2027-02-00", "x", "2027-02-03-04"]
        {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
