use std::sync::Mutex;

use super::*;

/// A log in memory, which hands out two lines at a time and keeps what it was asked for.
#[derive(Default)]
struct Memory {
    events: Mutex<Vec<LogEvent>>,
    asked: Mutex<usize>,
}

impl Memory {
    fn with(lines: &[(&str, i64, &str)]) -> Self {
        let memory = Self::default();
        for (stream, time, message) in lines {
            memory.add(stream, *time, message);
        }
        memory
    }

    fn add(&self, stream: &str, timestamp: i64, message: &str) {
        let mut events = self.events.lock().unwrap();
        let id = events.len().to_string();
        events.push(LogEvent {
            stream: stream.into(),
            ingestion_time: timestamp + 1,
            message: message.into(),
            timestamp,
            id,
        });
        in_order(&mut events);
    }
}

impl Source for Memory {
    async fn page(&self, prefix: &str, range: Range, next: Option<String>) -> Result<Page, Error> {
        *self.asked.lock().unwrap() += 1;
        let fits = |event: &&LogEvent| {
            event.stream.starts_with(prefix)
                && range.from.is_none_or(|from| event.timestamp >= from)
                && range.to.is_none_or(|to| event.timestamp < to)
        };
        let all: Vec<LogEvent> = self.events.lock().unwrap().iter().filter(fits).cloned().collect();
        let start: usize = next.map_or(0, |next| next.parse().unwrap());
        let events: Vec<LogEvent> = all.iter().skip(start).take(2).cloned().collect();
        Ok(Page { events, next: (start + 2 < all.len()).then(|| (start + 2).to_string()) })
    }

    async fn stream(&self, name: &str, _: Range) -> Result<Vec<LogEvent>, Error> {
        let events = self.events.lock().unwrap();
        Ok(events.iter().filter(|event| event.stream == name).cloned().collect())
    }
}

const NOW: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;

async fn lines(memory: &Memory, wanted: Wanted) -> String {
    let mut found = Vec::new();
    read(memory, &wanted, NOW, |events| found.extend(events)).await.unwrap();
    let lines = found.iter().map(|event| event.message.clone());
    lines.collect::<Vec<_>>().join(" ")
}

fn log() -> Memory {
    Memory::with(&[
        ("copilot/web/a", NOW - 900 * MINUTE, "old"),
        ("copilot/web/a", NOW - 899 * MINUTE, "older"),
        ("copilot/web2/c", NOW - 30 * MINUTE, "other"),
        ("copilot/web/b", NOW - 20 * MINUTE, "begin"),
        ("copilot/web/b", NOW - 2 * MINUTE, "go"),
        ("states/web/x", NOW - MINUTE, "state"),
        ("copilot/web/b", NOW - 1000, "end"),
        ("copilot/web/b", NOW + 500, "ahead"),
    ])
}

#[tokio::test]
async fn the_newest_lines_come_in_order() {
    let (log, all) = (log(), prefixes("web", None, &[]));
    let wanted = |lines| Wanted { prefixes: all.clone(), lines: Some(lines), ..Wanted::default() };
    assert_eq!(lines(&log, wanted(2)).await, "end ahead");
    assert_eq!(*log.asked.lock().unwrap(), 1, "the newest are found with one question");
    assert_eq!(lines(&log, wanted(4)).await, "begin go end ahead");
    assert_eq!(lines(&log, wanted(100)).await, "old older other begin go end ahead");
}

#[tokio::test]
async fn containers_and_tasks_choose_streams() {
    let log = log();
    let of = async |container: Option<&str>, tasks: &[&str]| {
        let tasks: Vec<String> = tasks.iter().map(|task| (*task).to_owned()).collect();
        let prefixes = prefixes("web", container, &tasks);
        lines(&log, Wanted { prefixes, ..Wanted::default() }).await
    };
    assert_eq!(of(Some("web2"), &[]).await, "other");
    assert_eq!(of(Some("web"), &[]).await, "old older begin go end ahead", "`web` is not `web2`");
    assert_eq!(of(None, &["a"]).await, "old older");
    assert_eq!(of(None, &["b", "a"]).await, "old older begin go end ahead");
}

#[tokio::test]
async fn times_bound_what_is_read() {
    let log = log();
    let now = Time::from_millis(NOW);
    let within = |range| Wanted { prefixes: vec![TASKS.into()], range, ..Wanted::default() };
    let since = range(now, Some(25 * MINUTE), None, None);
    assert_eq!(lines(&log, within(since)).await, "begin go end ahead");
    let to = Some(Time::from_millis(NOW - MINUTE));
    assert_eq!(
        lines(&log, within(range(now, None, Some(Time::from_millis(NOW - 25 * MINUTE)), to))).await,
        "begin go"
    );
}

#[tokio::test]
async fn runs_are_whole_streams() {
    let log = log();
    let runs = |prefixes: &[&str], number| Wanted {
        prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
        streams: Some(number),
        ..Wanted::default()
    };
    assert_eq!(lines(&log, runs(&["copilot/web/"], 1)).await, "begin go end ahead");
    assert_eq!(lines(&log, runs(&["copilot/web/"], 2)).await, "old older begin go end ahead");
    assert_eq!(lines(&log, runs(&["copilot/", "states/"], 1)).await, "begin go state end ahead");
}

#[tokio::test]
async fn a_line_that_arrives_late_is_told_once() {
    let log = log();
    let mut tail = Tail::new(vec![TASKS.to_owned()], NOW - 5000);
    let mut next = async || {
        let found = tail.poll(&log).await.unwrap();
        found.into_iter().map(|event| event.message).collect::<Vec<_>>()
    };
    assert_eq!(next().await, ["end", "ahead"]);
    assert!(next().await.is_empty());
    log.add("copilot/web/b", NOW + 2000, "next");
    log.add("copilot/web/late", NOW - 100, "late");
    assert_eq!(next().await, ["late", "next"]);
    log.add("copilot/web/b", NOW + 2000, "next");
    assert_eq!(next().await, ["next"], "the same words are another line");
    log.add("copilot/web/b", NOW - 6000, "before the beginning");
    assert!(next().await.is_empty());
}
