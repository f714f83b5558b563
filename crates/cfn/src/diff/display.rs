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

use std::fmt::{self, Formatter};

use super::lcs::{Edit, edits};
use super::{Change, Kind, Step, TemplateDiff};
use crate::Value;
use crate::write::{to_yaml, to_yaml_line};

/// Longest pair of values that is written on one line.
const WIDTH: usize = 100;
/// Lines of a text that are shown around a changed one.
const CONTEXT: usize = 2;

impl fmt::Display for TemplateDiff {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let mut section = "";
        let mut name = None;
        for change in &self.changes {
            if change.section != section {
                section = &change.section;
                name = None;
                if !change.name.is_empty() {
                    writeln!(out, "{section}")?;
                }
            }
            if change.name.is_empty() {
                show(out, change, section, 0)?;
            } else if change.path.is_empty() {
                named(out, change)?;
            } else {
                if name != Some(&change.name) {
                    heading(out, '~', change)?;
                    name = Some(&change.name);
                }
                show(out, change, &path(&change.path), 6)?;
            }
        }
        Ok(())
    }
}

fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        if !text.is_empty() && matches!(step, Step::Key(_)) {
            text.push('.');
        }
        text.push_str(&step.to_string());
    }
    text
}

fn heading(out: &mut Formatter<'_>, mark: char, change: &Change) -> fmt::Result {
    match &change.resource_type {
        Some(kind) => writeln!(out, "  {mark} {} ({kind})", change.name),
        None => writeln!(out, "  {mark} {}", change.name),
    }
}

/// Something that is added, removed or changed as a whole.
fn named(out: &mut Formatter<'_>, change: &Change) -> fmt::Result {
    let (mark, value) = match (change.kind, &change.old, &change.new) {
        (Kind::Added, _, Some(new)) => ('+', new),
        (Kind::Removed, Some(old), _) => ('-', old),
        _ => return show(out, change, &change.name, 2),
    };
    if let Some(line) = to_yaml_line(value) {
        return writeln!(out, "  {mark} {}: {line}", change.name);
    }
    heading(out, mark, change)?;
    block(out, mark, value, 6, "")
}

/// A change of a value inside of something.
fn show(out: &mut Formatter<'_>, change: &Change, path: &str, indent: usize) -> fmt::Result {
    match (change.kind, &change.old, &change.new) {
        (Kind::Added, _, Some(new)) => whole(out, '+', path, new, indent),
        (Kind::Removed, Some(old), _) => whole(out, '-', path, old, indent),
        (kind, Some(old), Some(new)) => {
            let order = if kind == Kind::Reordered { " (order)" } else { "" };
            if let (Some(old), Some(new)) = (to_yaml_line(old), to_yaml_line(new))
                && old.len() + new.len() + path.len() <= WIDTH
            {
                return writeln!(out, "{:indent$}~ {path}{order}: {old} -> {new}", "");
            }
            writeln!(out, "{:indent$}~ {path}{order}:", "")?;
            match (old, new) {
                (Value::String(old), Value::String(new)) if old.contains('\n') && new.contains('\n') => {
                    lines(out, old, new, indent + 2)
                }
                _ => {
                    block(out, '-', old, indent + 2, "")?;
                    block(out, '+', new, indent + 2, "")
                }
            }
        }
        _ => Ok(()),
    }
}

fn whole(out: &mut Formatter<'_>, mark: char, path: &str, value: &Value, indent: usize) -> fmt::Result {
    if let Some(line) = to_yaml_line(value) {
        return writeln!(out, "{:indent$}{mark} {path}: {line}", "");
    }
    writeln!(out, "{:indent$}{mark} {path}:", "")?;
    block(out, mark, value, indent, "  ")
}

/// Every line of a value behind the mark.
fn block(out: &mut Formatter<'_>, mark: char, value: &Value, indent: usize, inner: &str) -> fmt::Result {
    to_yaml(value).lines().try_for_each(|line| {
        writeln!(out, "{}", format_args!("{:indent$}{mark} {inner}{line}", "").to_string().trim_end())
    })
}

/// The lines of two texts, those that stay only near those that change.
fn lines(out: &mut Formatter<'_>, old: &str, new: &str, indent: usize) -> fmt::Result {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
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
        let (mark, line) = match *edit {
            Edit::Keep(..) if !near(place) => {
                hidden += 1;
                continue;
            }
            Edit::Keep(_, to) => (' ', new[to]),
            Edit::Remove(from) => ('-', old[from]),
            Edit::Add(to) => ('+', new[to]),
        };
        unchanged(out, &mut hidden, indent)?;
        writeln!(out, "{}", format!("{:indent$}{mark} {line}", "").trim_end())?;
    }
    unchanged(out, &mut hidden, indent)
}

fn unchanged(out: &mut Formatter<'_>, hidden: &mut usize, indent: usize) -> fmt::Result {
    match std::mem::take(hidden) {
        0 => Ok(()),
        1 => writeln!(out, "{:indent$}  (1 line unchanged)", ""),
        count => writeln!(out, "{:indent$}  ({count} lines unchanged)", ""),
    }
}
