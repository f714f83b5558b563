//! What a piece of a template refers to.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::core::input::Input;

/// A reference found in a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    /// `Ref` or `${Name}`.
    Ref(String),
    /// `Fn::GetAtt` or `${Name.Attribute}`.
    Attribute(String),
    /// The condition of an `Fn::If`.
    Condition(String),
    /// A literal name in `Fn::ImportValue` is not collected: only evaluating it tells.
    Mapping(String),
}

/// The names between `${` and `}` in a text for `Fn::Sub`, `${!...}` excluded.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        rest = &rest[start + 2..];
        let Some(end) = rest.find('}') else { break };
        if !rest.starts_with('!') {
            names.push(rest[..end].trim());
        }
        rest = &rest[end + 1..];
    }
    names
}

/// Collects the references in `value`.
pub(crate) fn references(value: &Json, found: &mut BTreeSet<Reference>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        Json::Object(members) if members.len() == 1 => {
            let Some((name, argument)) = members.iter().next() else { return };
            intrinsic(name, argument, found);
        }
        Json::Object(members) => members.values().for_each(|member| references(member, found)),
        _ => {}
    }
}

fn intrinsic(name: &str, argument: &Json, found: &mut BTreeSet<Reference>) {
    match (name, argument) {
        ("Ref", Json::String(name)) => {
            found.insert(Reference::Ref(name.clone()));
        }
        ("Fn::GetAtt", Json::String(path)) => {
            found.insert(Reference::Attribute(path.split('.').next().unwrap_or(path).to_owned()));
        }
        ("Fn::GetAtt", Json::Array(parts)) => {
            if let Some(name) = parts.first().and_then(Json::as_str) {
                found.insert(Reference::Attribute(name.split('.').next().unwrap_or(name).to_owned()));
            }
            parts.iter().skip(1).for_each(|part| references(part, found));
        }
        ("Fn::Sub", Json::String(text)) => substituted(text, None, found),
        ("Fn::Sub", Json::Array(parts)) => {
            let own = parts.get(1);
            if let Some(text) = parts.first().and_then(Json::as_str) {
                substituted(text, own, found);
            }
            for value in own.and_then(Json::as_object).into_iter().flat_map(|map| map.values()) {
                references(value, found);
            }
        }
        ("Fn::If", Json::Array(parts)) => {
            if let Some(name) = parts.first().and_then(Json::as_str) {
                found.insert(Reference::Condition(name.to_owned()));
            }
            parts.iter().skip(1).for_each(|part| references(part, found));
        }
        ("Fn::FindInMap", Json::Array(parts)) => {
            if let Some(name) = parts.first().and_then(Json::as_str) {
                found.insert(Reference::Mapping(name.to_owned()));
            }
            parts.iter().skip(1).for_each(|part| references(part, found));
        }
        _ => references(argument, found),
    }
}

fn substituted(text: &str, own: Option<&Json>, found: &mut BTreeSet<Reference>) {
    for name in placeholders(text) {
        if own.is_some_and(|own| own.get(name).is_some()) {
            continue;
        }
        found.insert(match name.split_once('.') {
            Some((resource, _)) => Reference::Attribute(resource.to_owned()),
            None => Reference::Ref(name.to_owned()),
        });
    }
}

/// The other resources that a resource cannot do without: those it refers to and those it names in `DependsOn`.
pub(crate) fn dependencies(resource: &Json, template: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in ["Properties", "Metadata"] {
        if let Some(part) = resource.get(part) {
            references(part, &mut found);
        }
    }
    let mut names: BTreeSet<String> = found
        .into_iter()
        .filter_map(|reference| match reference {
            Reference::Ref(name) | Reference::Attribute(name) => Some(name),
            Reference::Condition(_) | Reference::Mapping(_) => None,
        })
        .collect();
    match resource.get("DependsOn") {
        Some(Json::String(name)) => drop(names.insert(name.clone())),
        Some(_) => names.extend(resource.texts("DependsOn")),
        None => {}
    }
    names.retain(|name| super::resources(template).is_some_and(|resources| resources.contains_key(name)));
    names
}
