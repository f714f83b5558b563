//! What changes between two templates, by section, name and property.
//!
//! Values that [mean the same](crate::compare) are no change. Neither are `Metadata.Manifest`, which repeats the manifest that
//! the rest was made of, and `aws:copilot:description` in the metadata of a resource, a phrase for people.

mod beside;
mod display;
mod lcs;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

pub use beside::{PARAMETERS, TAGS};
pub use display::Line;
use serde::{Serialize, Serializer};

use crate::Value;

/// All changes between two templates, in the order of the new one; what was removed comes last in its section.
///
/// [`Display`](fmt::Display) writes them without colours, one change a line or block, marked with `+`, `-` or `~`; a caller
/// that wants colours takes the [lines](TemplateDiff::lines).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TemplateDiff {
    /// The changes.
    pub changes: Vec<Change>,
}

/// One thing that was added, removed or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The section, such as `Resources`, or the name of a single value at the top, such as `Description`.
    pub section: String,
    /// The logical ID or other name in the section; empty for a single value at the top.
    pub name: String,
    /// The resource's type, in `Resources`: the new one, or that of a removed resource.
    pub resource_type: Option<String>,
    /// What leads to the change inside the named thing; empty when it is added or removed as a whole.
    pub path: Vec<Step>,
    /// What happens.
    pub kind: Kind,
    /// The value before; nothing for what is added.
    pub old: Option<Value>,
    /// The value after; nothing for what is removed.
    pub new: Option<Value>,
}

/// A stack as whoever deploys it describes it: a template, and beside it values of its parameters, and tags.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The template; `null` for a stack that does not exist.
    pub template: &'a Value,
    /// Values of parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: &'a BTreeMap<String, String>,
}

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It comes to be.
    Added,
    /// It goes.
    Removed,
    /// It becomes another.
    Changed,
    /// A list has the same items in another order.
    Reordered,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a map.
    Key(String),
    /// Into a list: the place in the new list, or in the old one for what is removed.
    Index(usize),
    /// Into a list whose items are told apart by a field, such as `Name`.
    Item {
        /// The field.
        field: &'static str,
        /// Its value in the item.
        value: String,
    },
}

/// How many things are added, removed and changed; a resource counts once, however many of its properties change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Whole parameters, resources, outputs and so on that come to be.
    pub added: usize,
    /// Those that stay and change.
    pub changed: usize,
    /// Those that go.
    pub removed: usize,
}

impl TemplateDiff {
    /// Compares two templates, or two parameter files. A stack that does not exist yet has the template `null`.
    pub fn between(old: &Value, new: &Value) -> Self {
        Self { changes: walk::changes(old, new) }
    }

    /// Compares a deployed stack with what it is to become. Values of parameters and tags come last, in sections of their own.
    ///
    /// A parameter without a value takes its default. Values that CloudFormation keeps to itself (`NoEcho`) are not compared.
    pub fn between_stacks(old: Side<'_>, new: Side<'_>) -> Self {
        let mut changes = walk::changes(old.template, new.template);
        let [old, new] = beside::values(old, new);
        changes.extend(walk::changes(&old, &new));
        Self { changes }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Counts the changes.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let mut last = None;
        for change in &self.changes {
            let name = (&change.section, &change.name);
            if last.replace(name) == Some(name) {
                continue;
            }
            *match change.kind {
                Kind::Added if change.path.is_empty() => &mut summary.added,
                Kind::Removed if change.path.is_empty() => &mut summary.removed,
                _ => &mut summary.changed,
            } += 1;
        }
        summary
    }
}

impl Change {
    /// The path as text, such as `Properties.Tags[Key=team].Value`.
    pub fn path_text(&self) -> String {
        display::path(&self.path)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} to add, {} to change, {} to remove", self.added, self.changed, self.removed)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => out.write_str(key),
            Self::Index(place) => write!(out, "[{place}]"),
            Self::Item { field, value } => write!(out, "[{field}={value}]"),
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.collect_str(self)
    }
}
