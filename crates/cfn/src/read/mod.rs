//! Reading a template: YAML with short and long intrinsics, and JSON.
//!
//! A scalar is typed as far as all readers agree on it: `443` is a number, `true` a boolean, a date text. Where they don't
//! (`0755`, `1.10`, `yes`), it is kept as written in a [`Plain`].

mod json;

use copilot_yaml::{Diagnostics, Node, Scalar, Source, Span, Style, parse};

use crate::plain::{Class, classify};
use crate::{Map, Plain, Str, Value};

/// A template that was read, which still knows where each of its values stands in the text.
#[derive(Debug, Clone)]
pub struct Document {
    /// The text.
    pub source: Source,
    /// What it says.
    pub value: Value,
    node: Option<Node>,
}

impl Document {
    /// Where a value stands, by the keys and list indices that lead to it in [`Document::value`].
    ///
    /// Leads to the nearest value around it for a path that goes too far. JSON is only looked through when asked for.
    pub fn span(&self, path: &[&str]) -> Span {
        let parsed;
        let mut node = match &self.node {
            Some(node) => node,
            None => match parse(&self.source, &mut Diagnostics::default()) {
                Some(node) => {
                    parsed = node;
                    &parsed
                }
                None => return Span::default(),
            },
        };
        for step in path {
            if node.tag.as_deref().and_then(intrinsic_name).as_deref() == Some(step) {
                continue;
            }
            let next = match node.as_sequence() {
                Some(items) => step.parse().ok().and_then(|place: usize| items.get(place)),
                None => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.span
    }
}

/// Reads a template, a patch's value or any other piece. JSON is told by its first character.
///
/// Returns `None` when there is nothing to speak of; what is wrong with the text is in `diagnostics` either way. An empty
/// text is null.
pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Document> {
    if source.text().trim_start().starts_with(['{', '['])
        && let Some(value) = json::read(source.text())
    {
        return Some(Document { source: source.clone(), value, node: None });
    }
    let node = parse(source, diagnostics)?;
    let value = from_node(&node);
    Some(Document { source: source.clone(), value, node: Some(node) })
}

/// What a text means when it is pasted into YAML without quotes: `yes` and `0755` stay [`Plain`], `a # b` loses its end,
/// `"x"` its quotes.
///
/// Returns `None` where the text is no YAML on its own, or has several lines. Templates of the past were pasted together so, and their users
/// quote twice where it matters; a new value is never read this way.
pub fn raw_scalar(text: &str) -> Option<Value> {
    let simple = |b: u8| b.is_ascii_alphanumeric() || b"_/.+-".contains(&b);
    if text.bytes().all(simple) && !text.starts_with(['-', '.']) {
        return Some(plain_value(text));
    }
    if text.trim_end().contains('\n') {
        return None;
    }
    let mut diagnostics = Diagnostics::default();
    let node = parse(&Source::new("", text), &mut diagnostics)?;
    (!diagnostics.has_errors()).then(|| from_node(&node))
}

/// A YAML node as a value with long intrinsics.
pub fn from_node(node: &Node) -> Value {
    let value = match &node.value {
        copilot_yaml::Value::Scalar(scalar) => scalar_value(scalar, node.tag.as_deref()),
        copilot_yaml::Value::Sequence(items) => Value::List(items.iter().map(from_node).collect()),
        copilot_yaml::Value::Mapping(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for entry in entries {
                map.insert(String::from(entry.key.text.clone()), from_node(&entry.value));
            }
            Value::Map(with_canonical_get_att(map))
        }
    };
    match node.tag.as_deref().and_then(intrinsic_name) {
        Some(name) => {
            let mut map = Map::with_capacity(1);
            map.insert(name, value);
            Value::Map(with_canonical_get_att(map))
        }
        None => value,
    }
}

/// The long name behind a local tag: `Fn::Sub` for `!Sub`.
fn intrinsic_name(tag: &str) -> Option<Str> {
    let name = tag.strip_prefix('!').filter(|name| !name.is_empty() && !name.starts_with('!'))?;
    Some(match name {
        "Ref" => "Ref".into(),
        "Condition" => "Condition".into(),
        "Sub" => "Fn::Sub".into(),
        "GetAtt" => "Fn::GetAtt".into(),
        "If" => "Fn::If".into(),
        _ => format!("Fn::{name}").into(),
    })
}

fn scalar_value(scalar: &Scalar, tag: Option<&str>) -> Value {
    let text = scalar.text();
    match tag {
        None if scalar.style() == Style::Plain => plain_value(text),
        Some("!!int" | "!!float" | "!!bool" | "!!timestamp") => plain_value(text),
        Some("!!null") => Value::Null,
        _ => Value::String(text.to_owned().into()),
    }
}

fn plain_value(text: &str) -> Value {
    let owned = || Str::Owned(text.to_owned());
    match classify(text) {
        Class::Null => Value::Null,
        Class::Bool => Value::Bool(text.starts_with(['t', 'T'])),
        Class::Int => match text.parse::<i64>() {
            Ok(number) if is_canonical(text) => Value::Int(number),
            _ => Plain::new(owned()).map_or_else(|| Value::String(owned()), Value::Plain),
        },
        Class::OldBool | Class::Float => {
            Plain::new(owned()).map_or_else(|| Value::String(owned()), Value::Plain)
        }
        Class::Timestamp | Class::Special | Class::String => Value::String(owned()),
    }
}

/// Whether a whole number is written as it would be written again.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text != "-0" && !text.starts_with('+') && (digits.len() == 1 || !digits.starts_with('0'))
}

/// `Fn::GetAtt: A.B` as `[A, B]`; the attribute may have more dots.
pub(crate) fn with_canonical_get_att(mut map: Map) -> Map {
    if map.len() != 1 {
        return map;
    }
    let Some(argument) = map.get_mut("Fn::GetAtt") else { return map };
    let dotted = match &*argument {
        Value::String(text) => text.to_string(),
        Value::List(parts) if parts.len() > 2 => {
            let texts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            match texts {
                Some(texts) if !texts[0].contains('.') => texts.join("."),
                _ => return map,
            }
        }
        _ => return map,
    };
    if let Some((resource, attribute)) = dotted.split_once('.') {
        *argument = Value::List(vec![
            Value::String(resource.to_owned().into()),
            Value::String(attribute.to_owned().into()),
        ]);
    }
    map
}
