//! Times, durations and commands as people read them.

use std::time::{Duration, SystemTime};

use copilot_deployer::Time;
use copilot_engine::Running;

/// A duration in its two largest units: `3m 20s`, `2h 5m`, `4d`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d"),
    }
}

/// A duration as people read it, to a tenth of a second.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// What is under way in AWS, and goes on without us.
pub(crate) fn running(what: &Running) -> String {
    match what {
        Running::Creation { stack } => format!("the creation of stack {stack}"),
        Running::Update { stack } => format!("the update of stack {stack}"),
        Running::Deletion { stack } => format!("the deletion of stack {stack}"),
        Running::Bootstrap { region } => {
            format!("the creation of the application's resources in region {region}")
        }
        _ => "the completion of the connection".to_owned(),
    }
}

/// How long ago something was, roughly.
pub(crate) fn ago(time: Time, now: SystemTime) -> String {
    let seconds = time.age(now).as_secs();
    let units =
        [("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600), ("minute", 60)];
    match units.into_iter().find(|(_, length)| seconds >= *length) {
        None => "just now".to_owned(),
        Some((unit, length)) => {
            let count = seconds / length;
            format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
        }
    }
}

/// A command of this program that can be pasted into a shell.
pub(crate) fn command(before: &[String], verb: &str, after: &[String]) -> String {
    let words =
        before.iter().map(String::as_str).chain(verb.split(' ')).chain(after.iter().map(String::as_str));
    std::iter::once("copilot-pipeline".to_owned()).chain(words.map(quoted)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The beginning of an id or a commit, which is enough to tell it from others.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Who rejected an approval, and why if they said so.
pub(crate) fn rejected(by: &str, why: &str) -> String {
    if why.is_empty() { format!("rejected by {by}") } else { format!("rejected by {by}: {why}") }
}

/// `1 resource`, `2 resources`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{command, duration};

    #[test]
    fn durations_have_two_units() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (200, "3m 20s"), (7500, "2h 5m"), (345_601, "4d")] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            command(&words(&["--local", "it's here"]), "status --watch", &words(&["--name", "main"])),
            r"copilot-pipeline --local 'it'\''s here' status --watch --name main"
        );
    }
}
