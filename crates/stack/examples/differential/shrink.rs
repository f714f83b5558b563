//! The smallest manifest that shows a difference.

use copilot_yaml::{Diagnostics, Node, Source, Value, parse};

use crate::compare::{Finding, compare};
use crate::draw::Case;
use crate::oracle::Oracle;

/// Rounds in which something has to become smaller.
const ROUNDS: usize = 12;

/// Takes keys and items away for as long as the kind of difference stays.
pub(crate) fn shrink(case: &Case, kind: &str, oracle: &Oracle) -> std::io::Result<(Case, Finding)> {
    let mut smallest = case.clone();
    for _ in 0..ROUNDS {
        let mut candidates = smaller(&smallest.manifest);
        candidates.sort_by_key(String::len);
        let cases: Vec<Case> =
            candidates.into_iter().map(|manifest| Case { manifest, ..smallest.clone() }).collect();
        let mut found = None;
        for some in cases.chunks(8) {
            let findings = oracle.ask(some, compare)?;
            found = some.iter().zip(findings).find(|(_, finding)| finding.kind == kind);
            if found.is_some() {
                break;
            }
        }
        let Some((case, _)) = found else { break };
        smallest = case.clone();
    }
    let finding = oracle.ask(std::slice::from_ref(&smallest), compare)?.into_iter().next();
    finding
        .map(|finding| (smallest, finding))
        .ok_or_else(|| std::io::Error::other("the oracle gave no answer"))
}

/// The manifest without one of its keys or items, for each of them.
fn smaller(text: &str) -> Vec<String> {
    let source = Source::new("manifest.yml", text);
    let mut found = Vec::new();
    if let Some(tree) = parse(&source, &mut Diagnostics::default()) {
        cuts(&tree, text, true, &mut found);
    }
    found
}

fn cuts(node: &Node, text: &str, top: bool, found: &mut Vec<String>) {
    let spans: Vec<(usize, usize)> = match &node.value {
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.span.start, entry.value.span.end.max(entry.key.span.end)))
            .collect(),
        Value::Sequence(items) => items.iter().map(|item| (item.span.start, item.span.end)).collect(),
        Value::Scalar(_) => return,
    };
    for (place, (start, end)) in spans.iter().enumerate() {
        // `name` and `type` stay.
        let is_head = top
            && matches!(text.get(*start..), Some(rest) if rest.starts_with("name:") || rest.starts_with("type:"));
        let (from, to) =
            match (place.checked_sub(1).and_then(|before| spans.get(before)), spans.get(place + 1)) {
                (_, Some((next, _))) => (*start, *next),
                (Some((_, before)), None) => (*before, *end),
                (None, None) => (*start, *end),
            };
        if let (false, Some(head), Some(tail)) = (is_head, text.get(..from), text.get(to..)) {
            found.push(format!("{head}{tail}"));
        }
    }
    match &node.value {
        Value::Mapping(entries) => entries.iter().for_each(|entry| cuts(&entry.value, text, false, found)),
        Value::Sequence(items) => items.iter().for_each(|item| cuts(item, text, false, found)),
        Value::Scalar(_) => {}
    }
}
