//! Manifests without one of their keys or items.

use copilot_yaml::{Diagnostics, Node, Source, Span, Value, parse};

/// The manifest without one of its keys or items, for each of them. `name` and `type` stay.
pub(crate) fn smaller(text: &str) -> Vec<String> {
    places(text).into_iter().filter_map(|place| place.cut(text)).collect()
}

/// The manifest without the smallest key or item that holds a place.
pub(crate) fn without(text: &str, span: Span) -> Option<String> {
    let holding = places(text)
        .into_iter()
        .filter(|place| place.whole.start <= span.start && span.end <= place.whole.end);
    holding.min_by_key(|place| place.whole.end - place.whole.start)?.cut(text)
}

/// A key with its value, or an item of a list.
struct Place {
    whole: Span,
    /// The same with what stands between it and its neighbour.
    cut: Span,
}

impl Place {
    fn cut(&self, text: &str) -> Option<String> {
        Some(format!("{}{}", text.get(..self.cut.start)?, text.get(self.cut.end..)?))
    }
}

fn places(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    if let Some(tree) = parse(&Source::new("manifest.yml", text), &mut Diagnostics::default()) {
        collect(&tree, &mut found);
    }
    let is_head = |span: Span| {
        let rest = text.get(span.start..).unwrap_or_default();
        let top = span.start == 0 || text.get(..span.start).is_some_and(|before| before.ends_with('\n'));
        top && (rest.starts_with("name:") || rest.starts_with("type:"))
    };
    found.retain(|place| !is_head(place.whole));
    found
}

fn collect(node: &Node, found: &mut Vec<Place>) {
    let spans: Vec<Span> = match &node.value {
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| Span {
                start: entry.key.span.start,
                end: entry.value.span.end.max(entry.key.span.end),
            })
            .collect(),
        Value::Sequence(items) => items.iter().map(|item| item.span).collect(),
        Value::Scalar(_) => return,
    };
    for (place, whole) in spans.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| spans.get(before));
        let cut = match (before, spans.get(place + 1)) {
            (_, Some(next)) => Span { start: whole.start, end: next.start },
            (Some(before), None) => Span { start: before.end, end: whole.end },
            (None, None) => *whole,
        };
        found.push(Place { whole: *whole, cut });
    }
    match &node.value {
        Value::Mapping(entries) => entries.iter().for_each(|entry| collect(&entry.value, found)),
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Scalar(_) => {}
    }
}
