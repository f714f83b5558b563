//! The table as text, and looking things up in it.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::Value;
use crate::diff::Step;

const RESOURCES: &str = include_str!("resources.txt");
const INTERRUPTIONS: &str = include_str!("interruptions.txt");

/// The day of the schemas.
pub const SCHEMA_DATE: &str = head("schemas: ");
/// The version of cfn-lint that the schemas came with.
pub const CFN_LINT_VERSION: &str = head("cfn-lint: ");

/// What the head of the table says behind a word.
const fn head(word: &str) -> &'static str {
    let (text, word) = (RESOURCES.as_bytes(), word.as_bytes());
    let mut at = 0;
    while at + word.len() < text.len() {
        let mut same = 0;
        while same < word.len() && text[at + same] == word[same] {
            same += 1;
        }
        if same == word.len() {
            let mut end = at + same;
            while end < text.len() && text[end] != b'\n' {
                end += 1;
            }
            return RESOURCES.split_at(end).0.split_at(at + same).1;
        }
        at += 1;
    }
    ""
}

type Lines = HashMap<&'static str, &'static str>;

fn lines(text: &'static str, once: &'static OnceLock<Lines>) -> &'static Lines {
    once.get_or_init(|| {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect()
    })
}

fn resources() -> &'static Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    lines(RESOURCES, &LINES)
}

/// Whether the table has a type.
pub fn is_known(resource_type: &str) -> bool {
    resources().contains_key(resource_type)
}

/// A path of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    path: &'static str,
    pub(super) conditional: bool,
}

/// The paths of a type whose change replaces; `None` for an unknown type.
pub(super) fn entries(resource_type: &str) -> Option<impl Iterator<Item = Entry>> {
    let line = resources().get(resource_type)?;
    Some(line.split_ascii_whitespace().map(|path| match path.strip_prefix('~') {
        Some(path) => Entry { path, conditional: true },
        None => Entry { path, conditional: false },
    }))
}

/// Whether the update of a property interrupts.
pub(super) fn interrupts(resource_type: &str, property: &str) -> bool {
    static LINES: OnceLock<Lines> = OnceLock::new();
    let line = lines(INTERRUPTIONS, &LINES).get(resource_type);
    line.is_some_and(|line| line.split_ascii_whitespace().any(|known| known == property))
}

impl Entry {
    /// Whether what changes at `path` lies in what the entry names, or the other way round with a difference in there.
    pub(super) fn concerns(self, path: &[Step], old: Option<&Value>, new: Option<&Value>) -> bool {
        let mut names = self.path.split('/');
        for step in path {
            let Some(name) = names.next() else { return true };
            let same = match step {
                Step::Key(key) => key == name,
                Step::Index(_) | Step::Item { .. } => name == "*",
            };
            if !same {
                return false;
            }
        }
        let rest: Vec<&str> = names.collect();
        // Which item of a list belongs to which is not told, so that a difference anywhere in it counts.
        let inside = |value| {
            rest.iter()
                .take_while(|name| **name != "*")
                .try_fold(value, |value: &Value, name| value.get(name))
        };
        rest.is_empty() || old.and_then(inside) != new.and_then(inside)
    }
}
