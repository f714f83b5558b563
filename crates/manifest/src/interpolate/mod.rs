//! Variables in manifests: `${NAME}` inside values.
//!
//! Only values that are strings are touched: no keys, no numbers, nothing with a CloudFormation tag. `\${NAME}` stands
//! for `${NAME}` itself; anything else behind a `$` is left alone. A value that then reads as a JSON array of strings
//! becomes a list, whether it holds variables or not, unless it is a literal block (`|`): so does Copilot.

mod text;
mod written;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use copilot_yaml::{Diagnostic, Diagnostics, Entry, Node, Resolved, Scalar, Source, Span, Style, Value};

use crate::codes;

pub(crate) use text::substituted;
pub use written::Written;

/// Most bytes that the values of a manifest may have once variables are put in.
pub const LARGEST: usize = 8 << 20;

/// Most bytes that are looked through for variables: where values hold variables again, every one is another walk.
pub const MOST_WORK: usize = 256 << 20;

/// Name of the variable that holds the application's name in every manifest.
pub const APPLICATION_NAME: &str = "COPILOT_APPLICATION_NAME";
/// Name of the variable that holds the environment's name in every manifest.
pub const ENVIRONMENT_NAME: &str = "COPILOT_ENVIRONMENT_NAME";

/// What manifests can refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// Value of `COPILOT_APPLICATION_NAME`.
    pub application: String,
    /// Variables of the shell. An empty value is a value.
    pub shell: BTreeMap<String, String>,
}

/// A tree after substitution.
#[derive(Debug, Clone, PartialEq)]
pub enum Interpolated {
    /// Nothing had to be substituted.
    Unchanged,
    /// The tree with its values substituted. Spans are those of the manifest.
    Changed(Box<Node>),
}

/// Substitutes variables in a tree. Each one that is missing is reported with its place.
pub fn interpolate(
    tree: &Node,
    source: &Source,
    environment: &str,
    variables: &Variables,
    diagnostics: &mut Diagnostics,
) -> Interpolated {
    let mut walk = Walk { source, environment, variables, diagnostics, size: 0, work: 0, stopped: false };
    walk.node(tree).map_or(Interpolated::Unchanged, |node| Interpolated::Changed(Box::new(node)))
}

struct Walk<'a> {
    source: &'a Source,
    environment: &'a str,
    variables: &'a Variables,
    diagnostics: &'a mut Diagnostics,
    /// Bytes of the values so far.
    size: usize,
    /// Bytes that were looked through so far.
    work: usize,
    /// Whether a limit was met: nothing more is put in.
    stopped: bool,
}

impl Walk<'_> {
    /// The node with its values substituted; `None` if nothing changes.
    fn node(&mut self, node: &Node) -> Option<Node> {
        match &node.value {
            Value::Scalar(scalar) => self.scalar(node, scalar),
            Value::Sequence(items) => {
                let changed: Vec<Option<Node>> = items.iter().map(|item| self.node(item)).collect();
                let value = Value::Sequence(replace(items, changed, |_, node| node)?);
                Some(Node { span: node.span, tag: node.tag.clone(), value })
            }
            Value::Mapping(entries) => {
                let changed: Vec<Option<Node>> =
                    entries.iter().map(|entry| self.node(&entry.value)).collect();
                let value = |old: &Entry, value| Entry { key: old.key.clone(), value };
                let value = Value::Mapping(replace(entries, changed, value)?);
                Some(Node { span: node.span, tag: node.tag.clone(), value })
            }
        }
    }

    fn scalar(&mut self, node: &Node, scalar: &Scalar) -> Option<Node> {
        let text = scalar.text();
        if !text.contains("${") && !text.trim_start().starts_with('[') {
            return None;
        }
        if node.tag.as_deref().is_some_and(|tag| tag != "!!str")
            || !matches!(node.resolve(), Resolved::Str(_))
        {
            return None;
        }
        let new = self.text(text, node.span);
        if !self.fits(&new, scalar.style(), node.span) {
            return None;
        }
        if scalar.style() != Style::Literal
            && let Some(items) = json_strings(&new)
        {
            let item =
                |text: String| Node { span: node.span, tag: None, value: Value::Scalar(Scalar::plain(text)) };
            let items = items.into_iter().map(item).collect();
            return Some(Node { span: node.span, tag: None, value: Value::Sequence(items) });
        }
        let Cow::Owned(new) = new else { return None };
        let plain = Scalar::plain(new.as_str());
        // The value stays a string, even if it looks like something else now.
        let stays_plain = scalar.style() == Style::Plain && matches!(plain.resolve(None), Resolved::Str(_));
        let style = match scalar.style() {
            Style::Plain if !stays_plain => Style::Quoted,
            style => style,
        };
        let value = Value::Scalar(Scalar::new(new, style));
        Some(Node { span: node.span, tag: node.tag.clone(), value })
    }

    /// Substitutes one after the other, each everywhere in the text: a variable that is escaped once and not the next
    /// time comes out as in Copilot.
    fn text<'t>(&mut self, text: &'t str, span: Span) -> Cow<'t, str> {
        let mut new = Cow::Borrowed(text);
        // What was looked for and can't have come back since.
        let mut done: HashSet<(bool, &str)> = HashSet::new();
        for (escaped, name) in references(text) {
            if self.stopped {
                break;
            }
            if done.contains(&(escaped, name)) {
                continue;
            }
            let reference = format!("${{{name}}}");
            let (wanted, value) = if escaped {
                (format!("\\{reference}"), reference)
            } else if let Some(value) = self.value(name, span) {
                (reference, value.to_owned())
            } else {
                done.insert((escaped, name));
                continue;
            };
            let found = new.matches(&wanted).count();
            let size = new.len() + found * value.len() - found * wanted.len();
            self.work += new.len() + size;
            if size > LARGEST || self.work > MOST_WORK {
                self.stop(span);
                break;
            }
            if found > 0 {
                new = Cow::Owned(new.replace(&wanted, &value));
                done.clear();
            }
            if !value.contains('$') {
                done.insert((escaped, name));
            }
        }
        new
    }

    /// Counts a value, and whether there is room for it.
    fn fits(&mut self, new: &str, style: Style, span: Span) -> bool {
        let indentation = match style {
            // The lines of a block are indented again where the manifest's text is written.
            Style::Literal | Style::Folded => self.source.line_column(span.start).1,
            _ => 0,
        };
        self.size += new.len() + new.matches('\n').count() * (indentation + 1);
        if self.size > LARGEST && !self.stopped {
            self.stop(span);
        }
        !self.stopped
    }

    fn stop(&mut self, span: Span) {
        self.stopped = true;
        let message = format!("with its variables put in, the manifest has more than {} MiB", LARGEST >> 20);
        let problem = Diagnostic::error(&codes::SUBSTITUTION_LIMIT, message).at(
            self.source,
            span,
            "this value is too much",
        );
        let help = "look for a variable whose value holds variables again, and write the value itself";
        self.diagnostics.push(problem.help(help));
    }

    fn value(&mut self, name: &str, span: Span) -> Option<&str> {
        let predefined = match name {
            APPLICATION_NAME => Some(self.variables.application.as_str()),
            ENVIRONMENT_NAME => Some(self.environment),
            _ => None,
        };
        let shell = self.variables.shell.get(name).map(String::as_str);
        match (predefined, shell) {
            (Some(predefined), Some(shell)) if predefined != shell => {
                let message = format!(
                    "variable `{name}` is always `{predefined}` here; the shell sets it to something else"
                );
                let problem = Diagnostic::error(&codes::PREDEFINED_VARIABLE, message);
                let problem = problem.at(self.source, span, "the variable is used here");
                self.diagnostics.push(problem.help(format!("run `unset {name}` first")));
                None
            }
            (Some(value), _) | (None, Some(value)) => Some(value),
            (None, None) => {
                let problem = Diagnostic::error(
                    &codes::UNDEFINED_VARIABLE,
                    format!("variable `{name}` is not defined"),
                )
                .at(self.source, span, "the variable is used here")
                .help(format!("set `{name}` in the shell, or write `\\${{{name}}}` for the text itself"));
                self.diagnostics.push(problem);
                None
            }
        }
    }
}

/// The items, those that changed replaced; `None` if none did.
fn replace<T: Clone>(old: &[T], changed: Vec<Option<Node>>, make: impl Fn(&T, Node) -> T) -> Option<Vec<T>> {
    if changed.iter().all(Option::is_none) {
        return None;
    }
    let pairs = old.iter().zip(changed);
    Some(pairs.map(|(old, new)| new.map_or_else(|| old.clone(), |new| make(old, new))).collect())
}

/// The variables in a text, in order, and whether a backslash stands before them.
fn references(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.match_indices("${").filter_map(move |(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let name = &rest[..end];
        let valid = rest[end..].starts_with('}')
            && !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit());
        valid.then(|| (text[..at].ends_with('\\'), name))
    })
}

/// The strings of a JSON array that holds at least one and nothing else.
fn json_strings(text: &str) -> Option<Vec<String>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    // A null is an empty string to Go.
    let items: Vec<Option<String>> = serde_json::from_str(text).ok()?;
    (!items.is_empty()).then(|| items.into_iter().map(Option::unwrap_or_default).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use copilot_yaml::{Diagnostics, Node, Source, Value, parse};

    use super::{Interpolated, Variables, interpolate};

    fn run(text: &str) -> (Node, Vec<String>) {
        let source = Source::new("m.yml", text);
        let mut diagnostics = Diagnostics::default();
        let tree = parse(&source, &mut diagnostics).unwrap();
        let shell =
            [("CPU", "512"), ("EMPTY", ""), ("LIST", r#"["a","1"]"#), ("NESTED", "${CPU}"), ("YES", "yes")];
        let variables = Variables {
            application: "app".to_owned(),
            shell: shell.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        };
        let tree = match interpolate(&tree, &source, "test", &variables, &mut diagnostics) {
            Interpolated::Unchanged => tree,
            Interpolated::Changed(tree) => *tree,
        };
        (tree, diagnostics.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn substitutes_strings_only() {
        let cases = [
            ("a: x${CPU}y", "x512y"),
            ("a: ${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}", "app-test"),
            ("a: $CPU ${1A} ${A-B} ${}", "$CPU ${1A} ${A-B} ${}"),
            ("a: '\\${CPU}'", "${CPU}"),
            ("a: '\\${CPU} and ${CPU}'", "512 and 512"),
            ("a: '${CPU} and \\${CPU}'", "512 and \\512"),
            ("a: <${EMPTY}>", "<>"),
            ("a: ${NESTED}", "${CPU}"),
            ("a: !Sub '${CPU}'", "${CPU}"),
            ("a: '[1,2]'", "[1,2]"),
            ("a: |\n  [\"a\"]", "[\"a\"]\n"),
        ];
        for (text, expected) in cases {
            let (tree, problems) = run(text);
            assert_eq!(tree.get("a").unwrap().as_scalar().unwrap().text(), expected, "{text}");
            assert_eq!(problems, [""; 0], "{text}");
        }
        assert!(run("${CPU}: 1").0.get("${CPU}").is_some());
    }

    #[test]
    fn numbers_stay_strings_and_old_booleans_do_not() {
        assert_eq!(run("a: ${CPU}").0.get("a").unwrap().describe(), "a string");
        assert_eq!(run("a: ${YES}").0.get("a").unwrap().as_bool(), Some(true));
        assert_eq!(run("a: '${YES}'").0.get("a").unwrap().as_bool(), Some(true));
    }

    #[test]
    fn json_arrays_become_lists() {
        for text in ["a: ${LIST}", "a: '[\"a\", \"1\"]'", "a: >\n  [\"a\",\n  \"1\"]"] {
            let (tree, _) = run(text);
            let Value::Sequence(items) = &tree.get("a").unwrap().value else { panic!("{text}") };
            assert_eq!(items.iter().filter_map(Node::as_str).collect::<Vec<_>>(), ["a", "1"], "{text}");
        }
    }

    #[test]
    fn what_variables_make_too_large_is_refused() {
        let application = "${COPILOT_APPLICATION_NAME}".repeat(2);
        let references = "${COPILOT_APPLICATION_NAME}".repeat(40);
        let text = format!("a: {references}\n");
        let source = Source::new("m.yml", text);
        let mut diagnostics = Diagnostics::default();
        let tree = parse(&source, &mut diagnostics).unwrap();
        let variables = Variables { application, shell: BTreeMap::new() };
        interpolate(&tree, &source, "test", &variables, &mut diagnostics);
        let problems: Vec<_> = diagnostics.iter().map(|problem| problem.code.id).collect();
        assert_eq!(problems, ["copilot::manifest::substitution_limit"]);
    }

    #[test]
    fn many_variables_of_one_value_are_put_in() {
        let (tree, problems) = run(&format!("a: {}\nb: {}", "${CPU}".repeat(100_000), "${".repeat(100_000)));
        assert_eq!(tree.get("a").unwrap().as_str().unwrap().len(), 300_000);
        assert_eq!(problems, [""; 0]);
        let (_, problems) = run(&format!("a: {}", "${NOPE}".repeat(100_000)));
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn every_missing_variable_is_reported() {
        let (_, problems) = run("a: ${NOPE}\nb: [x, '${NADA} ${CPU}']\n");
        assert_eq!(
            problems,
            ["m.yml:1:4: variable `NOPE` is not defined", "m.yml:2:8: variable `NADA` is not defined"]
        );
    }
}
