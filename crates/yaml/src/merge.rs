//! Merge keys (`<<`): entries of other mappings that stand in for what a mapping does not say itself.

use std::collections::HashSet;

use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::node::{Entry, Node, Value};
use crate::source::Source;

/// Adds the entries of `merges` that `entries` lacks. Of several mappings in a list, an earlier one wins.
pub(crate) fn apply(
    entries: &mut Vec<Entry>,
    merges: Vec<Node>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    if merges.is_empty() {
        return;
    }
    let mut known: HashSet<Box<str>> = entries.iter().map(|entry| entry.key.text.clone()).collect();
    let mut add = |found: Vec<Entry>| {
        entries.extend(found.into_iter().filter(|entry| known.insert(entry.key.text.clone())));
    };
    for node in merges {
        match node.value {
            Value::Mapping(found) => add(found),
            Value::Sequence(items) => {
                for item in items {
                    match item.value {
                        Value::Mapping(found) => add(found),
                        _ => diagnostics.push(refuse(&item, source)),
                    }
                }
            }
            Value::Scalar(_) => diagnostics.push(refuse(&node, source)),
        }
    }
}

fn refuse(node: &Node, source: &Source) -> Diagnostic {
    Diagnostic::error(&codes::MERGE_KEY, format!("`<<` merges mappings, not {}", node.describe()))
        .at(source, node.span, "this is not a mapping")
        .help("name an anchored mapping: `<<: *defaults`")
}
