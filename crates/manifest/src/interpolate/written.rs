//! What stands in a manifest where a variable was put in: messages show that, and never what a variable holds, which may be a
//! secret.

use std::collections::HashMap;
use std::sync::Arc;

use copilot_yaml::{Diagnostic, Node, Source, Span, Value};

/// Shorter values are looked for only in problems that are about them: a message may have the word for reasons of its own.
const SHORTEST: usize = 5;

/// Most values that one problem is compared with.
const MOST: usize = 100;

/// A manifest's file, and what its values were before variables were put in.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    source: Source,
    /// In the order of the file.
    values: Arc<Vec<Put>>,
    /// What longer values were, by the values in lower case.
    known: Arc<HashMap<String, usize>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Put {
    span: Span,
    written: String,
    /// What the value is now: one text, or the strings of a JSON array.
    now: Vec<String>,
}

impl Written {
    /// A file in which nothing was put in.
    pub fn plain(source: Source) -> Self {
        Self { source, values: Arc::default(), known: Arc::default() }
    }

    /// What differs between the tree of a file and the same tree with its variables substituted.
    pub(crate) fn between(source: Source, old: &Node, new: &Node) -> Self {
        let mut values = Vec::new();
        collect(old, new, &mut values);
        values.sort_by_key(|put| (put.span.start, put.span.end));
        let mut known = HashMap::new();
        for (place, put) in values.iter().enumerate() {
            for text in put.now.iter().filter(|text| text.len() >= SHORTEST) {
                known.entry(text.to_lowercase()).or_insert(place);
            }
        }
        Self { source, values: Arc::new(values), known: Arc::new(known) }
    }

    /// The file as it is written.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Puts back what is written where a problem shows what variables hold.
    pub fn restore(&self, problem: &mut Diagnostic) {
        if self.values.is_empty() {
            return;
        }
        let about: Vec<&Put> =
            problem.labels.iter().flat_map(|label| self.at(label.span)).take(MOST).collect();
        let path = std::mem::take(&mut problem.path);
        let restore = |text: &mut String, parts: bool| {
            for put in &about {
                put.restore(text, parts);
            }
            self.restore_known(text, &path);
        };
        restore(&mut problem.message, true);
        if let Some(help) = &mut problem.help {
            // A help shows what could be written, which may well be a part of what is there.
            restore(help, false);
        }
        for label in &mut problem.labels {
            restore(&mut label.text, true);
        }
        problem.path = path;
    }

    /// The values that a label covers or is a part of.
    fn at(&self, span: Span) -> impl Iterator<Item = &Put> {
        let first = self.values.partition_point(|put| put.span.end < span.start);
        self.values[first..].iter().take_while(move |put| put.span.start <= span.end)
    }

    /// Replaces whole texts in backticks that are a value of the manifest, wherever it stands.
    /// The words of the path to the problem are keys, whatever variables hold.
    fn restore_known(&self, text: &mut String, path: &str) {
        let parts: Vec<&str> = text.split('`').collect();
        let known = |part: &str| {
            if part == path || path.split('.').any(|key| key == part) {
                return None;
            }
            self.known.get(&part.to_lowercase()).map(|place| self.values[*place].written.as_str())
        };
        if !parts.iter().skip(1).step_by(2).any(|part| known(part).is_some()) {
            return;
        }
        let restored = parts.iter().enumerate().map(|(place, part)| match known(part) {
            Some(written) if place % 2 == 1 => written,
            _ => part,
        });
        *text = restored.collect::<Vec<_>>().join("`");
    }
}

impl Put {
    fn restore(&self, text: &mut String, parts: bool) {
        for now in self.now.iter().filter(|now| !now.is_empty() && **now != self.written) {
            *text = replace(text, now, &self.written);
            if parts {
                *text = self.restore_parts(text, now);
            }
        }
    }

    /// Replaces texts in backticks that are a part of the value: one side of a range, the protocol of a port.
    fn restore_parts(&self, text: &str, now: &str) -> String {
        let (now, written) = (now.to_lowercase(), self.written.to_lowercase());
        let restored = text.split('`').enumerate().map(|(place, part)| {
            let lower = part.to_lowercase();
            let shows =
                place % 2 == 1 && !part.is_empty() && now.contains(&lower) && !written.contains(&lower);
            if shows { self.written.as_str() } else { part }
        });
        restored.collect::<Vec<_>>().join("`")
    }
}

/// Replaces a value in whatever case, but not inside of a word. What was replaced is not looked at again.
fn replace(text: &str, value: &str, written: &str) -> String {
    let (lower, value) = (text.to_ascii_lowercase(), value.to_ascii_lowercase());
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, _) in lower.match_indices(&value) {
        let end = start + value.len();
        let inside = (is_word(lower[..start].chars().next_back()) && is_word(value.chars().next()))
            || (is_word(lower[end..].chars().next()) && is_word(value.chars().next_back()));
        if !inside {
            out.push_str(&text[at..start]);
            out.push_str(written);
            at = end;
        }
    }
    out.push_str(&text[at..]);
    out
}

fn collect(old: &Node, new: &Node, found: &mut Vec<Put>) {
    match (&old.value, &new.value) {
        (Value::Scalar(before), Value::Scalar(after)) if before.text() == after.text() => {}
        (Value::Scalar(before), after) => {
            let now = match after {
                Value::Scalar(after) => vec![after.text().to_owned()],
                Value::Sequence(items) => {
                    items.iter().filter_map(Node::as_scalar).map(|item| item.text().to_owned()).collect()
                }
                Value::Mapping(_) => Vec::new(),
            };
            // A list that was written as a JSON array shows nothing that is not in the file.
            if before.text().contains("${") {
                found.push(Put { span: old.span, written: before.text().to_owned(), now });
            }
        }
        (Value::Sequence(before), Value::Sequence(after)) => {
            for (before, after) in before.iter().zip(after) {
                collect(before, after, found);
            }
        }
        (Value::Mapping(before), Value::Mapping(after)) => {
            for (before, after) in before.iter().zip(after) {
                collect(&before.value, &after.value, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use copilot_yaml::{Diagnostic, Node, Scalar, Source, Span, Style, Value};

    use super::{Written, replace};

    fn scalar(text: &str) -> Node {
        Node { span: Span::new(0, 10), tag: None, value: Value::Scalar(Scalar::new(text, Style::Quoted)) }
    }

    fn restored(now: &str, message: &str, span: Span) -> String {
        let source = Source::new("m.yml", "${SECRET}/x\n\n\nother");
        let written = Written::between(source.clone(), &scalar("${SECRET}/x"), &scalar(now));
        let mut problem = Diagnostic::error(&crate::codes::WRONG_TYPE, message).at(&source, span, "");
        written.restore(&mut problem);
        problem.message
    }

    #[test]
    fn values_and_their_parts_are_put_back() {
        let here = Span::new(0, 10);
        assert_eq!(
            restored("hunter2/x", "`hunter2/x` is not a platform", here),
            "`${SECRET}/x` is not a platform"
        );
        assert_eq!(restored("hunter2/x", "`hunter2` is not a system", here), "`${SECRET}/x` is not a system");
        assert_eq!(restored("HUNTER2/x", "the system hunter2/x", here), "the system ${SECRET}/x");
        assert_eq!(restored("a/x", "`image` takes a list", here), "`image` takes a list");
    }

    #[test]
    fn elsewhere_only_long_values_are_put_back() {
        let elsewhere = Span::new(14, 19);
        assert_eq!(restored("hunter2/x", "no `hunter2/x` here", elsewhere), "no `${SECRET}/x` here");
        assert_eq!(restored("im/x", "no `im/x` here", elsewhere), "no `im/x` here");
    }

    #[test]
    fn words_stay_whole() {
        assert_eq!(replace("an image is no ima", "ima", "${X}"), "an image is no ${X}");
    }
}
