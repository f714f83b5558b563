//! Merge keys (`<<`): entries of other mappings that stand in for what a mapping does not say itself.

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
    for node in merges {
        match node.value {
            Value::Mapping(found) => add(entries, found),
            Value::Sequence(items) => {
                for item in items {
                    match item.value {
                        Value::Mapping(found) => add(entries, found),
                        _ => diagnostics.push(refuse(&item, source)),
                    }
                }
            }
            Value::Scalar(_) => diagnostics.push(refuse(&node, source)),
        }
    }
}

fn add(entries: &mut Vec<Entry>, found: Vec<Entry>) {
    for entry in found {
        if !entries.iter().any(|own| own.key == entry.key || own.key.text == entry.key.text) {
            entries.push(entry);
        }
    }
}

fn refuse(node: &Node, source: &Source) -> Diagnostic {
    Diagnostic::error(&codes::MERGE_KEY, format!("`<<` merges mappings, not {}", node.describe()))
        .at(source, node.span, "this is not a mapping")
        .help("name an anchored mapping: `<<: *defaults`")
}
