//! Schedules of jobs as EventBridge takes them.

use crate::workload::value::Duration;

/// What starts a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Nothing but a call by hand; the rule is there, disabled.
    Manual,
    /// An expression of EventBridge, `rate(…)` or `cron(…)`.
    Expression(String),
}

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Nothing is written.
    #[error("the schedule is empty")]
    Empty,
    /// It is neither a rate, nor a preset, nor five fields of cron.
    #[error("`{0}` is not a cron expression, rate or preset")]
    Unknown(String),
    /// A period that EventBridge does not know.
    #[error("`@every` takes a whole number of minutes, 1 or more")]
    Period,
    /// Day of month and day of week are both given.
    #[error("day of month and day of week can not both be given")]
    BothDays,
}

impl Schedule {
    /// Converts `on.schedule`.
    ///
    /// # Errors
    /// [`ScheduleError`] for anything that EventBridge could not run.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        if text.is_empty() {
            return Err(ScheduleError::Empty);
        }
        if text == "none" {
            return Ok(Self::Manual);
        }
        if is_expression(text) || text.contains("none") {
            return Ok(Self::Expression(text.to_owned()));
        }
        if let Some(preset) = text.strip_prefix('@') {
            return preset_expression(preset, text).map(Self::Expression);
        }
        from_cron(text).map(Self::Expression)
    }

    /// The parameter of the job's stack.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Manual => "none",
            Self::Expression(expression) => expression,
        }
    }
}

/// `rate(…)` or `cron(…)` anywhere in the text is taken as it is.
fn is_expression(text: &str) -> bool {
    ["rate(", "cron("]
        .iter()
        .any(|word| text.find(word).is_some_and(|start| text[start + word.len()..].contains(')')))
}

fn preset_expression(preset: &str, text: &str) -> Result<String, ScheduleError> {
    let fields = match preset {
        "hourly" => "0 * * * ? *",
        "daily" | "midnight" => "0 0 * * ? *",
        "weekly" => "0 0 ? * 1 *",
        "monthly" => "0 0 1 * ? *",
        "yearly" | "annually" => "0 0 1 1 ? *",
        _ => {
            let period = preset.strip_prefix("every ").and_then(Duration::parse);
            return rate(period.ok_or_else(|| ScheduleError::Unknown(text.to_owned()))?);
        }
    };
    Ok(format!("cron({fields})"))
}

fn rate(period: Duration) -> Result<String, ScheduleError> {
    const MINUTE: i64 = 60_000_000_000;
    let nanoseconds = period.as_nanos();
    if nanoseconds < MINUTE || nanoseconds % MINUTE != 0 {
        return Err(ScheduleError::Period);
    }
    match nanoseconds / MINUTE {
        1 => Ok("rate(1 minute)".to_owned()),
        minutes => Ok(format!("rate({minutes} minutes)")),
    }
}

/// Five fields of cron become the six of EventBridge, which counts days of the week from 1 and takes only one day field.
///
/// A field with `*` or `?` in it counts as not given: the step of `*/2` is lost there, as it is in deployed stacks.
fn from_cron(text: &str) -> Result<String, ScheduleError> {
    let unknown = || ScheduleError::Unknown(text.to_owned());
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    let zoned = fields.first().is_some_and(|field| field.starts_with("TZ=") || field.starts_with("CRON_TZ="));
    check(&fields[usize::from(zoned)..]).ok_or_else(unknown)?;
    let open = |field: &str| field.contains(['*', '?']);
    match (open(fields[2]), open(fields[4])) {
        (true, true) => {
            fields[2] = "*";
            fields[4] = "?";
        }
        (true, false) => fields[2] = "?",
        (false, true) => fields[4] = "?",
        (false, false) => return Err(ScheduleError::BothDays),
    }
    let weekdays: String =
        fields[4].chars().map(|c| if c.is_ascii_digit() { char::from(c as u8 + 1) } else { c }).collect();
    fields[4] = &weekdays;
    Ok(format!("cron({} *)", fields.join(" ")))
}

/// Whether five fields are what cron takes.
fn check(fields: &[&str]) -> Option<()> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let [minute, hour, day, month, weekday] = fields else { return None };
    check_field(minute, 0, 59, &[])?;
    check_field(hour, 0, 23, &[])?;
    check_field(day, 1, 31, &[])?;
    check_field(month, 1, 12, &MONTHS)?;
    check_field(weekday, 0, 6, &DAYS)
}

fn check_field(field: &str, min: u32, max: u32, names: &[&str]) -> Option<()> {
    for part in field.split(',').filter(|part| !part.is_empty()) {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        if let Some(step) = step {
            step.parse::<u32>().ok().filter(|step| *step > 0)?;
        }
        let mut ends = range.split('-');
        let (first, last) = (ends.next()?, ends.next());
        if ends.next().is_some() {
            return None;
        }
        if matches!(first, "*" | "?") {
            continue;
        }
        let first = value(first, min, names)?;
        let last = last.map_or(Some(first), |last| value(last, min, names))?;
        if first < min || last > max || first > last {
            return None;
        }
    }
    (!field.is_empty()).then_some(())
}

fn value(text: &str, min: u32, names: &[&str]) -> Option<u32> {
    if let Some(place) = names.iter().position(|name| text.eq_ignore_ascii_case(name)) {
        return u32::try_from(place).ok().map(|place| place + min);
    }
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_become_what_is_deployed() {
        for (schedule, expression) in [
            ("0 9 * * 1-5", "cron(0 9 ? * 2-6 *)"),
            ("0 9 * * 0", "cron(0 9 ? * 1 *)"),
            ("0 9 * * MON-FRI", "cron(0 9 ? * MON-FRI *)"),
            ("15 10 * * sun", "cron(15 10 ? * sun *)"),
            ("*/5 * * * *", "cron(*/5 * * * ? *)"),
            ("0 9 1 * ?", "cron(0 9 1 * ? *)"),
            ("0 9 */2 * *", "cron(0 9 * * ? *)"),
            ("0 9 * * */2", "cron(0 9 * * ? *)"),
            ("0 9 */1 * 1", "cron(0 9 ? * 2 *)"),
            ("0 9 * * 1/2", "cron(0 9 ? * 2/3 *)"),
            ("0 9 * * *-1", "cron(0 9 * * ? *)"),
            ("CRON_TZ=UTC 0 9 * * 1", "cron(CRON_TZ=UTC 0 9 * ? 1 *)"),
            ("@every 1m", "rate(1 minute)"),
            ("@every 1.5h", "rate(90 minutes)"),
            ("@weekly", "cron(0 0 ? * 1 *)"),
            ("rate(2 hours)", "rate(2 hours)"),
            ("my rate(x) thing", "my rate(x) thing"),
        ] {
            assert_eq!(
                Schedule::parse(schedule),
                Ok(Schedule::Expression(expression.to_owned())),
                "{schedule}"
            );
        }
        assert_eq!(Schedule::parse("none"), Ok(Schedule::Manual));
    }

    #[test]
    fn what_can_not_run_is_refused() {
        for schedule in [
            "0 9 * * 7",
            "0 0 * * * *",
            "@reboot",
            "0 9 L * *",
            "60 * * * *",
            "@every 90s",
            "x",
            "@every",
            "0 9 * 13 *",
        ] {
            assert!(Schedule::parse(schedule).is_err(), "{schedule}");
        }
        assert_eq!(Schedule::parse("0 9 1 * 1"), Err(ScheduleError::BothDays));
        assert_eq!(Schedule::parse("@every 30s"), Err(ScheduleError::Period));
        assert_eq!(Schedule::parse(""), Err(ScheduleError::Empty));
    }
}
