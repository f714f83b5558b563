//! Plain lines for logs: what an engine writes comes in one piece for each image.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use copilot_artifact::Event;

use crate::harmless::unstyled;
use crate::times::seconds;

/// A log that stays silent for longer makes people wonder.
const SILENCE: Duration = Duration::from_secs(30);

impl Running {
    fn new() -> Self {
        let now = Instant::now();
        Self { since: now, last_said: now, lines: Vec::new() }
    }
}

/// Turns events into lines.
pub(crate) struct Lines {
    /// Builds that are running, by image.
    running: BTreeMap<String, Running>,
}

struct Running {
    since: Instant,
    last_said: Instant,
    lines: Vec<String>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { running: BTreeMap::new() }
    }

    /// The lines that an event is worth.
    pub(super) fn note(&mut self, event: Event) -> Vec<String> {
        match event {
            Event::Building { image, line } => self.building(image, &line),
            Event::Built { image, took } => {
                let mut lines = vec![format!("{image}: built in {}", seconds(took))];
                lines.extend(self.held_back(&image));
                lines
            }
            Event::Pushing { image, reference } => {
                let said = format!("{image}: pushing {reference}");
                self.running.entry(image).or_insert_with(Running::new);
                vec![said]
            }
            Event::Pushed { image, reference, digest, took } => {
                self.running.remove(&image);
                vec![format!("{image}: pushed {reference} ({digest}) in {}", seconds(took))]
            }
            Event::Reused { image, reference, why } => {
                vec![format!("{image}: kept {reference}, since {why}")]
            }
            Event::Uploaded { what, bytes, took, .. } => {
                vec![format!("uploaded {what} ({bytes} bytes) in {}", seconds(took))]
            }
            Event::Replacing { what, why, .. } => vec![format!("{what}: sent again, since {why}")],
            Event::Retrying { what, error } => vec![format!("{what}: tried again after: {error}")],
            Event::Warning { text } => vec![format!("warning: {text}")],
            Event::Failed { what, .. } => {
                let held_back = self.held_back(&what);
                std::iter::once(format!("{what}: failed")).chain(held_back).collect()
            }
            _ => Vec::new(),
        }
    }

    fn building(&mut self, image: String, line: &str) -> Vec<String> {
        let mut said = Vec::new();
        let running = self.running.entry(image).or_insert_with_key(|image| {
            said.push(format!("{image}: started"));
            Running::new()
        });
        running.lines.push(unstyled(line));
        said
    }

    /// A sign of life of what has been silent for long.
    pub(super) fn still(&mut self) -> Vec<String> {
        let silent = self.running.iter_mut().filter(|(_, running)| running.last_said.elapsed() >= SILENCE);
        silent
            .map(|(image, running)| {
                running.last_said = Instant::now();
                let last = running.lines.last().map(String::as_str).unwrap_or_default();
                format!("{image}: still at work after {}: {}", seconds(running.since.elapsed()), last.trim())
            })
            .collect()
    }

    /// What an engine wrote about an image, indented below its headline.
    fn held_back(&mut self, image: &str) -> Vec<String> {
        let lines = self.running.remove(image).map(|running| running.lines).unwrap_or_default();
        lines.into_iter().map(|line| format!("    {line}")).collect()
    }

    /// What engines wrote about images that never came to an end.
    pub(super) fn rest(&mut self) -> Vec<String> {
        let images: Vec<String> = self.running.keys().cloned().collect();
        let stopped = |image: &String| {
            let held_back = self.held_back(image);
            std::iter::once(format!("{image}: stopped")).chain(held_back).collect::<Vec<_>>()
        };
        images.iter().flat_map(stopped).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_builds_are_not_mixed() {
        let mut lines = Lines::new();
        let building = |image: &str, line: &str| Event::Building { image: image.into(), line: line.into() };
        let mut log = Vec::new();
        for event in [
            building("api", "#1 FROM"),
            building("web", "#1 FROM"),
            building("api", "#2 COPY"),
            Event::Built { image: "api".into(), took: Duration::from_millis(1500) },
            Event::Failed { what: "web".into(), error: "no".into() },
            building("job", "#1 FROM"),
        ] {
            log.extend(lines.note(event));
        }
        log.extend(lines.rest());
        insta::assert_snapshot!(log.join("\n"), @r"
        api: started
        web: started
        api: built in 1.5 s
            #1 FROM
            #2 COPY
        web: failed
            #1 FROM
        job: started
        job: stopped
            #1 FROM
        ");
    }
}
