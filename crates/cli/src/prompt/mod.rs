//! Asking a person.

mod choice;
mod console;
mod line;
mod screen;

pub use console::Console;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The person pressed Escape or Ctrl-C, or the process was asked to end.
    #[error("cancelled, nothing was changed")]
    Cancelled,
    /// The terminal went away or can't be used.
    #[error("can't ask on this terminal: {0}")]
    Terminal(String),
}

/// A question that is answered by a line of text.
pub struct Question<'a> {
    /// The question itself.
    pub text: &'a str,
    /// The answer if nothing is typed.
    pub suggestion: Option<&'a str>,
    /// What `?` tells.
    pub help: &'a str,
    /// Says what is wrong with an answer. One that is refused is kept, to be corrected.
    pub check: &'a dyn Fn(&str) -> Result<(), String>,
}

/// Somebody who answers questions. Tests answer from a list.
pub trait Prompt {
    /// Asks for a line of text until the answer is good.
    ///
    /// # Errors
    /// [`PromptError`].
    fn text(&mut self, question: &Question<'_>) -> Result<String, PromptError>;

    /// Asks for one of several, of which there is at least one. Returns its index. `help` is what `?` tells.
    ///
    /// # Errors
    /// [`PromptError`].
    fn select(
        &mut self,
        question: &str,
        options: &[String],
        help: Option<&str>,
    ) -> Result<usize, PromptError>;

    /// Asks whether to go on; the answer is no unless yes is typed.
    ///
    /// # Errors
    /// [`PromptError`].
    fn confirm(&mut self, question: &str) -> Result<bool, PromptError>;
}
