use super::scalar::{self, Place};
use crate::{Map, Value};

/// Longest flow list that is written behind a tag, in bytes.
const FLOW_WIDTH: usize = 88;
/// Longest key that is written in the short way; YAML allows 1,024 characters.
const KEY_WIDTH: usize = 512;

/// The functions that have a short tag, without `Fn::`. For the functions of `Rules` and of `AWS::LanguageExtensions` only
/// the long form is documented.
const SHORT: [&str; 16] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "Transform",
];

/// A value as YAML with short tags, indented by two.
///
/// A function whose argument is itself tagged keeps its long form, as YAML gives a node one tag only:
/// `Fn::Base64: !Sub …`.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::with_capacity(64 * 1024);
    emit(&mut out, value, 0, At::Root);
    out
}

/// A value on one line, if it has neither entries nor line breaks nor more than about a line's length.
pub(crate) fn to_yaml_line(value: &Value) -> Option<String> {
    let mut out = String::new();
    let short = match value {
        // Behind a path, a string may be as plain as in a block.
        Value::String(text) if !text.contains('\n') => {
            scalar::write(&mut out, text, Place::Key, 0);
            true
        }
        other => flow(&mut out, other) && out.len() <= FLOW_WIDTH,
    };
    short.then_some(out)
}

/// What was written before a value on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Root,
    /// `key:`
    Key,
    /// `- `
    Item,
}

pub(super) fn pad(out: &mut String, indent: usize) {
    const BLANKS: &str = "                                                                ";
    let mut left = indent;
    while left > 0 {
        let step = left.min(BLANKS.len());
        out.push_str(&BLANKS[..step]);
        left -= step;
    }
}

/// Writes a value and the line break behind it. `indent` is the column of what stands inside the value.
fn emit(out: &mut String, value: &Value, indent: usize, at: At) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            if let Some((tag, argument)) = short_form(map) {
                tagged(out, tag, argument, indent, at);
                return;
            }
            let mut first = begin(out, at);
            for (key, value) in map {
                if !std::mem::take(&mut first) {
                    pad(out, indent);
                }
                write_key(out, key, indent);
                emit(out, value, indent + 2, At::Key);
            }
        }
        Value::List(items) if !items.is_empty() => {
            let first = begin(out, at);
            block_list(out, items, indent, first);
        }
        scalar => {
            if at == At::Key {
                out.push(' ');
            }
            write_scalar(out, scalar, Place::Block, indent);
            out.push('\n');
        }
    }
}

/// Opens a block collection; true when its first entry stands on the line that was begun.
fn begin(out: &mut String, at: At) -> bool {
    if at == At::Key {
        out.push('\n');
    }
    at != At::Key
}

fn block_list(out: &mut String, items: &[Value], indent: usize, mut first: bool) {
    for item in items {
        if !std::mem::take(&mut first) {
            pad(out, indent);
        }
        out.push_str("- ");
        emit(out, item, indent + 2, At::Item);
    }
}

fn write_key(out: &mut String, key: &str, indent: usize) {
    let start = out.len();
    scalar::write(out, key, Place::Key, indent);
    if out.len() - start > KEY_WIDTH {
        out.insert_str(start, "? ");
        out.push('\n');
        pad(out, indent);
    }
    out.push(':');
}

/// The tag and argument of a map that is written in short form.
fn short_form(map: &Map) -> Option<(&str, &Value)> {
    if map.len() != 1 {
        return None;
    }
    let (key, argument) = map.get_index(0)?;
    let name = match key.strip_prefix("Fn::") {
        Some(name) if SHORT.binary_search(&name).is_ok() => name,
        None if key == "Ref" => key,
        _ => return None,
    };
    let fits = match argument {
        Value::String(_) => true,
        Value::List(items) => key != "Ref" && !items.is_empty(),
        // A single key may be an intrinsic itself, which would need a second tag on the node.
        Value::Map(inner) => key != "Ref" && inner.len() > 1,
        _ => false,
    };
    fits.then_some((name, argument))
}

fn tagged(out: &mut String, tag: &str, argument: &Value, indent: usize, at: At) {
    if at == At::Key {
        out.push(' ');
    }
    out.push('!');
    out.push_str(tag);
    let start = out.len();
    out.push(' ');
    if tag_argument_on_line(out, tag, argument, indent) {
        out.push('\n');
        return;
    }
    out.truncate(start);
    out.push('\n');
    pad(out, indent);
    emit(out, argument, indent, At::Item);
}

/// Writes what fits behind the tag; false when the argument has to be a block, whatever was written by then.
fn tag_argument_on_line(out: &mut String, tag: &str, argument: &Value, indent: usize) -> bool {
    match argument {
        Value::String(text) => scalar::write(out, text, Place::Block, indent),
        Value::List(items) => {
            let start = out.len();
            return tag_list_on_line(out, tag, items) && out.len() - start <= FLOW_WIDTH;
        }
        _ => return false,
    }
    true
}

/// Writes `Role.Arn` behind `!GetAtt`, `[a, b]` behind others.
fn tag_list_on_line(out: &mut String, tag: &str, items: &[Value]) -> bool {
    match (tag, items) {
        ("GetAtt", [Value::String(resource), Value::String(attribute)])
            if !resource.is_empty() && !resource.contains('.') =>
        {
            scalar::write_pair(out, resource, attribute);
            true
        }
        _ => flow_list(out, items),
    }
}

/// Writes `[a, !Ref b, !Equals [c, d]]`; false when an item holds a map or a line break, or the line gets long.
fn flow_list(out: &mut String, items: &[Value]) -> bool {
    let start = out.len();
    out.push('[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        if !flow(out, item) || out.len() - start > FLOW_WIDTH {
            return false;
        }
    }
    out.push(']');
    true
}

fn flow(out: &mut String, value: &Value) -> bool {
    match value {
        Value::Map(map) if !map.is_empty() => {
            let Some((tag, argument)) = short_form(map) else { return false };
            out.push('!');
            out.push_str(tag);
            out.push(' ');
            match argument {
                Value::List(items) => tag_list_on_line(out, tag, items),
                text => matches!(text, Value::String(_)) && flow(out, text),
            }
        }
        Value::List(items) => flow_list(out, items),
        Value::String(text) if text.contains('\n') => false,
        scalar => {
            write_scalar(out, scalar, Place::Flow, 0);
            true
        }
    }
}

fn write_scalar(out: &mut String, value: &Value, place: Place, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => {
            // Writing to a string can not fail.
            let _ = std::fmt::Write::write_fmt(out, format_args!("{number}"));
        }
        Value::Plain(plain) => out.push_str(plain.as_str()),
        Value::String(text) => scalar::write(out, text, place, indent),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}
