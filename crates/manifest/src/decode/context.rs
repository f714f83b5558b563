//! What a reader carries along: the source, the problems found so far, the path to the current key.

use std::collections::HashMap;

use copilot_yaml::{Code, Diagnostic, Diagnostics, Key, Node, Severity, Source, Span, closest};

use super::{Path, Segment, Shape, home};
use crate::codes;
use crate::interpolate::Written;

/// Source, problems and path of the manifest that is being read or validated.
pub struct Context<'a> {
    source: &'a Source,
    diagnostics: &'a mut Diagnostics,
    path: Path,
    lenient: bool,
    whole: Option<&'a dyn Fn() -> Shape>,
    /// Where the keys of the whole manifest are known, once somebody asked.
    elsewhere: Option<HashMap<&'static str, Vec<String>>>,
    written: Option<&'a Written>,
}

impl<'a> Context<'a> {
    /// Starts at the top of a source.
    pub fn new(source: &'a Source, diagnostics: &'a mut Diagnostics) -> Self {
        Self {
            source,
            diagnostics,
            path: Path::default(),
            lenient: false,
            whole: None,
            elsewhere: None,
            written: None,
        }
    }

    /// As [`new`](Self::new) for a tree with its variables put in: problems show what is written in their place.
    pub fn of(written: &'a Written, diagnostics: &'a mut Diagnostics) -> Self {
        Self { written: Some(written), ..Self::new(written.source(), diagnostics) }
    }

    /// Lets unknown keys be looked up in the form of the whole manifest: a key may only stand in the wrong place.
    #[must_use]
    pub fn with_shape(mut self, whole: &'a dyn Fn() -> Shape) -> Self {
        self.whole = Some(whole);
        self
    }

    /// The file that is being read.
    pub fn source(&self) -> &'a Source {
        self.source
    }

    /// What was found so far.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Runs `f` one step further down.
    pub fn within<R>(&mut self, segment: impl Into<Segment>, f: impl FnOnce(&mut Self) -> R) -> R {
        let here = self.path.len();
        self.path.push(segment.into());
        let result = f(self);
        self.path.truncate(here);
        result
    }

    /// Runs `f` at the end of a way that leads further down.
    pub fn at<R>(&mut self, way: impl Into<Path>, f: impl FnOnce(&mut Self) -> R) -> R {
        let here = self.path.len();
        self.path.extend(way.into());
        let result = f(self);
        self.path.truncate(here);
        result
    }

    /// Runs `f` where Copilot's parser swallows wrong types: they become warnings, and values become zero.
    ///
    /// It does so in the mapping form of most either/or keys, such as the load balancer's `http` and `count`. What is
    /// deployed today was read like that, so it is read like that again, but not in silence.
    pub fn lenient<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.leniency(true, f)
    }

    /// Runs `f` where a wrong type is an error, even inside [`lenient`](Self::lenient).
    pub fn strict<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.leniency(false, f)
    }

    fn leniency<R>(&mut self, lenient: bool, f: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.lenient, lenient);
        let result = f(self);
        self.lenient = before;
        result
    }

    /// Whether a value of a wrong type is read as zero, with a warning.
    pub fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// The path so far, as in `stages[0].deployments.api`.
    pub fn path(&self) -> String {
        self.path.to_string()
    }

    /// Adds a problem; it gets the current path if it has none.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.path.is_empty() {
            diagnostic.path = self.path();
        }
        if let Some(written) = self.written {
            written.restore(&mut diagnostic);
        }
        // A value in a message may hold anything; the message is one line.
        if diagnostic.message.contains(char::is_control) {
            diagnostic.message = diagnostic.message.chars().flat_map(visible).collect();
        }
        self.diagnostics.push(diagnostic);
    }

    /// An error at a span of this source, to be completed and [reported](Self::report).
    pub fn error(
        &self,
        code: &'static Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Diagnostic {
        Diagnostic::error(code, message).at(self.source, span, label)
    }

    /// A warning at a span of this source, to be completed and [reported](Self::report).
    pub fn warning(
        &self,
        code: &'static Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Diagnostic {
        Diagnostic::warning(code, message).at(self.source, span, label)
    }

    /// Reports that the node is not what its key takes.
    pub fn wrong_type(&mut self, node: &Node, expected: &str) {
        let path = self.path();
        let what = if path.is_empty() { "the manifest".to_owned() } else { format!("`{path}`") };
        let found = match node.as_mapping() {
            Some([]) => "an empty mapping",
            Some(_) if expected.contains("mapping") => "a mapping with none of its keys",
            _ => node.describe(),
        };
        let mut diagnostic =
            self.error(&codes::WRONG_TYPE, format!("{what} takes {expected}, not {found}"), node.span, "");
        if self.lenient {
            diagnostic.severity = Severity::Warning;
            diagnostic.code = &codes::READ_AS_ZERO;
            diagnostic.message.push_str("; it is read as zero, as Copilot does");
        }
        if let Some(label) = diagnostic.labels.first_mut() {
            label.text = format!("this is {found}");
        }
        if expected == "a list" && node.as_str().is_some() {
            diagnostic = diagnostic.help("write it as a list of one: `[…]`, or a line that starts with `- `");
        }
        let quoted = node.as_scalar().is_some_and(|scalar| scalar.style() == copilot_yaml::Style::Quoted);
        if quoted && !expected.contains("string") && diagnostic.help.is_none() {
            diagnostic = diagnostic.help("leave out the quotes: a quoted value is a string");
        }
        let first = self.source.text().as_bytes().get(node.span.start);
        if node.as_sequence().is_some() && matches!(first, Some(b'\'' | b'"' | b'$' | b'>')) {
            diagnostic = diagnostic.help("a text that is a JSON array of strings becomes a list; to keep it a text, write it as a block: `|`");
        }
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.help(format!("write {expected}"));
        }
        self.report(diagnostic);
    }

    /// Reports that the node has none of the forms that its key takes. It is an error everywhere. Where an error inside the
    /// node is known already, nothing is added.
    pub fn wrong_form(&mut self, node: &Node, expected: &str) {
        let inside = |label: &copilot_yaml::Label| {
            node.span.start <= label.span.start && label.span.end <= node.span.end
        };
        let path = self.path();
        let known = |problem: &Diagnostic| {
            problem.is_error()
                && problem.path.starts_with(&path)
                && problem.labels.first().is_some_and(inside)
        };
        // What was found inside the node was found last.
        if node.as_mapping().is_some() && self.diagnostics.iter().rev().take(RECENT).any(known) {
            return;
        }
        self.strict(|cx| cx.wrong_type(node, expected));
    }

    /// Reports a key that nothing reads, with the nearest of the `known` ones. A manifest with hundreds of problems gets no such
    /// help any more: each takes a look at all keys.
    pub fn unknown_key(&mut self, key: &Key, known: impl FnOnce() -> Vec<&'static str>) {
        let place = self.path();
        let place = if place.is_empty() { "here".to_owned() } else { format!("in `{place}`") };
        let message = format!("unknown key `{}` {place}: it has no effect", key.text);
        let diagnostic = self.warning(&codes::UNKNOWN_KEY, message, key.span, "nothing reads this key");
        let help = if self.diagnostics.len() < SUGGESTED {
            self.suggestion(key, &known(), &place)
        } else {
            LOOK_UP.to_owned()
        };
        self.within(&*key.text, |cx| cx.report(diagnostic.help(help)));
    }

    fn suggestion(&mut self, key: &Key, known: &[&str], place: &str) -> String {
        if let Some(near) = closest(&key.text, known.iter().copied()) {
            return format!("did you mean `{near}`?");
        }
        let keys: Vec<String> = self.path.keys().chain([&*key.text]).map(str::to_owned).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        if let Some(other) = self.whole.and_then(|whole| home::other_kind(&keys, &whole())) {
            return other;
        }
        if let Some(elsewhere) = self.elsewhere(&keys) {
            return format!("`{}` is a key of {elsewhere}", key.text);
        }
        if known.len() <= 12 {
            return format!("the keys {place} are: {}", known.join(", "));
        }
        LOOK_UP.to_owned()
    }

    /// Where a key is known, nearest to the top first: as in `` `image` or `sidecars.<name>` ``.
    fn elsewhere(&mut self, keys: &[&str]) -> Option<String> {
        let whole = self.whole?;
        let index = self.elsewhere.get_or_insert_with(|| {
            let mut index = HashMap::new();
            places(&whole(), &mut Vec::new(), &mut index);
            index
        });
        let mut found = index.get(keys.last()?)?.clone();
        found.retain(|place| home::is_likely(keys, place));
        found.sort_by_key(|path| path.matches('.').count());
        found.dedup();
        let places: Vec<String> = found
            .iter()
            .take(2)
            .map(
                |path| {
                    if path.is_empty() { "the top of the manifest".to_owned() } else { format!("`{path}`") }
                },
            )
            .collect();
        (!places.is_empty()).then(|| places.join(" or of "))
    }

    /// A word of `candidates` that is near to `name`, unless the manifest has so many problems that nobody reads it.
    pub fn near<'c>(&self, name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
        if self.diagnostics.len() < SUGGESTED { closest(name, candidates) } else { None }
    }
}

/// With as many problems, none is helped by what looks alike.
const SUGGESTED: usize = 200;

/// The latest problems among which one inside the same value is looked for.
const RECENT: usize = 200;

const LOOK_UP: &str = "delete it, or look the key up in the reference of manifest keys";

/// The character itself, or its escape if it would break the line.
fn visible(c: char) -> impl Iterator<Item = char> {
    let escape = c.is_control().then(|| c.escape_debug());
    escape.into_iter().flatten().chain((!c.is_control()).then_some(c))
}

/// Collects where each key of a form is known.
fn places(shape: &Shape, path: &mut Vec<&'static str>, found: &mut HashMap<&'static str, Vec<String>>) {
    match shape {
        Shape::List(item) => places(item, path, found),
        Shape::Map(item) => {
            path.push("<name>");
            places(item, path, found);
            path.pop();
        }
        Shape::OneOf(forms) => forms.iter().for_each(|form| places(form, path, found)),
        // The keys under an environment are those at the top.
        Shape::Record(record) if path.len() < 6 => {
            for field in record.fields.iter().filter(|field| field.key != "environments") {
                found.entry(field.key).or_default().push(path.join("."));
                path.push(field.key);
                places(&(field.shape)(), path, found);
                path.pop();
            }
        }
        _ => {}
    }
}
