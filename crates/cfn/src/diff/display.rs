//! A diff as text.
//!
//! ```text
//! Resources
//!   ~ Service (AWS::ECS::Service)
//!       ~ Properties.DesiredCount: 1 -> 2
//!       + Properties.Tags[Key=team]:
//!       +   Key: team
//!       +   Value: red
//!   + Queue (AWS::SQS::Queue)
//!       + Type: AWS::SQS::Queue
//! ```

use std::fmt;

use super::lcs::{Edit, edits};
use super::{Change, Kind, Step, TemplateDiff};
use crate::Value;
use crate::write::{to_yaml, to_yaml_line};

/// Longest pair of values that is written on one line.
const WIDTH: usize = 100;
/// Lines of a text that are shown around a changed one.
const CONTEXT: usize = 2;

/// A line of a diff's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the line's mark stands for; nothing for headings and for what is unchanged.
    pub kind: Option<Kind>,
    /// The line with its indentation and mark, without control characters and line break.
    pub text: String,
}

impl TemplateDiff {
    /// The diff as text, line by line, for a caller that wants to colour it.
    pub fn lines(&self) -> Vec<Line> {
        let mut page = Page(Vec::new());
        let mut section = "";
        let mut name = None;
        for change in &self.changes {
            if change.section != section {
                section = &change.section;
                name = None;
                if !change.name.is_empty() {
                    page.write(None, 0, section);
                }
            }
            if change.name.is_empty() {
                page.show(change, section, 0);
            } else if change.path.is_empty() {
                page.named(change);
            } else {
                if name != Some(&change.name) {
                    page.heading(Kind::Changed, change);
                    name = Some(&change.name);
                }
                page.show(change, &path(&change.path), 6);
            }
        }
        page.0
    }
}

impl fmt::Display for TemplateDiff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(out, "{}", line.text))
    }
}

pub(super) fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        if !text.is_empty() && matches!(step, Step::Key(_)) {
            text.push('.');
        }
        text.push_str(&step.to_string());
    }
    text
}

struct Page(Vec<Line>);

impl Page {
    fn write(&mut self, kind: Option<Kind>, indent: usize, text: &str) {
        let mark = match kind {
            None => "",
            Some(Kind::Added) => "+ ",
            Some(Kind::Removed) => "- ",
            Some(Kind::Changed | Kind::Reordered) => "~ ",
        };
        let mut line = format!("{:indent$}{mark}", "");
        for c in text.trim_end().chars() {
            // A template's text must not steer the terminal.
            if c.is_control() && c != '\t' { line.extend(c.escape_default()) } else { line.push(c) }
        }
        line.truncate(line.trim_end().len());
        self.0.push(Line { kind, text: line });
    }

    fn heading(&mut self, kind: Kind, change: &Change) {
        match &change.resource_type {
            Some(resource_type) => self.write(Some(kind), 2, &format!("{} ({resource_type})", change.name)),
            None => self.write(Some(kind), 2, &change.name),
        }
    }

    /// Something that is added, removed or changed as a whole.
    fn named(&mut self, change: &Change) {
        let value = match (change.kind, &change.old, &change.new) {
            (Kind::Added, _, Some(new)) => new,
            (Kind::Removed, Some(old), _) => old,
            _ => return self.show(change, &change.name, 2),
        };
        if let Some(line) = to_yaml_line(value) {
            return self.write(Some(change.kind), 2, &format!("{}: {line}", change.name));
        }
        self.heading(change.kind, change);
        self.block(change.kind, value, 6, "");
    }

    /// A change of a value inside of something.
    fn show(&mut self, change: &Change, path: &str, indent: usize) {
        let (old, new) = match (&change.old, &change.new) {
            (Some(old), Some(new)) => (old, new),
            (Some(value), None) | (None, Some(value)) => return self.whole(change.kind, path, value, indent),
            (None, None) => return,
        };
        let order = if change.kind == Kind::Reordered { " (order)" } else { "" };
        if let (Some(old), Some(new)) = (to_yaml_line(old), to_yaml_line(new))
            && old.len() + new.len() + path.len() <= WIDTH
        {
            return self.write(Some(change.kind), indent, &format!("{path}{order}: {old} -> {new}"));
        }
        self.write(Some(change.kind), indent, &format!("{path}{order}:"));
        match (old, new) {
            (Value::String(old), Value::String(new)) if old.contains('\n') && new.contains('\n') => {
                self.texts(old, new, indent + 2);
            }
            _ => {
                self.block(Kind::Removed, old, indent + 2, "");
                self.block(Kind::Added, new, indent + 2, "");
            }
        }
    }

    fn whole(&mut self, kind: Kind, path: &str, value: &Value, indent: usize) {
        if let Some(line) = to_yaml_line(value) {
            return self.write(Some(kind), indent, &format!("{path}: {line}"));
        }
        self.write(Some(kind), indent, &format!("{path}:"));
        self.block(kind, value, indent, "  ");
    }

    /// Every line of a value behind the mark.
    fn block(&mut self, kind: Kind, value: &Value, indent: usize, inner: &str) {
        for line in to_yaml(value).lines() {
            self.write(Some(kind), indent, &format!("{inner}{line}"));
        }
    }

    /// The lines of two texts, those that stay only near those that change.
    fn texts(&mut self, old: &str, new: &str, indent: usize) {
        let (old, new) = match (old.strip_suffix('\n'), new.strip_suffix('\n')) {
            (Some(old), Some(new)) => (old, new),
            _ => (old, new),
        };
        let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
        let edits = edits(&old, &new);
        let changes: Vec<usize> =
            (0..edits.len()).filter(|&place| !matches!(edits[place], Edit::Keep(..))).collect();
        let near = |place: usize| {
            let next = changes.partition_point(|&change| change < place);
            changes.get(next).is_some_and(|change| change - place <= CONTEXT)
                || next > 0 && place - changes[next - 1] <= CONTEXT
        };
        let mut hidden = 0;
        for (place, edit) in edits.iter().enumerate() {
            if matches!(edit, Edit::Keep(..)) && !near(place) {
                hidden += 1;
                continue;
            }
            self.unchanged(&mut hidden, indent);
            match *edit {
                Edit::Keep(_, to) => self.write(None, indent + 2, new[to]),
                Edit::Remove(from) => self.write(Some(Kind::Removed), indent, old[from]),
                Edit::Add(to) => self.write(Some(Kind::Added), indent, new[to]),
            }
        }
        self.unchanged(&mut hidden, indent);
    }

    fn unchanged(&mut self, hidden: &mut usize, indent: usize) {
        match std::mem::take(hidden) {
            0 => {}
            1 => self.write(None, indent + 2, "(1 line unchanged)"),
            count => self.write(None, indent + 2, &format!("({count} lines unchanged)")),
        }
    }
}
