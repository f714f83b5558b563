use std::fmt::Write as _;

use super::quoted;
use crate::{Plain, Value};

/// A value as JSON with long intrinsics, indented by two, with a line break at the end.
///
/// A [`Plain`] that is no number by the rules of JSON (`0755`, `yes`) becomes a string of the same letters.
pub fn to_json(value: &Value) -> String {
    let mut out = String::with_capacity(16 * 1024);
    emit(&mut out, value, Some(0));
    out.push('\n');
    out
}

/// A value as JSON without any blank, such as a property that holds JSON text.
pub fn to_json_compact(value: &Value) -> String {
    let mut out = String::new();
    emit(&mut out, value, None);
    out
}

fn emit(out: &mut String, value: &Value, indent: Option<usize>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => {
            // Writing to a string can not fail.
            let _ = write!(out, "{number}");
        }
        Value::Plain(plain) if plain.is_json_number() => out.push_str(plain.as_str()),
        Value::Plain(plain) => quoted(out, Plain::as_str(plain)),
        Value::String(text) => quoted(out, text),
        Value::List(items) => {
            let inner = indent.map(|indent| indent + 2);
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                separate(out, place, inner);
                emit(out, item, inner);
            }
            close(out, ']', items.is_empty(), indent);
        }
        Value::Map(map) => {
            let inner = indent.map(|indent| indent + 2);
            out.push('{');
            for (place, (key, value)) in map.iter().enumerate() {
                separate(out, place, inner);
                quoted(out, key);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                emit(out, value, inner);
            }
            close(out, '}', map.is_empty(), indent);
        }
    }
}

fn separate(out: &mut String, place: usize, indent: Option<usize>) {
    if place > 0 {
        out.push(',');
    }
    if let Some(indent) = indent {
        out.push('\n');
        super::yaml::pad(out, indent);
    }
}

fn close(out: &mut String, bracket: char, empty: bool, indent: Option<usize>) {
    if let (Some(indent), false) = (indent, empty) {
        out.push('\n');
        super::yaml::pad(out, indent);
    }
    out.push(bracket);
}
