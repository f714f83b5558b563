//! Progress that is redrawn in place on a terminal, and plain lines everywhere else.

use anstream::adapter::strip_str;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::text::Text;

/// A few lines at the bottom of the terminal that show what is going on right now.
///
/// Without a terminal nothing is redrawn: then [`Live::is_drawn`] is false, and whoever shows progress prints a line for each
/// thing that happened instead.
pub(crate) struct Live {
    bar: Option<ProgressBar>,
    color: bool,
}

impl Live {
    /// `drawn` says whether standard error is a terminal that a person watches, `color` whether it may have colours.
    pub(crate) fn new(drawn: bool, color: bool) -> Self {
        if !drawn {
            return Self { bar: None, color };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // The whole picture is one message of several lines, made anew each time.
        bar.set_style(
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Self { bar: Some(bar), color }
    }

    /// Whether [`Live::show`] has any effect.
    pub(crate) fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Replaces the picture.
    pub(crate) fn show(&self, picture: &Text) {
        if let Some(bar) = &self.bar {
            bar.set_message(self.dressed(picture));
            bar.tick();
        }
    }

    /// Prints something that stays, above the picture. Without a terminal the caller prints it.
    pub(crate) fn above(&self, text: &Text) {
        if let Some(bar) = &self.bar {
            bar.println(self.dressed(text));
        }
    }

    fn dressed(&self, text: &Text) -> String {
        let text = text.as_styled().trim_end();
        if self.color { text.to_owned() } else { strip_str(text).to_string() }
    }

    /// Lets something be printed that stays, above the picture if there is one.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the picture away.
    pub(crate) fn clear(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    /// Leaves the picture as it was last: it shows how far something came.
    pub(crate) fn leave(self) {
        if let Some(bar) = self.bar {
            bar.abandon();
        }
    }
}
