//! Asking a person.

use inquire::{Confirm, InquireError, Select, Text};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The person pressed Escape or Ctrl-C.
    #[error("cancelled, nothing was changed")]
    Cancelled,
    /// The terminal went away or can't be used.
    #[error("can't ask on this terminal: {0}")]
    Terminal(String),
}

/// Somebody who answers questions. Tests answer from a list.
pub trait Prompt {
    /// Asks for a line of text. `help` is a remark below the question; `suggestion` is the answer if nothing is typed.
    ///
    /// # Errors
    /// [`PromptError`].
    fn text(
        &mut self,
        question: &str,
        suggestion: Option<&str>,
        help: Option<&str>,
    ) -> Result<String, PromptError>;

    /// Asks for one of several, of which there is at least one. Returns its index.
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

/// Asks on the terminal, drawing on standard error.
#[derive(Debug, Clone, Copy)]
pub struct Inquire;

impl Prompt for Inquire {
    fn text(
        &mut self,
        question: &str,
        suggestion: Option<&str>,
        help: Option<&str>,
    ) -> Result<String, PromptError> {
        let mut prompt = Text::new(question);
        prompt.default = suggestion;
        prompt.help_message = help;
        prompt.prompt().map_err(refused)
    }

    fn select(
        &mut self,
        question: &str,
        options: &[String],
        help: Option<&str>,
    ) -> Result<usize, PromptError> {
        let mut prompt = Select::new(question, options.to_vec());
        if let Some(help) = help {
            prompt.help_message = Some(help);
        }
        prompt.raw_prompt().map(|chosen| chosen.index).map_err(refused)
    }

    fn confirm(&mut self, question: &str) -> Result<bool, PromptError> {
        Confirm::new(question).with_default(false).prompt().map_err(refused)
    }
}

fn refused(error: InquireError) -> PromptError {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => PromptError::Cancelled,
        other => PromptError::Terminal(other.to_string()),
    }
}
