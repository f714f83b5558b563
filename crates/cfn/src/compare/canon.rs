use std::collections::BTreeMap;

use super::{Attention, text};
use crate::{Map, Value};

/// The fields by which the items of a list are told apart, the first that all items have with different values.
const KEYED: [&str; 9] =
    ["Name", "Key", "ContainerName", "SourceVolume", "Id", "Sid", "PolicyName", "Field", "AttributeName"];
/// Lists whose order counts although their items have names.
pub(crate) const ORDERED: [&str; 3] = ["Stages", "KeySchema", "CacheBehaviors"];
/// Key of the phrase about a resource in its metadata, which is for people.
pub(crate) const REMARK: &str = "aws:copilot:description";
const CODE_OWNERS: [&str; 3] =
    ["AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::Lambda::LayerVersion"];
const CODE: [&str; 4] = ["Code", "CodeUri", "ContentUri", "Content"];

/// The one form of all values that mean the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Canon {
    Text(String),
    /// Text with references in it, the pieces of text between them as long as possible.
    Concat(Vec<Self>),
    /// What a JSON text holds, with references put back into its strings.
    Json(Box<Self>),
    /// A number, boolean or null inside JSON text, as JSON.
    Literal(String),
    List(Vec<Self>),
    /// Sorted.
    Set(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

/// Where a value stands: the keys that lead to it, the innermost first; `[]` stands for a list's items.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    key: &'a str,
    parent: Option<&'a Self>,
}

impl<'a> Place<'a> {
    pub(crate) const ROOT: Place<'static> = Place { key: "", parent: None };

    pub(crate) fn inside(&'a self, key: &'a str) -> Self {
        Place { key, parent: Some(self) }
    }

    pub(crate) fn key(&self) -> &str {
        self.key
    }

    fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| 1 + parent.depth())
    }

    /// The section, for what stands directly under a name in it.
    fn section(&self) -> Option<&str> {
        (self.depth() == 2).then(|| self.parent.map(|section| section.key)).flatten()
    }

    fn is_json(&self) -> bool {
        matches!(self.key, "~json" | "DefinitionString" | "FilterPolicy" | "EventPattern")
    }
}

pub(crate) fn canonical(value: &Value, place: &Place<'_>, attention: Attention) -> Canon {
    match value {
        Value::Map(map) => match text::of_intrinsic(map, place.is_json(), attention) {
            Some(canon) => canon,
            None => of_map(map, place, attention),
        },
        Value::List(items) => of_list(items, place, attention),
        scalar => text::concat(
            [Canon::Text(scalar.scalar_text().unwrap_or_default().into_owned())],
            place.is_json(),
        ),
    }
}

fn of_list(items: &[Value], place: &Place<'_>, attention: Attention) -> Canon {
    let inner = place.inside("[]");
    let arguments = place.key.starts_with("Fn::");
    let mut items: Vec<Canon> = items
        .iter()
        .filter(|item| arguments || !item.is_no_value())
        .map(|item| canonical(item, &inner, attention))
        .collect();
    if !ORDERED.contains(&place.key)
        && let Some(field) = list_key(&items.iter().map(|item| match item {
            Canon::Map(map) => Some(move |field: &str| map.get(field)),
            _ => None,
        }))
    {
        items.sort_by(|one, other| match (one, other) {
            (Canon::Map(one), Canon::Map(other)) => one.get(field).cmp(&other.get(field)),
            _ => std::cmp::Ordering::Equal,
        });
    }
    Canon::List(items)
}

/// The field by which the items of a list are told apart, if there is one.
pub(crate) fn list_key<'a, T: Ord + 'a, F>(
    items: &(impl Iterator<Item = Option<F>> + Clone),
) -> Option<&'static str>
where
    F: Fn(&str) -> Option<&'a T>,
{
    KEYED.into_iter().find(|field| {
        let mut seen = std::collections::BTreeSet::new();
        let mut items = items.clone();
        items.all(|item| item.and_then(|get| get(field)).is_some_and(|key| seen.insert(key)))
            && !seen.is_empty()
    })
}

fn of_map(map: &Map, place: &Place<'_>, attention: Attention) -> Canon {
    let is_variable = matches!(map.get("Name"), Some(Value::String(name)) if name.starts_with("COPILOT_"));
    let mut out = BTreeMap::new();
    for (key, value) in map {
        let unset = matches!(value, Value::Null) || (value.is_no_value() && !key.starts_with("Fn::"));
        let shown = attention == Attention::Behaviour && is_shown(key, place);
        if unset || shown || is_remark(key, value, place) {
            continue;
        }
        let inner = place.inside(if is_variable && key == "Value" { "~json" } else { key });
        out.insert(key.to_owned(), canonical(value, &inner, attention));
    }
    normalise_statement(&mut out, attention);
    if out.contains_key("Version") || place.key.ends_with("Document") {
        change(&mut out, "Statement", into_set);
    }
    if place.section() == Some("Resources") {
        normalise_resource(&mut out, attention);
    }
    Canon::Map(out)
}

/// Whether the entry is a phrase about a resource, or metadata with nothing else.
fn is_remark(key: &str, value: &Value, place: &Place<'_>) -> bool {
    let of_resource = |place: &Place<'_>| place.section() == Some("Resources");
    match key {
        REMARK => place.key == "Metadata" && place.parent.is_some_and(of_resource),
        "Metadata" => {
            of_resource(place) && value.as_map().is_some_and(|map| map.len() == 1 && map.contains_key(REMARK))
        }
        _ => false,
    }
}

/// Whether CloudFormation only shows the entry.
fn is_shown(key: &str, place: &Place<'_>) -> bool {
    let section = place.section();
    match key {
        "Metadata" => place.parent.is_none() || section == Some("Resources"),
        "Description" => place.parent.is_none() || matches!(section, Some("Parameters" | "Outputs")),
        _ => false,
    }
}

fn normalise_statement(out: &mut BTreeMap<String, Canon>, attention: Attention) {
    let effect =
        matches!(out.get("Effect"), Some(Canon::Text(effect)) if effect == "Allow" || effect == "Deny");
    if !effect || !(out.contains_key("Action") || out.contains_key("NotAction")) {
        return;
    }
    if attention == Attention::Behaviour {
        out.remove("Sid");
    }
    for field in ["Action", "NotAction", "Resource", "NotResource"] {
        change(out, field, into_set);
    }
    for field in ["Principal", "NotPrincipal"] {
        if let Some(Canon::Map(principals)) = out.get_mut(field)
            && !principals.contains_key("Ref")
        {
            values_into_sets(principals);
        }
    }
    if let Some(Canon::Map(operators)) = out.get_mut("Condition") {
        for keys in operators.values_mut() {
            if let Canon::Map(keys) = keys
                && !keys.keys().any(|key| key.starts_with("Fn::"))
            {
                values_into_sets(keys);
            }
        }
    }
}

fn normalise_resource(out: &mut BTreeMap<String, Canon>, attention: Attention) {
    change(out, "DependsOn", into_set);
    if attention == Attention::Everything {
        return;
    }
    let Some(Canon::Text(kind)) = out.get("Type") else { return };
    let has_code = CODE_OWNERS.contains(&kind.as_str());
    let is_custom = kind.starts_with("Custom::");
    let Some(Canon::Map(properties)) = out.get_mut("Properties") else { return };
    if has_code {
        properties.retain(|key, _| !CODE.contains(&key.as_str()));
        if let Some(Canon::Text(runtime)) = properties.get_mut("Runtime")
            && runtime.starts_with("nodejs")
        {
            "nodejs".clone_into(runtime);
        }
    }
    if is_custom && let Some(id) = properties.get_mut("UpdateID") {
        *id = Canon::Text(String::new());
    }
}

fn change(map: &mut BTreeMap<String, Canon>, key: &str, how: impl FnOnce(Canon) -> Canon) {
    if let Some(value) = map.get_mut(key) {
        let taken = std::mem::replace(value, Canon::Text(String::new()));
        *value = how(taken);
    }
}

fn values_into_sets(map: &mut BTreeMap<String, Canon>) {
    for (key, value) in map {
        if !key.starts_with("Fn::") {
            let taken = std::mem::replace(value, Canon::Text(String::new()));
            *value = into_set(taken);
        }
    }
}

fn into_set(value: Canon) -> Canon {
    let mut items = match value {
        Canon::List(items) => items,
        single => vec![single],
    };
    items.sort();
    Canon::Set(items)
}
