//! Questions that somebody is about to answer: what a key changes, and what is to be seen.

use anstyle::{AnsiColor, Style};

use super::line::{Edit, Key, Line};
use super::screen::{Row, View};

/// Options that are shown at a time.
const SHOWN: usize = 8;

/// What a key has led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<T> {
    Stay,
    Answer(T),
    Cancel,
}

/// A question while it is answered.
pub(super) trait Dialog {
    type Answer;
    fn press(&mut self, key: Key) -> Step<Self::Answer>;
    fn view(&self) -> View;
    /// What stays on the screen.
    fn answered(&self, answer: &Self::Answer) -> View;
}

/// Marks that can be drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) done: &'static str,
    pub(super) wrong: &'static str,
}

impl Marks {
    pub(super) fn new(unicode: bool) -> Self {
        if unicode { Self { done: "✔", wrong: "✘" } } else { Self { done: "ok:", wrong: "x" } }
    }
}

/// The words of a question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) question: &'a str,
    /// What stands behind it in parentheses.
    pub(super) usual: Option<&'a str>,
    pub(super) help: Option<&'a str>,
    pub(super) marks: Marks,
}

impl Words<'_> {
    fn asked(self) -> Row {
        let row = Row::new()
            .with(AnsiColor::Green.on_default(), "? ")
            .with_foreign(Style::new().bold(), self.question);
        match self.usual {
            Some(usual) => row.with_foreign(Style::new().dimmed(), &format!(" ({usual})")),
            None => row,
        }
    }

    fn answered(self, answer: &str) -> View {
        let row = Row::new()
            .with(AnsiColor::Green.on_default(), self.marks.done)
            .with(Style::new(), " ")
            .with_foreign(Style::new().bold(), self.question)
            .with(Style::new(), " ")
            .with_foreign(AnsiColor::Cyan.on_default(), answer);
        View { cursor: row.letters(), rows: vec![row] }
    }

    fn problem(self, problem: &str) -> Row {
        let red = AnsiColor::Red.on_default();
        Row::new().with(red, &format!("  {} ", self.marks.wrong)).with_foreign(red, problem)
    }

    fn helping(self) -> impl Iterator<Item = Row> {
        let lines = self.help.unwrap_or_default().lines();
        lines
            .map(|line| Row::new().with(Style::new(), "  ").with_foreign(AnsiColor::Cyan.on_default(), line))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// A line of text.
pub(super) struct Typing<'a> {
    pub(super) words: Words<'a>,
    /// The answer if nothing is typed.
    pub(super) suggestion: Option<&'a str>,
    pub(super) check: &'a dyn Fn(&str) -> Result<(), String>,
    line: Line,
    problem: Option<String>,
    helping: bool,
}

impl<'a> Typing<'a> {
    pub(super) fn new(
        words: Words<'a>,
        suggestion: Option<&'a str>,
        check: &'a dyn Fn(&str) -> Result<(), String>,
    ) -> Self {
        Self { words, suggestion, check, line: Line::default(), problem: None, helping: false }
    }

    fn enter(&mut self) -> Step<String> {
        let typed = self.line.text();
        let answer = match (typed.trim(), self.suggestion) {
            ("", Some(suggestion)) => suggestion,
            (typed, _) => typed,
        };
        match (self.check)(answer) {
            Ok(()) => Step::Answer(answer.to_owned()),
            Err(problem) => {
                self.problem = Some(problem);
                Step::Stay
            }
        }
    }
}

impl Dialog for Typing<'_> {
    type Answer = String;

    fn press(&mut self, key: Key) -> Step<String> {
        match key {
            Key::Enter => return self.enter(),
            Key::Cancel => return Step::Cancel,
            Key::EndOfInput if self.line.is_empty() => return Step::Cancel,
            Key::EndOfInput => self.line.edit(Edit::DeleteRight),
            Key::Tab => {
                if let Some(suggestion) = self.suggestion.filter(|_| self.line.is_empty()) {
                    self.line = Line::of(suggestion);
                }
            }
            Key::Edit(Edit::Insert('?')) if self.line.is_empty() && self.words.help.is_some() => {
                self.helping = !self.helping;
            }
            Key::Edit(edit) => self.line.edit(edit),
            Key::Up | Key::Down | Key::PageUp | Key::PageDown => {}
        }
        Step::Stay
    }

    fn view(&self) -> View {
        let row = self.words.asked().with(Style::new(), " ");
        // What is typed is shown as it is, letter by letter, so that the cursor stands where it seems to.
        let shown = |text: &str| crate::harmless::harmless(text).into_owned();
        let cursor = row.letters() + shown(&self.line.before()).chars().count();
        let mut rows = vec![row.with(Style::new(), &shown(&self.line.text()))];
        rows.extend(self.problem.as_deref().map(|problem| self.words.problem(problem)));
        if self.helping {
            rows.extend(self.words.helping());
        }
        View { rows, cursor }
    }

    fn answered(&self, answer: &String) -> View {
        self.words.answered(answer)
    }
}

/// One of several options.
pub(super) struct Choosing<'a> {
    words: Words<'a>,
    options: &'a [String],
    filter: Line,
    /// Index among the options that the filter leaves.
    at: usize,
    helping: bool,
}

impl<'a> Choosing<'a> {
    pub(super) fn new(words: Words<'a>, options: &'a [String]) -> Self {
        Self { words, options, filter: Line::default(), at: 0, helping: false }
    }

    /// Indexes of the options that hold what was typed.
    fn left(&self) -> Vec<usize> {
        let wanted = self.filter.text().to_lowercase();
        let fits = |option: &String| option.to_lowercase().contains(&wanted);
        (0..self.options.len()).filter(|index| fits(&self.options[*index])).collect()
    }

    fn move_by(&mut self, steps: isize) {
        let last = self.left().len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(steps).min(last);
    }
}

impl Dialog for Choosing<'_> {
    type Answer = usize;

    fn press(&mut self, key: Key) -> Step<usize> {
        const PAGE: isize = SHOWN.cast_signed();
        match key {
            Key::Enter => {
                return self.left().get(self.at).map_or(Step::Stay, |index| Step::Answer(*index));
            }
            Key::Cancel => return Step::Cancel,
            Key::EndOfInput if self.filter.is_empty() => return Step::Cancel,
            Key::Up => self.move_by(-1),
            Key::Down | Key::Tab => self.move_by(1),
            Key::PageUp => self.move_by(-PAGE),
            Key::PageDown => self.move_by(PAGE),
            Key::Edit(Edit::Insert('?')) => self.helping = !self.helping,
            Key::EndOfInput => self.filter.edit(Edit::DeleteRight),
            Key::Edit(edit) => {
                let before = self.filter.text();
                self.filter.edit(edit);
                if self.filter.text() != before {
                    self.at = 0;
                }
            }
        }
        Step::Stay
    }

    fn view(&self) -> View {
        let row = self.words.asked().with(Style::new(), " ");
        let shown = |text: &str| crate::harmless::harmless(text).into_owned();
        let cursor = row.letters() + shown(&self.filter.before()).chars().count();
        let mut rows = vec![row.with(Style::new(), &shown(&self.filter.text()))];
        let left = self.left();
        let first = (self.at + 1).saturating_sub(SHOWN);
        for (place, index) in left.iter().enumerate().skip(first).take(SHOWN) {
            let (mark, style) =
                if place == self.at { ("> ", AnsiColor::Cyan.on_default()) } else { ("  ", Style::new()) };
            rows.push(Row::new().with(style, mark).with_foreign(style, &self.options[*index]));
        }
        let below = left.len().saturating_sub(first + SHOWN);
        if left.is_empty() {
            rows.push(self.words.problem("nothing holds what you typed"));
        }
        if below > 0 {
            rows.push(Row::new().with(Style::new().dimmed(), &format!("  and {below} more")));
        }
        if self.helping {
            rows.extend(self.words.helping());
        }
        View { rows, cursor }
    }

    fn answered(&self, answer: &usize) -> View {
        self.words.answered(&self.options[*answer])
    }
}

#[cfg(test)]
mod tests {
    use super::{Choosing, Dialog, Edit, Key, Marks, Step, Typing, Words};

    fn words<'a>(question: &'a str, usual: Option<&'a str>) -> Words<'a> {
        Words { question, usual, help: Some("more of it"), marks: Marks::new(true) }
    }

    fn press<D: Dialog>(dialog: &mut D, text: &str) {
        for c in text.chars() {
            assert!(matches!(dialog.press(Key::Edit(Edit::Insert(c))), Step::Stay));
        }
    }

    fn rows(dialog: &impl Dialog) -> String {
        format!("{:?}", dialog.view().rows)
    }

    #[test]
    fn a_refused_answer_is_kept_and_corrected() {
        let check = |text: &str| if text == "prod" { Ok(()) } else { Err(format!("`{text}` is wrong")) };
        let mut typing = Typing::new(words("Which?", None), None, &check);
        press(&mut typing, "prof");
        assert_eq!(typing.press(Key::Enter), Step::Stay);
        assert!(rows(&typing).contains("`prof` is wrong"));
        typing.press(Key::Edit(Edit::DeleteLeft));
        press(&mut typing, "d");
        assert_eq!(typing.press(Key::Enter), Step::Answer("prod".to_owned()));
    }

    #[test]
    fn a_suggestion_is_taken_or_edited() {
        let check = |_: &str| Ok(());
        let mut typing = Typing::new(words("Which?", Some("test, prod")), Some("test, prod"), &check);
        assert_eq!(typing.press(Key::Enter), Step::Answer("test, prod".to_owned()));
        typing.press(Key::Tab);
        (0..6).for_each(|_| assert_eq!(typing.press(Key::Edit(Edit::DeleteLeft)), Step::Stay));
        assert_eq!(typing.press(Key::Enter), Step::Answer("test".to_owned()));
    }

    #[test]
    fn a_question_mark_helps() {
        let check = |_: &str| Ok(());
        let mut typing = Typing::new(words("Which?", None), None, &check);
        press(&mut typing, "?");
        assert!(rows(&typing).contains("more of it"));
        press(&mut typing, "a?");
        assert_eq!(typing.press(Key::Enter), Step::Answer("a?".to_owned()), "only the first is a question");

        let options = ["one".to_owned()];
        let mut choosing = Choosing::new(words("Which?", None), &options);
        press(&mut choosing, "?");
        assert!(rows(&choosing).contains("more of it"));
    }

    #[test]
    fn options_are_moved_through_and_filtered() {
        let options: Vec<String> = (0..20).map(|number| format!("Option {number}")).collect();
        let mut choosing = Choosing::new(words("Which?", None), &options);
        assert!(rows(&choosing).contains("and 12 more"));
        for key in [Key::Up, Key::PageDown, Key::Down, Key::Up, Key::Down] {
            assert_eq!(choosing.press(key), Step::Stay);
        }
        assert!(rows(&choosing).contains("Option 9") && !rows(&choosing).contains("Option 1\""));
        assert_eq!(choosing.press(Key::Enter), Step::Answer(9));
        press(&mut choosing, "N 1");
        choosing.press(Key::Down);
        assert_eq!(choosing.press(Key::Enter), Step::Answer(10));
        press(&mut choosing, "x");
        assert_eq!(choosing.press(Key::Enter), Step::Stay, "nothing is chosen where nothing is left");
        choosing.press(Key::Edit(Edit::DeleteToStart));
        assert_eq!(choosing.press(Key::Enter), Step::Answer(0));
    }

    #[test]
    fn ctrl_d_leaves_only_an_empty_line() {
        let check = |_: &str| Ok(());
        let mut typing = Typing::new(words("Which?", None), None, &check);
        press(&mut typing, "a");
        assert_eq!(typing.press(Key::EndOfInput), Step::Stay);
        typing.press(Key::Edit(Edit::DeleteLeft));
        assert_eq!(typing.press(Key::EndOfInput), Step::Cancel);
    }
}
