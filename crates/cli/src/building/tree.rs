//! The tree that a terminal shows.

use std::fmt::Write as _;
use std::time::Instant;

use copilot_artifact::Event;

use crate::harmless::{one_line, unstyled};
use crate::times::seconds;

/// Images shown at a time; those at work come first.
const MOST: usize = 16;

/// What is known of the run so far.
pub(crate) struct Tree {
    started: Instant,
    unicode: bool,
    width: usize,
    title: &'static str,
    images: Vec<Image>,
    sent: usize,
    present: usize,
    sending: Vec<String>,
}

struct Image {
    name: String,
    state: State,
    since: Instant,
    /// The last line of the engine.
    line: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Building,
    Pushing,
    Waiting,
    Failed,
    Done,
    Kept,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Pushing => "pushing",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Kept => "kept",
        }
    }

    const fn is_at_work(self) -> bool {
        matches!(self, Self::Building | Self::Pushing)
    }
}

impl Tree {
    pub(super) fn new(unicode: bool, width: usize, dry_run: bool) -> Self {
        Self {
            started: Instant::now(),
            unicode,
            width,
            title: if dry_run { "Looking what there is" } else { "Building and uploading" },
            images: Vec::new(),
            sent: 0,
            present: 0,
            sending: Vec::new(),
        }
    }

    /// Takes an event, and returns what is to stay on the screen.
    pub(super) fn note(&mut self, event: Event) -> Option<String> {
        match event {
            Event::ImageQueued { image, .. } => self.set(&image, State::Waiting, String::new()),
            // Pushes may follow.
            Event::Built { image, took } => {
                self.set(&image, State::Done, format!("built in {}", seconds(took)));
            }
            Event::Building { image, line } => {
                self.set(&image, State::Building, one_line(unstyled(&line).trim()));
            }
            Event::Pushing { image, reference } => self.set(&image, State::Pushing, reference),
            Event::Pushed { image, reference, .. } => self.set(&image, State::Done, reference),
            Event::Reused { image, why, .. } => self.set(&image, State::Kept, why),
            Event::Uploading { what, .. } => self.sending.push(what),
            Event::Uploaded { what, .. } => {
                self.sent += 1;
                self.sending.retain(|sending| *sending != what);
            }
            Event::Skipped { .. } => self.present += 1,
            Event::Failed { what, error } if self.images.iter().any(|image| image.name == what) => {
                let first = error.lines().next().unwrap_or_default().to_owned();
                self.set(&what, State::Failed, first);
            }
            Event::Replacing { what, why, .. } => return Some(format!("{what}: sent again, since {why}")),
            Event::Retrying { what, error } => return Some(format!("{what}: tried again after: {error}")),
            Event::Warning { text } => return Some(format!("warning: {text}")),
            _ => {}
        }
        None
    }

    fn set(&mut self, name: &str, state: State, line: String) {
        let found = self.images.iter_mut().find(|image| image.name == name);
        match found {
            Some(image) => {
                if image.state != state {
                    image.since = Instant::now();
                }
                (image.state, image.line) = (state, line);
            }
            None => self.images.push(Image { name: name.to_owned(), state, since: Instant::now(), line }),
        }
    }

    /// The whole picture.
    pub(super) fn drawn(&self) -> String {
        let mut text = format!("{} ({})\n", self.title, seconds(self.started.elapsed()));
        let mut images: Vec<&Image> = self.images.iter().collect();
        if images.len() > MOST {
            images.sort_by_key(|image| image.state);
        }
        let hidden = images.len().saturating_sub(MOST);
        images.truncate(MOST);
        let mut rows: Vec<String> = images.iter().map(|image| self.row(image)).collect();
        if hidden > 0 {
            rows.push(format!("and {hidden} more"));
        }
        if self.sent + self.present + self.sending.len() > 0 {
            rows.push(self.files());
        }
        let (branch, last) = if self.unicode { ("├─ ", "└─ ") } else { ("|- ", "`- ") };
        let count = rows.len();
        for (index, row) in rows.iter().enumerate() {
            let lead = if index + 1 == count { last } else { branch };
            let _ = writeln!(text, "{lead}{}", cut(row, self.width.saturating_sub(4)));
        }
        text
    }

    fn row(&self, image: &Image) -> String {
        let names = self.images.iter().map(|image| image.name.chars().count()).max().unwrap_or_default();
        let time = if image.state.is_at_work() { seconds(image.since.elapsed()) } else { String::new() };
        let line =
            format!("{:names$}  {:8}  {time:>7}  {}", image.name, image.state.word(), image.line.trim());
        line.trim_end().to_owned()
    }

    fn files(&self) -> String {
        let mut text = format!("files: {} sent, {} already there", self.sent, self.present);
        if let Some(what) = self.sending.last() {
            let _ = write!(text, ", sending {what}");
        }
        text
    }
}

/// The beginning of a line that would be too long.
fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    line.chars().take(width.saturating_sub(3)).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_shows_who_does_what() {
        let mut tree = Tree::new(true, 60, false);
        let queued = |image: &str| Event::ImageQueued {
            image: image.into(),
            environments: vec!["test".into()],
            identity: "1a2b".into(),
        };
        for event in [
            queued("api"),
            queued("frontend"),
            Event::Building {
                image: "api".into(),
                line: "#5 [2/2] RUN something that takes a long line".into(),
            },
            Event::Reused { image: "frontend".into(), reference: "r".into(), why: "it is there".into() },
            Event::Uploading { object: "k".into(), what: "function rule-priority".into() },
            Event::Skipped { what: "k2".into(), why: "the bucket has it".into() },
        ] {
            assert_eq!(tree.note(event), None);
        }
        // The first line has the time, and so has what is at work.
        insta::assert_snapshot!(tree.drawn().replace("0.0 s", "T.T s"), @r"
        Building and uploading (T.T s)
        ├─ api       building    T.T s  #5 [2/2] RUN something t...
        ├─ frontend  kept               it is there
        └─ files: 0 sent, 1 already there, sending function rule...
        ");
    }

    #[test]
    fn a_line_is_cut_between_letters() {
        assert_eq!(cut("größe", 5), "größe");
        assert_eq!(cut("größere", 5), "gr...");
    }
}
