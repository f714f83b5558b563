//! Both trees side by side.

use std::borrow::Cow;
use std::collections::HashMap;

use super::lcs::{Edit, edits};
use super::{Change, Kind, Step};
use crate::compare::{Attention, Canon, ORDERED, Place, REMARK, canonical, list_key};
use crate::{Map, Value};

/// The sections in CloudFormation's order; others follow.
const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Tags",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
    "Hooks",
];

pub(super) fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let empty = Map::new();
    let old = old.as_map().unwrap_or(&empty);
    let new = new.as_map().unwrap_or(&empty);
    let others = union(old, new).filter(|key| !SECTIONS.contains(key));
    let mut found = Vec::new();
    for section in SECTIONS.into_iter().chain(others) {
        let place = Place::ROOT.inside(section);
        match (old.get(section), new.get(section)) {
            (None | Some(Value::Null), None | Some(Value::Null)) => {}
            (
                old @ (Some(Value::Map(_) | Value::Null) | None),
                new @ (Some(Value::Map(_) | Value::Null) | None),
            ) => {
                let old = old.and_then(Value::as_map).unwrap_or(&empty);
                let new = new.and_then(Value::as_map).unwrap_or(&empty);
                of_section(section, old, new, &place, &mut found);
            }
            (old, new) => {
                Walk { found: &mut found, section, name: "", resource_type: None, path: Vec::new() }
                    .of_entry(old, new, &place);
            }
        }
    }
    found
}

/// The keys of the new map, then those that only the old one has.
fn union<'a>(old: &'a Map, new: &'a Map) -> impl Iterator<Item = &'a str> {
    new.keys().chain(old.keys().filter(|key| !new.contains_key(key)))
}

fn of_section(section: &str, old: &Map, new: &Map, place: &Place<'_>, found: &mut Vec<Change>) {
    for name in union(old, new) {
        if section == "Metadata" && name == "Manifest" {
            continue;
        }
        let (old, new) = (old.get(name), new.get(name));
        let resource_type = (section == "Resources")
            .then(|| new.or(old).and_then(|resource| resource.get("Type")?.as_str()))
            .flatten();
        let (old, new) = (without_remark(section, old), without_remark(section, new));
        let mut walk = Walk { found, section, name, resource_type, path: Vec::new() };
        walk.of_entry(old.as_deref(), new.as_deref(), &place.inside(name));
    }
}

/// A resource without the phrase about it in its metadata: no resource has anything of it.
fn without_remark<'a>(section: &str, value: Option<&'a Value>) -> Option<Cow<'a, Value>> {
    let value = value?;
    let remark = value.get("Metadata").and_then(|metadata| metadata.get(REMARK));
    if section != "Resources" || remark.is_none() {
        return Some(Cow::Borrowed(value));
    }
    let mut value = value.clone();
    if let Some(resource) = value.as_map_mut() {
        let metadata = resource.get_mut("Metadata").and_then(Value::as_map_mut);
        let is_empty = metadata.is_some_and(|metadata| {
            metadata.remove(REMARK);
            metadata.is_empty()
        });
        if is_empty {
            resource.remove("Metadata");
        }
    }
    Some(Cow::Owned(value))
}

struct Walk<'a> {
    found: &'a mut Vec<Change>,
    section: &'a str,
    name: &'a str,
    resource_type: Option<&'a str>,
    path: Vec<Step>,
}

impl Walk<'_> {
    fn note(&mut self, kind: Kind, old: Option<&Value>, new: Option<&Value>) {
        self.found.push(Change {
            section: self.section.to_owned(),
            name: self.name.to_owned(),
            resource_type: self.resource_type.map(str::to_owned),
            path: self.path.clone(),
            kind,
            old: old.cloned(),
            new: new.cloned(),
        });
    }

    fn inside(&mut self, step: Step, walk: impl FnOnce(&mut Self)) {
        self.path.push(step);
        walk(self);
        self.path.pop();
    }

    /// An entry of a map: `null` and `AWS::NoValue` are no entry.
    fn of_entry(&mut self, old: Option<&Value>, new: Option<&Value>, place: &Place<'_>) {
        let set = |value: &&Value| !value.is_no_value() && **value != Value::Null;
        match (old.filter(set), new.filter(set)) {
            (None, None) => {}
            (None, new) => self.note(Kind::Added, None, new),
            (old, None) => self.note(Kind::Removed, old, None),
            (Some(old), Some(new)) => self.of_pair(old, new, place),
        }
    }

    fn of_pair(&mut self, old: &Value, new: &Value, place: &Place<'_>) {
        if old == new
            || canonical(old, place, Attention::Everything) == canonical(new, place, Attention::Everything)
        {
            return;
        }
        match (old, new) {
            (Value::Map(one), Value::Map(other)) if opens(old) && opens(new) => {
                self.of_maps(one, other, place);
            }
            (Value::List(one), Value::List(other)) => self.of_lists(one, other, place),
            _ => self.note(Kind::Changed, Some(old), Some(new)),
        }
    }

    fn of_maps(&mut self, old: &Map, new: &Map, place: &Place<'_>) {
        for key in union(old, new) {
            self.inside(Step::Key(key.to_owned()), |walk| {
                walk.of_entry(old.get(key), new.get(key), &place.inside(key));
            });
        }
    }

    fn of_lists(&mut self, old: &[Value], new: &[Value], place: &Place<'_>) {
        match (text_key(old), text_key(new)) {
            (Some(one), Some(other)) if one == other => self.of_keyed(old, new, one, place),
            _ => self.of_sequences(old, new, place),
        }
    }

    /// Items that are told apart by a field.
    fn of_keyed(&mut self, old: &[Value], new: &[Value], field: &'static str, place: &Place<'_>) {
        let inner = place.inside("[]");
        let (before, after) = (by_name(old, field), by_name(new, field));
        let step = |name: &str| Step::Item { field, value: name.to_owned() };
        for (name, item) in named(new, field) {
            let old = before.get(name).copied();
            self.inside(step(name), |walk| walk.of_entry(old, Some(item), &inner));
        }
        for (name, item) in named(old, field).filter(|(name, _)| !after.contains_key(name)) {
            self.inside(step(name), |walk| walk.note(Kind::Removed, Some(item), None));
        }
        let stays = |(name, _): (&str, _)| {
            (before.contains_key(name) && after.contains_key(name)).then(|| Value::from(name.to_owned()))
        };
        let order = |items| named(items, field).filter_map(stays).collect::<Value>();
        let (was, is) = (order(old), order(new));
        if ORDERED.contains(&place.key()) && was != is {
            self.note(Kind::Reordered, Some(&was), Some(&is));
        }
    }

    /// Items that are told apart by what they are. A removal right before an addition is a change of one item.
    fn of_sequences(&mut self, old: &[Value], new: &[Value], place: &Place<'_>) {
        let inner = place.inside("[]");
        let canons = |items: &[Value]| -> Vec<Canon> {
            items.iter().map(|item| canonical(item, &inner, Attention::Everything)).collect()
        };
        let mut removed = Vec::new();
        let mut added = Vec::new();
        let edits = edits(&canons(old), &canons(new));
        for edit in edits.into_iter().map(Some).chain([None]) {
            match edit {
                Some(Edit::Remove(from)) => removed.push(from),
                Some(Edit::Add(to)) => added.push(to),
                Some(Edit::Keep(..)) | None => {
                    let pairs = removed.len().min(added.len());
                    for (&from, &to) in removed.iter().zip(&added) {
                        self.inside(Step::Index(to), |walk| walk.of_pair(&old[from], &new[to], &inner));
                    }
                    for &from in &removed[pairs..] {
                        self.inside(Step::Index(from), |walk| {
                            walk.note(Kind::Removed, Some(&old[from]), None);
                        });
                    }
                    for &to in &added[pairs..] {
                        self.inside(Step::Index(to), |walk| walk.note(Kind::Added, None, Some(&new[to])));
                    }
                    removed.clear();
                    added.clear();
                }
            }
        }
    }
}

/// Whether a map is looked into: a function that returns a value is shown as a whole, `Fn::If` holds values.
fn opens(value: &Value) -> bool {
    value.as_intrinsic().is_none_or(|(name, argument)| {
        name == "Fn::If" || matches!((name, argument), ("Condition", Value::Map(_)))
    })
}

/// The items with the text by which they are told apart.
fn named<'a>(items: &'a [Value], field: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    items.iter().filter_map(move |item| Some((item.get(field)?.as_str()?, item)))
}

fn by_name<'a>(items: &'a [Value], field: &str) -> HashMap<&'a str, &'a Value> {
    named(items, field).collect()
}

/// The field by which the items are told apart, if all have it as text.
fn text_key(items: &[Value]) -> Option<&'static str> {
    list_key(&items.iter().map(|item| {
        item.as_map().map(|map| {
            move |field: &str| match map.get(field) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            }
        })
    }))
}
