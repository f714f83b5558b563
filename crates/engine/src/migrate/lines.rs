//! Items of block lists, as lines of a file.

use copilot_yaml::Span;

/// A text by its lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line begins, and the end of the text.
    starts: Vec<usize>,
}

/// An item of a block list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Its lines with their ends.
    pub(super) span: Span,
    /// Column of its `-`.
    pub(super) column: usize,
    first: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at < text.len());
        let mut starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        starts.push(text.len());
        Self { text, starts }
    }

    /// How lines end.
    pub(super) fn ending(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The line that a byte is in.
    fn number(&self, at: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
            .min(self.count().saturating_sub(1))
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    fn line(&self, number: usize) -> &'a str {
        &self.text[self.starts[number]..self.starts[number + 1]]
    }

    /// From the beginning of the line with the byte to the end of that line.
    pub(super) fn of(&self, at: usize) -> Span {
        let number = self.number(at);
        Span::new(self.starts[number], self.starts[number + 1])
    }

    /// What stands before a byte in its line.
    pub(super) fn before(&self, at: usize) -> &'a str {
        &self.text[self.starts[self.number(at)]..at]
    }

    /// The item with this value; `None` if its list is in brackets, or it shares a line with something else.
    pub(super) fn item(&self, value: Span) -> Option<Item> {
        let at = self.number(value.start);
        let head = self.before(value.start);
        let (first, head) = if head.trim().is_empty() {
            // A value below its `-`, or the first line of a block scalar.
            let first = (0..at).rev().find(|number| !self.line(*number).trim().is_empty())?;
            (first, self.line(first))
        } else {
            (at, head)
        };
        let column = indent(head);
        let rest = head.trim_start().strip_prefix('-')?;
        let is_block =
            || self.line(first).trim_start().trim_start_matches(['-', ' ']).starts_with(['|', '>']);
        if !(rest.trim().is_empty() || rest.trim_start().starts_with(['|', '>', '!', '&'])) {
            return None;
        }
        let last = if is_block() {
            let deeper = |number: &usize| {
                let line = self.line(*number);
                line.trim().is_empty() || indent(line) > column
            };
            let last = (first + 1..self.count()).take_while(deeper).last().unwrap_or(first);
            (first..=last).rev().find(|number| !self.line(*number).trim().is_empty()).unwrap_or(first)
        } else {
            self.number(value.end.saturating_sub(1).max(value.start))
        };
        Some(Item { span: Span::new(self.starts[first], self.starts[last + 1]), column, first })
    }

    /// The comments right above an item, from the nearest up, each with its `#`.
    pub(super) fn comments(&self, item: &Item) -> impl Iterator<Item = (Span, &'a str)> + '_ {
        (0..item.first)
            .rev()
            .map(|number| (Span::new(self.starts[number], self.starts[number + 1]), self.line(number).trim()))
            .take_while(|(_, line)| line.starts_with('#'))
    }
}

/// Blanks at the beginning of a line.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostics, Node, Source, parse};

    use super::Lines;

    #[test]
    fn items_are_found_with_their_lines() {
        let text = "a:\n  - one # x\n  # two\n  - |\n    2\n\n    2\n\n  - >\n\n    three\n  -\n    four\n  - 'five\n    5'\n  - # c\n    six\n";
        let root = parse(&Source::new("b.yml", text), &mut Diagnostics::default()).unwrap();
        let lines = Lines::new(text);
        let items = root.get("a").and_then(Node::as_sequence).unwrap().iter();
        let found: Vec<_> = items
            .map(|node| lines.item(node.span).map(|item| &text[item.span.start..item.span.end]))
            .collect();
        assert_eq!(
            found,
            [
                Some("  - one # x\n"),
                Some("  - |\n    2\n\n    2\n"),
                Some("  - >\n\n    three\n"),
                Some("  -\n    four\n"),
                Some("  - 'five\n    5'\n"),
                None,
            ]
        );
        let flow = "a: [one, two]\nb:\n- c\n";
        let root = parse(&Source::new("b.yml", flow), &mut Diagnostics::default()).unwrap();
        let first = |key: &str| root.get(key).and_then(Node::as_sequence).unwrap()[0].span;
        let lines = Lines::new(flow);
        assert_eq!(lines.item(first("a")), None);
        assert_eq!(lines.item(first("b")).unwrap().column, 0);
    }
}
