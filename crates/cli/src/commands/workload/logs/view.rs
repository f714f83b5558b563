//! Lines of logs as people see them, or as JSON.

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use copilot_deployer::workload::LogEvent;

use crate::failure::Failure;
use crate::harmless::one_line;
use crate::io::Io;
use crate::json;
use crate::phrases::short;
use crate::text::Text;

/// Prints lines, each with where it is from.
pub(super) fn print(events: &[LogEvent], as_json: bool, io: &mut Io<'_>) -> Result<(), Failure> {
    if as_json {
        let mut lines = Vec::new();
        for event in events {
            lines.extend(json::line(event).map_err(|error| Failure::Output(error.into()))?);
        }
        return io.out_bytes(&lines);
    }
    let mut text = Text::new();
    for event in events {
        text.push(line(event));
    }
    io.out(text)
}

fn line(event: &LogEvent) -> Text {
    let mut text = Text::new();
    text.paint(AnsiColor::Cyan.on_default(), origin(&event.stream));
    // Colours of a program are of no use beside those of others, and nothing else of it may act on the terminal.
    let message = strip_str(&event.message).to_string();
    for (index, line) in message.trim_end().split('\n').enumerate() {
        // No line of a message looks like one of another task.
        text.push(if index == 0 { " " } else { "\n  " });
        marked(&one_line(line.trim_end_matches('\r')), &mut text);
    }
    text.push("\n");
    text
}

/// What wrote a stream, in few letters: `copilot/CONTAINER/TASK` is `CONTAINER/TASK` with the beginning of the task's ID.
fn origin(stream: &str) -> String {
    let mut parts: Vec<&str> = stream.split('/').collect();
    if parts.len() > 2 && parts[0] == "copilot" {
        parts.remove(0);
    }
    match parts[..] {
        [first, .., last] => format!("{}/{}", one_line(first), one_line(short(last))),
        _ => one_line(stream),
    }
}

/// Words that people look for.
fn marked(line: &str, text: &mut Text) {
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let end = rest[start..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |at| start + at);
        text.push(&rest[..start]);
        match style(&rest[start..end]) {
            Some(style) => text.paint(style, &rest[start..end]),
            None => text.push(&rest[start..end]),
        }
        rest = &rest[end..];
    }
    text.push(rest);
}

fn style(word: &str) -> Option<Style> {
    match word {
        "FATAL" | "FATA" | "fatal" | "ERROR" | "ERR" | "error" => Some(AnsiColor::Red.on_default().bold()),
        "WARNING" | "WARN" | "warning" | "warn" => Some(AnsiColor::Yellow.on_default().bold()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use copilot_deployer::workload::LogEvent;

    use super::{line, origin};

    #[test]
    fn nothing_of_a_line_acts_or_looks_like_another() {
        let event = LogEvent {
            stream: "copilot/web\u{1b}[2J/0123456789abcdef".into(),
            ingestion_time: 1,
            message: "\u{1b}[31mred\u{1b}[0m ERROR terror\r\nweb/fffffff a\u{202e}b\u{7}\r\n".into(),
            timestamp: 1,
            id: String::new(),
        };
        let text = line(&event).as_styled().to_owned();
        insta::assert_snapshot!(text.escape_debug().to_string());
    }

    #[test]
    fn origins_are_short() {
        let of = [
            ("copilot/web/0123456789abcdef", "web/01234567"),
            ("states/shop-test-job/2026-01-02-03-04/0123456789", "states/01234567"),
            ("instance/0123456789ab", "instance/01234567"),
            ("events", "events"),
        ];
        for (stream, told) in of {
            assert_eq!(origin(stream), told);
        }
    }
}
