//! Asking on the terminal, drawing on standard error.

use std::io::{Write, stderr};
use std::time::Duration;

use crossterm::event::{self, Event, KeyEventKind};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::choice::{Choosing, Dialog, Marks, Step, Typing, Words};
use super::line::Key;
use super::screen::Screen;
use super::{Prompt, PromptError, Question};
use crate::interrupt::Interrupt;
use crate::io::Look;

/// How often it is looked whether the process is to end.
const PAUSE: Duration = Duration::from_millis(100);

/// What is said where a question has no help of its own.
const KEYS: &str =
    "arrows move, letters leave only what holds them\nEnter takes what is marked, Ctrl-C leaves";

/// A person at the terminal of this process.
#[derive(Debug, Clone)]
pub struct Console {
    look: Look,
    interrupt: Interrupt,
}

impl Console {
    /// A question ends with the process, if `interrupt` says so.
    pub fn new(look: Look, interrupt: Interrupt) -> Self {
        Self { look, interrupt }
    }

    fn words<'a>(&self, question: &'a str, usual: Option<&'a str>, help: Option<&'a str>) -> Words<'a> {
        Words { question, usual, help, marks: Marks::new(self.look.unicode) }
    }

    fn ask<D: Dialog>(&self, mut dialog: D) -> Result<D::Answer, PromptError> {
        let _raw = Raw::enter()?;
        let columns = crossterm::terminal::size().map_or(self.look.width, |(columns, _)| columns.into());
        let mut screen = Screen::new(stderr().lock(), columns, self.look.stderr_color);
        converse(&mut dialog, &mut screen, || self.input())
    }

    fn input(&self) -> Result<Input, PromptError> {
        loop {
            if self.interrupt.is_sent() {
                return Err(PromptError::Cancelled);
            }
            if !event::poll(PAUSE).map_err(terminal)? {
                continue;
            }
            match event::read().map_err(terminal)? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if let Some(key) = Key::of(&key) {
                        return Ok(Input::Key(key));
                    }
                }
                Event::Resize(columns, _) => return Ok(Input::Resize(columns.into())),
                _ => {}
            }
        }
    }
}

impl Prompt for Console {
    fn text(&mut self, question: &Question<'_>) -> Result<String, PromptError> {
        let words = self.words(question.text, question.suggestion, Some(question.help));
        self.ask(Typing::new(words, question.suggestion, question.check))
    }

    fn select(
        &mut self,
        question: &str,
        options: &[String],
        help: Option<&str>,
    ) -> Result<usize, PromptError> {
        let help = help.map_or_else(|| KEYS.to_owned(), |help| format!("{help}\n{KEYS}"));
        self.ask(Choosing::new(self.words(question, None, Some(&help)), options))
    }

    fn confirm(&mut self, question: &str) -> Result<bool, PromptError> {
        let check = |answer: &str| match yes_or_no(answer) {
            Some(_) => Ok(()),
            None => Err("answer `y` or `n`".to_owned()),
        };
        let words = self.words(question, Some("y/N"), Some("`y` goes on, `n` or Enter alone does not"));
        let answer = self.ask(Typing::new(words, Some("no"), &check))?;
        Ok(yes_or_no(&answer).unwrap_or(false))
    }
}

fn yes_or_no(answer: &str) -> Option<bool> {
    match answer.to_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

fn terminal(error: impl std::fmt::Display) -> PromptError {
    PromptError::Terminal(error.to_string())
}

/// What comes from a terminal.
enum Input {
    Key(Key),
    Resize(usize),
}

fn converse<D: Dialog>(
    dialog: &mut D,
    screen: &mut Screen<impl Write>,
    mut input: impl FnMut() -> Result<Input, PromptError>,
) -> Result<D::Answer, PromptError> {
    loop {
        screen.draw(&dialog.view()).map_err(terminal)?;
        let step = match input() {
            Ok(Input::Key(key)) => dialog.press(key),
            Ok(Input::Resize(columns)) => {
                screen.resize(columns);
                Step::Stay
            }
            Err(error) => {
                // What was typed stays to be seen.
                screen.leave().map_err(terminal)?;
                return Err(error);
            }
        };
        match step {
            Step::Stay => {}
            Step::Answer(answer) => {
                screen.finish(&dialog.answered(&answer)).map_err(terminal)?;
                return Ok(answer);
            }
            Step::Cancel => {
                screen.leave().map_err(terminal)?;
                return Err(PromptError::Cancelled);
            }
        }
    }
}

/// A terminal that hands over each key as it is pressed, until this is dropped.
struct Raw;

impl Raw {
    fn enter() -> Result<Self, PromptError> {
        enable_raw_mode().map_err(terminal)?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing better can be done for a terminal that is gone.
        let _ = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::{Console, Input, converse};
    use crate::interrupt::Interrupt;
    use crate::io::Look;
    use crate::prompt::PromptError;
    use crate::prompt::choice::Typing;
    use crate::prompt::line::{Edit, Key};
    use crate::prompt::screen::Screen;

    /// Types keys at a question; the end of `keys` is a request to end.
    fn asked(keys: &[Key], suggestion: Option<&str>) -> (Result<String, PromptError>, String) {
        let console = Console::new(Look::PLAIN, Interrupt::new());
        let check =
            |text: &str| if text.contains(' ') { Err("no blanks\u{1b}[2J".to_owned()) } else { Ok(()) };
        let mut typing = Typing::new(console.words("Name?", suggestion, Some("help")), suggestion, &check);
        let mut written = Vec::new();
        let mut keys = keys.iter();
        let input = || keys.next().map(|key| Input::Key(*key)).ok_or(PromptError::Cancelled);
        let result = converse(&mut typing, &mut Screen::new(&mut written, 80, true), input);
        (result, strip_str(&String::from_utf8(written).unwrap()).to_string())
    }

    fn letters(text: &str) -> Vec<Key> {
        text.chars().map(|c| Key::Edit(Edit::Insert(c))).collect()
    }

    #[test]
    fn an_answer_stays_to_be_read() {
        let (result, seen) = asked(&[letters("api"), vec![Key::Enter]].concat(), Some("web"));
        assert_eq!(result.unwrap(), "api");
        assert!(seen.trim_end().ends_with("ok: Name? api"), "{seen:?}");
    }

    #[test]
    fn leaving_erases_nothing() {
        for keys in [letters("half"), [letters("half"), vec![Key::Cancel]].concat()] {
            let (result, seen) = asked(&keys, None);
            assert!(matches!(result, Err(PromptError::Cancelled)));
            assert!(seen.trim_end().ends_with("? Name? half"), "{seen:?}");
        }
    }

    #[test]
    fn what_a_check_says_is_harmless() {
        let (_, seen) = asked(&[letters("a b"), vec![Key::Enter]].concat(), None);
        assert!(seen.contains(r"no blanks\u{1b}[2J"), "{seen:?}");
    }
}
