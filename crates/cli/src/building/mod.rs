//! What is building, pushing and uploading: a tree that is redrawn on a terminal, plain lines everywhere else.

mod lines;
mod summary;
mod tree;

use copilot_artifact::Event;

use crate::io::Io;
use crate::live::Live;
use lines::Lines;
pub(crate) use summary::summary;
use tree::Tree;

/// Progress of a run, in the form that fits whoever reads it.
pub(crate) enum Progress {
    Drawn(Live, Tree),
    Plain(Lines),
}

impl Progress {
    pub(crate) fn new(io: &Io<'_>, dry_run: bool) -> Self {
        let live = io.live();
        if live.is_drawn() {
            Self::Drawn(live, Tree::new(io.unicode(), io.width(), dry_run))
        } else {
            Self::Plain(Lines::new())
        }
    }

    /// Takes an event; `None` says that time has passed.
    pub(crate) fn note(&mut self, event: Option<Event>, io: &mut Io<'_>) {
        match self {
            Self::Drawn(live, tree) => {
                if let Some(text) = event.and_then(|event| tree.note(event)) {
                    live.above(&text.into());
                }
                live.show(&tree.drawn().into());
            }
            Self::Plain(lines) => {
                let text = match event {
                    Some(event) => lines.note(event),
                    None => lines.still(),
                };
                for line in text {
                    io.note(&line);
                }
            }
        }
    }

    /// Takes the tree away, unless somebody stopped the run, and says what was still held back.
    pub(crate) fn end(self, io: &mut Io<'_>) {
        match self {
            Self::Drawn(live, _) if io.interrupt().is_sent() => live.leave(),
            Self::Drawn(live, _) => live.clear(),
            Self::Plain(mut lines) => {
                for line in lines.rest() {
                    io.note(&line);
                }
            }
        }
    }
}
