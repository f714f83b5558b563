//! From text to tree: the one place that knows the YAML library.
//!
//! It works on the library's events rather than on its typed reader, because a scalar's text, style and tag have to
//! survive until the manifest says which type it wants (see [`crate::Scalar`]).

use std::collections::{HashMap, HashSet};

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as ParserSpan, StrInput, Tag};

use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::merge;
use crate::node::{Entry, Key, Node, Value};
use crate::scalar::{Scalar, Style};
use crate::source::{Source, Span};
use crate::syntax;

/// How much a file may ask of the reader.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest text, in bytes.
    pub bytes: usize,
    /// Deepest nesting, in levels.
    pub depth: usize,
    /// Most nodes that aliases may repeat.
    pub repeated_nodes: usize,
    /// Most bytes of text that aliases may repeat.
    pub repeated_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 128, repeated_nodes: 100_000, repeated_bytes: 8 << 20 }
    }
}

/// Reads the first document of a source within the default [`Limits`]. An empty source is a null node.
///
/// Returns `None` when there is no tree to speak of; duplicate keys and the like are reported and still give one.
pub fn parse(source: &Source, diagnostics: &mut Diagnostics) -> Option<Node> {
    parse_with_limits(source, Limits::default(), diagnostics)
}

/// As [`parse`], within other limits.
pub fn parse_with_limits(source: &Source, limits: Limits, diagnostics: &mut Diagnostics) -> Option<Node> {
    if source.text().len() > limits.bytes {
        let size = source.text().len();
        let message = format!("`{}` has {size} bytes; at most {} are read", source.name(), limits.bytes);
        let help = "a file of this size is not a manifest: look whether the right file stands here";
        diagnostics.push(Diagnostic::error(&codes::TOO_LARGE, message).help(help));
        return None;
    }
    Builder::new(source, limits, diagnostics).run()
}

struct Open {
    start: usize,
    tag: Option<Box<str>>,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Key>, merges: Vec<Node> },
}

/// `Err(())` means: reported, and nothing more can be read.
type Step<T> = Result<T, ()>;

struct Builder<'a, 'd> {
    source: &'a Source,
    limits: Limits,
    diagnostics: &'d mut Diagnostics,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    /// The anchors that an alias repeats. The nodes of others need not be kept.
    aliased: HashSet<usize>,
    repeated_nodes: usize,
    repeated_bytes: usize,
    root: Option<Node>,
}

impl<'a, 'd> Builder<'a, 'd> {
    fn new(source: &'a Source, limits: Limits, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            source,
            limits,
            diagnostics,
            open: Vec::new(),
            anchors: HashMap::new(),
            aliased: aliased(source.text()),
            repeated_nodes: 0,
            repeated_bytes: 0,
            root: None,
        }
    }

    fn run(mut self) -> Option<Node> {
        let mut parser: Parser<'a, StrInput<'a>> = Parser::new_from_str(self.source.text());
        let mut documents = 0_usize;
        while let Some(event) = parser.next_event() {
            match event {
                Ok((Event::DocumentStart(..), span)) => {
                    documents += 1;
                    if documents == 2 {
                        self.extra_document(&span);
                        break;
                    }
                }
                Ok((event, span)) => self.event(event, &span).ok()?,
                Err(error) => {
                    self.syntax(&error);
                    return None;
                }
            }
        }
        Some(self.root.unwrap_or_else(|| Node::null(Span::default())))
    }

    fn event(&mut self, event: Event<'a>, at: &ParserSpan) -> Step<()> {
        let span = span_of(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = Scalar::new(text, style_of(style));
                let node = Node { span, tag: tag_of(tag.as_deref()), value: Value::Scalar(scalar) };
                self.finish(node, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.start(span.start, anchor, tag.as_deref(), OpenKind::Sequence(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                let kind = OpenKind::Mapping { entries: Vec::new(), key: None, merges: Vec::new() };
                self.start(span.start, anchor, tag.as_deref(), kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let node = self.repeat(anchor, span)?;
                self.place(node)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, start: usize, anchor: usize, tag: Option<&Tag>, kind: OpenKind) -> Step<()> {
        if self.open.len() >= self.limits.depth {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            return self.stop(
                &codes::TOO_DEEP,
                message,
                Span::new(start, start + 1),
                "the reader stops here",
                None,
            );
        }
        self.open.push(Open { start, tag: tag_of(tag), anchor, kind });
        Ok(())
    }

    fn end(&mut self, end: Span) -> Step<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.kind {
            OpenKind::Sequence(items) => Value::Sequence(items),
            OpenKind::Mapping { mut entries, merges, .. } => {
                self.report_duplicates(&mut entries);
                merge::apply(&mut entries, merges, self.source, self.diagnostics);
                Value::Mapping(entries)
            }
        };
        // A block collection ends where the next token begins; the blanks before that are not part of it.
        let text = self.source.text();
        let end = end.end.clamp(open.start, text.len());
        let trimmed = text.get(open.start..end).map_or(end, |body| open.start + body.trim_end().len());
        self.finish(Node { span: Span::new(open.start, trimmed), tag: open.tag, value }, open.anchor)
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Step<()> {
        if self.aliased.contains(&anchor) {
            // Anchors inside of anchors multiply as aliases do.
            self.count(&node, node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.place(node)
    }

    fn place(&mut self, node: Node) -> Step<()> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.kind {
            OpenKind::Sequence(items) => items.push(node),
            OpenKind::Mapping { entries, key: pending, merges } => match pending.take() {
                Some(key) if is_merge(&key) => merges.push(node),
                Some(key) => entries.push(Entry { key, value: node }),
                None => match key_of(&node) {
                    Some(key) if key.text.len() > LONGEST_KEY => return self.long_key(node.span),
                    Some(key) => *pending = Some(key),
                    None => return self.complex_key(node.span),
                },
            },
        }
        Ok(())
    }

    fn complex_key(&mut self, span: Span) -> Step<()> {
        let help = Some("quote the key if its text starts with `{` or `[`".to_owned());
        let message = "a key has to be a single value".to_owned();
        self.stop(&codes::COMPLEX_KEY, message, span, "this key is a list or a mapping", help)
    }

    fn long_key(&mut self, span: Span) -> Step<()> {
        let message = format!("a key has {LONGEST_KEY} bytes at most");
        let help = Some("quote the value that this is a part of, or close the quote above".to_owned());
        let at = Span::new(span.start, span.start);
        self.stop(&codes::LONG_KEY, message, at, "this key is longer", help)
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Step<Node> {
        let Some(node) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside the node that it repeats".to_owned();
            self.stop(&codes::ALIAS, message, span, "it would never end", None)?;
            return Err(());
        };
        let node = node.clone();
        self.count(&node, span)?;
        Ok(node)
    }

    /// Counts a node that is copied, and stops where that is too much.
    fn count(&mut self, node: &Node, span: Span) -> Step<()> {
        let (nodes, bytes) = weight(node);
        self.repeated_nodes += nodes;
        self.repeated_bytes += bytes;
        if self.repeated_nodes <= self.limits.repeated_nodes
            && self.repeated_bytes <= self.limits.repeated_bytes
        {
            return Ok(());
        }
        let message = "the aliases of this file repeat more than can be read".to_owned();
        let help = Some("write out what is meant, without aliases of aliases".to_owned());
        self.stop(&codes::ALIAS_BOMB, message, span, "the reader stops at this one", help)
    }

    fn report_duplicates(&mut self, entries: &mut Vec<Entry>) {
        let mut first: HashMap<Box<str>, Span> = HashMap::with_capacity(entries.len());
        entries.retain(|entry| {
            let Some(before) = first.get(&entry.key.text) else {
                first.insert(entry.key.text.clone(), entry.key.span);
                return true;
            };
            let message = format!("the key `{}` stands twice", entry.key.text);
            self.diagnostics.push(
                Diagnostic::error(&codes::DUPLICATE_KEY, message)
                    .at(self.source, entry.key.span, "here again")
                    .at(self.source, *before, "first here")
                    .help("keep one of the two"),
            );
            false
        });
    }

    fn extra_document(&mut self, at: &ParserSpan) {
        let message = "only the first document of the file is read";
        let diagnostic = Diagnostic::warning(&codes::EXTRA_DOCUMENT, message)
            .at(self.source, span_of(at), "what follows has no effect")
            .help("move the second document to a file of its own, or delete it");
        self.diagnostics.push(diagnostic);
    }

    fn syntax(&mut self, error: &ScanError) {
        let marker = error.marker();
        let start = marker.byte_offset().unwrap_or_else(|| self.source.text().len());
        let start = start.min(self.source.text().len());
        let info = error.info().to_lowercase();
        let (code, message, help) = if info.contains("unknown anchor") {
            let help = "write the anchor before it, or quote a value that starts with `*`";
            (&codes::ALIAS, "this alias has no anchor above it".to_owned(), help.to_owned())
        } else if info.contains("recursion limit") {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            (&codes::TOO_DEEP, message, "look for brackets that are not closed".to_owned())
        } else if info.split(' ').any(|word| matches!(word, "tab" | "tabs")) || self.is_indented_by_tab(start)
        {
            let help = "YAML indents with spaces only: replace the tabs at the start of lines";
            (&codes::SYNTAX, format!("not well-formed YAML: {info}"), help.to_owned())
        } else {
            let (what, help) = syntax::explain(&info, self.source.text(), start);
            (&codes::SYNTAX, format!("not well-formed YAML: {what}"), help)
        };
        let diagnostic = Diagnostic::error(code, message)
            .at(self.source, Span::new(start, start), "the reader stops here")
            .help(help);
        self.diagnostics.push(diagnostic);
    }

    /// Whether the line at an offset has a tab among its leading blanks.
    fn is_indented_by_tab(&self, at: usize) -> bool {
        let text = self.source.text();
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        text[line_start..].chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t')
    }

    fn stop(
        &mut self,
        code: &'static codes::Code,
        message: String,
        span: Span,
        label: &str,
        help: Option<String>,
    ) -> Step<()> {
        let mut diagnostic = Diagnostic::error(code, message).at(self.source, span, label);
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
        Err(())
    }
}

/// Longest key, in bytes. YAML itself takes 1,024 for keys without a `?`, and any length for those with one.
const LONGEST_KEY: usize = 8192;

/// The anchors that aliases name, by the parser's numbers. A text without aliases is not looked at twice.
fn aliased(text: &str) -> HashSet<usize> {
    if !text.contains('*') || !text.contains('&') {
        return HashSet::new();
    }
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(text);
    let mut found = HashSet::new();
    // What is wrong with the text is said when it is read.
    while let Some(Ok((event, _))) = parser.next_event() {
        if let Event::Alias(anchor) = event {
            found.insert(anchor);
        }
    }
    found
}

/// How a merge key is kept until its mapping ends; a quoted `"<<"` is an ordinary key and must not be taken for one.
const MERGE: &str = "\u{0}<<";

fn key_of(node: &Node) -> Option<Key> {
    let scalar = node.as_scalar()?;
    let merge = scalar.text() == "<<" && scalar.style() == Style::Plain;
    let text = if merge { MERGE } else { scalar.text() };
    Some(Key { text: text.into(), span: node.span })
}

fn is_merge(key: &Key) -> bool {
    &*key.text == MERGE
}

fn span_of(span: &ParserSpan) -> Span {
    span.byte_range().map_or_else(Span::default, Span::from)
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn tag_of(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag?;
    Some(match tag.core_suffix() {
        Some(core) => format!("!!{core}").into(),
        None => format!("{}{}", tag.handle(), tag.suffix()).into(),
    })
}

fn weight(node: &Node) -> (usize, usize) {
    match &node.value {
        Value::Scalar(scalar) => (1, scalar.text().len()),
        Value::Sequence(items) => sum(items.iter().map(weight)),
        Value::Mapping(entries) => sum(entries.iter().map(|entry| {
            let (nodes, bytes) = weight(&entry.value);
            (nodes + 1, bytes + entry.key.text.len())
        })),
    }
}

fn sum(weights: impl Iterator<Item = (usize, usize)>) -> (usize, usize) {
    weights.fold((1, 0), |(nodes, bytes), (n, b)| (nodes + n, bytes + b))
}
