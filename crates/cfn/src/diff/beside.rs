//! What stands beside a template: values of its parameters, and tags.

use std::collections::BTreeMap;

use super::Side;
use crate::write::to_yaml_line;
use crate::{Map, Value};

/// Section of a diff with values of parameters, which no template has.
pub const PARAMETERS: &str = "Values of parameters";
/// Section of a diff with tags of the stack, which no template has.
pub const TAGS: &str = "Tags of the stack";

/// Both sides as sections that can be compared.
pub(super) fn values(old: Side<'_>, new: Side<'_>) -> [Value; 2] {
    let none = Map::new();
    let declared = new.template.get("Parameters").and_then(Value::as_map).unwrap_or(&none);
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for (name, declaration) in declared {
        let deployed = old.parameters.get(name);
        let default = || deployed.and_then(|_| text(declaration.get("Default")?));
        let Some(value) = new.parameters.get(name).cloned().or_else(default) else { continue };
        if deployed.is_some_and(|deployed| is_hidden(deployed)) {
            continue;
        }
        before.extend(deployed.map(|deployed| (name.to_owned(), deployed.clone())));
        after.insert(name.to_owned(), value);
    }
    [sections(&before, old.tags), sections(&after, new.tags)]
}

/// A default as the value that it stands for.
fn text(default: &Value) -> Option<String> {
    match default {
        Value::String(text) => Some(text.to_string()),
        default => to_yaml_line(default),
    }
}

/// A value that CloudFormation shows to nobody.
fn is_hidden(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c == '*')
}

fn sections(parameters: &BTreeMap<String, String>, tags: &BTreeMap<String, String>) -> Value {
    let section = |values: &BTreeMap<String, String>| {
        let mut map = Map::new();
        for (name, value) in values {
            map.insert(name.clone(), value.clone());
        }
        Value::Map(map)
    };
    let mut map = Map::new();
    map.insert(PARAMETERS, section(parameters));
    map.insert(TAGS, section(tags));
    Value::Map(map)
}
