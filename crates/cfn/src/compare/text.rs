//! Text with references in it, whichever function puts it together.

use std::collections::BTreeMap;

use super::Attention;
use super::canon::{Canon, Place, canonical};
use crate::{Map, Value};

/// Stands around the number of a reference while JSON text is parsed.
const MARK: char = '\u{e000}';

/// The canonical form of a function that returns text; nothing for any other map.
pub(super) fn of_intrinsic(map: &Map, is_json: bool, attention: Attention) -> Option<Canon> {
    let (name, argument) = map.get_index(0).filter(|_| map.len() == 1)?;
    let alone = |value: &Value| canonical(value, &Place::ROOT.inside("[]"), attention);
    match name {
        "Fn::GetAtt" => Some(get_att(argument, attention)),
        "Fn::Sub" => {
            let no_variables = Map::new();
            let (body, variables) = match argument {
                Value::List(parts) => {
                    (parts.first()?, parts.get(1).and_then(Value::as_map).unwrap_or(&no_variables))
                }
                body => (body, &no_variables),
            };
            let variables: BTreeMap<&str, Canon> =
                variables.iter().map(|(key, value)| (key, alone(value))).collect();
            Some(concat(tokens(&body.scalar_text()?, &variables), is_json))
        }
        "Fn::Join" => {
            let [separator, Value::List(items)] = argument.as_list()? else { return None };
            let separator = match separator {
                Value::Null => "".into(),
                text => text.scalar_text()?,
            };
            let mut parts = Vec::with_capacity(items.len() * 2);
            for (place, item) in items.iter().filter(|item| !item.is_no_value()).enumerate() {
                if place > 0 {
                    parts.push(Canon::Text(separator.to_string()));
                }
                parts.push(alone(item));
            }
            Some(concat(parts, is_json))
        }
        _ => None,
    }
}

fn get_att(argument: &Value, attention: Attention) -> Canon {
    let parts = match argument {
        Value::String(dotted) => {
            let (resource, attribute) = dotted.split_once('.').unwrap_or((dotted, ""));
            vec![Canon::Text(resource.to_owned()), Canon::Text(attribute.to_owned())]
        }
        Value::List(parts) => match parts.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) if !texts.is_empty() => {
                vec![Canon::Text(texts[0].to_owned()), Canon::Text(texts[1..].join("."))]
            }
            _ => parts.iter().map(|part| canonical(part, &Place::ROOT.inside("[]"), attention)).collect(),
        },
        other => vec![canonical(other, &Place::ROOT.inside("[]"), attention)],
    };
    single("Fn::GetAtt", Canon::List(parts))
}

fn single(name: &str, argument: Canon) -> Canon {
    Canon::Map(BTreeMap::from([(name.to_owned(), argument)]))
}

/// The pieces of a `Fn::Sub`: text, references, and the values of its variables.
fn tokens(template: &str, variables: &BTreeMap<&str, Canon>) -> Vec<Canon> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let Some(len) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + len];
        out.push(Canon::Text(rest[..start].to_owned()));
        out.push(match name.strip_prefix('!') {
            Some(literal) => Canon::Text(format!("${{{literal}}}")),
            None => reference(name.trim(), variables),
        });
        rest = &rest[start + len + 1..];
    }
    out.push(Canon::Text(rest.to_owned()));
    out
}

fn reference(name: &str, variables: &BTreeMap<&str, Canon>) -> Canon {
    match (variables.get(name), name.split_once('.')) {
        (Some(value), _) => value.clone(),
        (None, Some((resource, attribute))) => single(
            "Fn::GetAtt",
            Canon::List(vec![Canon::Text(resource.to_owned()), Canon::Text(attribute.to_owned())]),
        ),
        (None, None) => single("Ref", Canon::Text(name.to_owned())),
    }
}

/// Puts pieces together: text next to text becomes one, and one piece stands for itself.
pub(super) fn concat(parts: impl IntoIterator<Item = Canon>, is_json: bool) -> Canon {
    fn add(flat: &mut Vec<Canon>, part: Canon) {
        match part {
            Canon::Concat(pieces) => pieces.into_iter().for_each(|piece| add(flat, piece)),
            Canon::Text(text) if text.is_empty() => {}
            Canon::Text(text) => match flat.last_mut() {
                Some(Canon::Text(before)) => before.push_str(&text),
                _ => flat.push(Canon::Text(text)),
            },
            other => flat.push(other),
        }
    }
    let mut flat = Vec::new();
    parts.into_iter().for_each(|part| add(&mut flat, part));
    if is_json && let Some(json) = as_json(&flat) {
        return json;
    }
    match flat.len() {
        0 => Canon::Text(String::new()),
        1 => flat.swap_remove(0),
        _ => Canon::Concat(flat),
    }
}

/// The value of JSON text that may have references inside; nothing when it is no JSON.
fn as_json(parts: &[Canon]) -> Option<Canon> {
    let Some(Canon::Text(first)) = parts.first() else { return None };
    if !first.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut references = Vec::new();
    let mut body = String::new();
    for part in parts {
        match part {
            Canon::Text(text) if text.contains(MARK) => return None,
            Canon::Text(text) => body.push_str(text),
            reference => {
                body.extend([MARK.to_string(), references.len().to_string(), MARK.to_string()]);
                references.push(reference.clone());
            }
        }
    }
    let value: serde_json::Value = serde_json::from_str(&body).ok()?;
    Some(Canon::Json(Box::new(typed(&value, &references))))
}

/// A JSON value with the types of its scalars kept apart and references put back.
fn typed(value: &serde_json::Value, references: &[Canon]) -> Canon {
    match value {
        serde_json::Value::Object(entries) => Canon::Map(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = match put_back(key, references) {
                        Canon::Text(key) => key,
                        parts => format!("{parts:?}"),
                    };
                    (key, typed(value, references))
                })
                .collect(),
        ),
        serde_json::Value::Array(items) => {
            Canon::List(items.iter().map(|item| typed(item, references)).collect())
        }
        serde_json::Value::String(text) => put_back(text, references),
        serde_json::Value::Number(number) => Canon::Literal(match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 => {
                format!("{float:.0}")
            }
            _ => number.to_string(),
        }),
        other => Canon::Literal(other.to_string()),
    }
}

fn put_back(text: &str, references: &[Canon]) -> Canon {
    concat(
        text.split(MARK).enumerate().map(|(place, piece)| match piece.parse::<usize>() {
            Ok(number) if place % 2 == 1 => {
                references.get(number).cloned().unwrap_or_else(|| Canon::Text(piece.to_owned()))
            }
            _ => Canon::Text(piece.to_owned()),
        }),
        false,
    )
}
