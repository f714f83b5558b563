//! In which order deployments or actions of one kind run, from what each waits for.

use std::collections::HashMap;

use copilot_yaml::Span;

use super::codes;
use crate::decode::{Context, Spanned};

/// Something that may wait for its siblings.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) depends_on: &'a [Spanned<String>],
}

/// How many steps after the first ones each item runs: the length of the longest chain of dependencies. A dependency that is
/// named twice counts once. Unknown names and circles are reported; ranks mean nothing then.
pub(super) fn ranks(items: &[Item<'_>], what: &str, cx: &mut Context<'_>) -> Vec<u32> {
    let places: HashMap<&str, usize> = items.iter().enumerate().map(|(at, item)| (item.name, at)).collect();
    let waits_for: Vec<Vec<Edge>> = items.iter().map(|item| edges(item, &places, what, cx)).collect();
    let mut ranks = vec![None; items.len()];
    loop {
        let mut moved = true;
        while moved {
            moved = false;
            for at in 0..items.len() {
                if ranks[at].is_none() {
                    ranks[at] = rank(&waits_for[at], &ranks);
                    moved |= ranks[at].is_some();
                }
            }
        }
        let Some(start) = ranks.iter().position(Option::is_none) else { break };
        let circle = find_circle(start, &waits_for, &ranks);
        report_circle(&circle, items, what, cx);
        for (at, _) in circle {
            ranks[at] = Some(0);
        }
    }
    ranks.into_iter().map(Option::unwrap_or_default).collect()
}

/// A dependency: the place of what is waited for, and where the manifest says so.
struct Edge {
    to: usize,
    span: Span,
}

fn edges(item: &Item<'_>, places: &HashMap<&str, usize>, what: &str, cx: &mut Context<'_>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (index, name) in item.depends_on.iter().enumerate() {
        match places.get(name.as_str()) {
            Some(to) if edges.iter().any(|edge| edge.to == *to) => {}
            Some(to) => edges.push(Edge { to: *to, span: name.span }),
            None => unknown(item.name, name, index, places, what, cx),
        }
    }
    edges
}

fn unknown(
    item: &str,
    name: &Spanned<String>,
    index: usize,
    places: &HashMap<&str, usize>,
    what: &str,
    cx: &mut Context<'_>,
) {
    let message = format!("`{item}` depends on `{}`, which is none of the {what} of this stage", name.value);
    let mut others: Vec<&str> = places.keys().copied().filter(|other| *other != item).collect();
    others.sort_unstable();
    let help = match cx.near(name, others.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if others.is_empty() => format!("there are no other {what} here: delete `depends_on`"),
        None => format!("the other {what} are: {}", others.join(", ")),
    };
    let diagnostic =
        cx.error(&codes::UNKNOWN_DEPENDENCY, message, name.span, "nothing of this name").help(help);
    cx.within(item, |cx| {
        cx.within("depends_on", |cx| cx.within(index, |cx| cx.report(diagnostic)));
    });
}

/// One more than the latest of what is waited for; nothing while one of them has no rank.
fn rank(waits_for: &[Edge], ranks: &[Option<u32>]) -> Option<u32> {
    waits_for.iter().try_fold(0, |latest, edge| ranks[edge.to].map(|rank| latest.max(rank + 1)))
}

/// Follows dependencies without a rank until one comes again. Each hop is the place and where its dependency is written.
fn find_circle(start: usize, waits_for: &[Vec<Edge>], ranks: &[Option<u32>]) -> Vec<(usize, Span)> {
    let mut way: Vec<(usize, Span)> = Vec::new();
    let mut at = start;
    loop {
        if let Some(first) = way.iter().position(|(place, _)| *place == at) {
            return way.split_off(first);
        }
        // What has no rank waits for something that has none.
        let Some(edge) = waits_for[at].iter().find(|edge| ranks[edge.to].is_none()) else { return way };
        way.push((at, edge.span));
        at = edge.to;
    }
}

fn report_circle(circle: &[(usize, Span)], items: &[Item<'_>], what: &str, cx: &mut Context<'_>) {
    let names: Vec<&str> = circle.iter().map(|(at, _)| items[*at].name).collect();
    let Some(((at, span), rest)) = circle.split_first() else { return };
    let message = match names[..] {
        [name] => format!("`{name}` waits for itself"),
        [one, other] => format!("`{one}` and `{other}` wait for each other"),
        _ => format!("the {what} {} wait for each other in a circle", quoted(&names)),
    };
    let hop = |place: usize| {
        let next = names[(place + 1) % names.len()];
        format!("`{}` waits for `{next}`", names[place])
    };
    let mut diagnostic = cx.error(&codes::CYCLE, message, *span, &hop(0));
    for (place, (_, span)) in rest.iter().enumerate() {
        diagnostic = diagnostic.at(cx.source(), *span, hop(place + 1));
    }
    cx.within(items[*at].name, |cx| cx.report(diagnostic.help("take one of these dependencies away")));
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Source};

    use super::{Item, ranks};
    use crate::decode::{Context, Spanned};

    /// A name and what it depends on.
    type Case = (&'static str, &'static [&'static str]);

    fn run(items: &[Case]) -> (Vec<u32>, Vec<String>) {
        let source = Source::new("m.yml", "");
        let mut diagnostics = Diagnostics::default();
        let spanned: Vec<Vec<_>> = items
            .iter()
            .map(|(_, names)| names.iter().map(|name| Spanned::implied((*name).to_owned())).collect())
            .collect();
        let items: Vec<Item<'_>> =
            items.iter().zip(&spanned).map(|((name, _), depends_on)| Item { name, depends_on }).collect();
        let ranks = ranks(&items, "deployments", &mut Context::new(&source, &mut diagnostics));
        (ranks, diagnostics.iter().map(|d| d.message.clone()).collect())
    }

    #[test]
    fn a_rank_is_the_longest_chain() {
        let cases: [(&[Case], &[u32]); 3] = [
            (&[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["a", "b"])], &[0, 1, 1, 2]),
            (&[("a", &[]), ("b", &["a", "a"]), ("c", &["b"])], &[0, 1, 2]),
            (&[("c", &["b"]), ("b", &["a"]), ("a", &[])], &[2, 1, 0]),
        ];
        for (items, expected) in cases {
            assert_eq!(run(items), (expected.to_vec(), vec![]));
        }
    }

    #[test]
    fn each_circle_is_reported_once() {
        let (_, problems) = run(&[
            ("self", &["self"]),
            ("a", &["b"]),
            ("b", &["a"]),
            ("x", &["y"]),
            ("y", &["z"]),
            ("z", &["x", "a"]),
            ("after", &["z"]),
            ("lost", &["nowhere"]),
        ]);
        assert_eq!(
            problems,
            [
                "`lost` depends on `nowhere`, which is none of the deployments of this stage",
                "`self` waits for itself",
                "`a` and `b` wait for each other",
                "the deployments `x`, `y`, `z` wait for each other in a circle",
            ]
        );
    }
}
