//! Progress that is redrawn in place on a terminal, and plain lines everywhere else.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A few lines at the bottom of the terminal that show what is going on right now.
///
/// Without a terminal nothing is redrawn: then [`Live::is_drawn`] is false, and whoever shows progress prints a line for each
/// thing that happened instead.
pub(crate) struct Live(Option<ProgressBar>);

impl Live {
    /// `drawn` says whether standard error is a terminal that a person watches.
    pub(crate) fn new(drawn: bool) -> Self {
        if !drawn {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        // The whole picture is one message of several lines, made anew each time.
        bar.set_style(
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Self(Some(bar))
    }

    /// Whether [`Live::show`] has any effect.
    pub(crate) fn is_drawn(&self) -> bool {
        self.0.is_some()
    }

    /// Replaces the picture.
    pub(crate) fn show(&self, picture: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(picture.trim_end().to_owned());
            bar.tick();
        }
    }

    /// Prints something that stays, above the picture. Without a terminal the caller prints it.
    pub(crate) fn above(&self, text: &str) {
        if let Some(bar) = &self.0 {
            bar.println(text.trim_end());
        }
    }

    /// Lets something be printed that stays, above the picture if there is one.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the picture away.
    pub(crate) fn clear(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
