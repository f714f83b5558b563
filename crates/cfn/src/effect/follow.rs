//! What refers to a resource that is replaced changes with it.

use std::collections::BTreeMap;

use super::of_resource::{inside, real};
use super::{Cause, Class, Effect, MOST, Stacks, Told};
use crate::diff::{Change, Kind, Step};
use crate::{Map, Value};

/// Adds what follows, and what follows that.
pub(super) fn replaced(effects: &mut Vec<Effect>, stacks: &Stacks<'_>) {
    let Some(resources) = Stacks::resources(stacks.after) else { return };
    let mut known: BTreeMap<String, Class> = BTreeMap::new();
    for effect in effects.iter().filter(|effect| effect.replaces()) {
        let class = known.entry(effect.change.name.clone()).or_insert(effect.class);
        *class = effect.class.max(*class);
    }
    if known.is_empty() {
        return;
    }
    let mut told = Told::of(effects);
    let references = References::of(resources, stacks);
    let mut open: Vec<(String, Class)> = known.clone().into_iter().collect();
    while let Some((name, certainty)) = open.pop() {
        for (owner, path, value) in references.to(&name) {
            let mut effect = following(owner, path, value, &name, resources, stacks);
            // What refers to something that is made anew surely is no less sure.
            if effect.class == Class::Replacement && certainty == Class::MayReplace {
                effect.class = certainty;
            }
            if is_told(&told, &effect) {
                continue;
            }
            told.add(&effect);
            let replaces = effect.replaces().then_some(effect.class);
            effects.push(effect);
            let Some(class) = replaces else { continue };
            if known.get(owner).is_none_or(|before| *before < class) {
                known.insert(owner.to_owned(), class);
                open.push((owner.to_owned(), class));
            }
        }
    }
}

fn following(
    owner: &str,
    path: &[Step],
    value: &Value,
    name: &str,
    resources: &Map,
    stacks: &Stacks<'_>,
) -> Effect {
    let change = Change {
        section: "Resources".to_owned(),
        name: owner.to_owned(),
        resource_type: resources.get(owner).and_then(|it| it.get("Type")?.as_str()).map(str::to_owned),
        path: path.to_vec(),
        kind: Kind::Changed,
        old: None,
        new: Some(value.clone()),
    };
    Effect { cause: Some(Cause::Follows(name.to_owned())), ..real(change, stacks) }
}

/// Whether something worse or the same is told of the same place.
fn is_told(told: &Told, effect: &Effect) -> bool {
    let (places, path) = (told.of_resource(&effect.change.name), inside(&effect.change.path));
    places.len() > MOST || places.iter().any(|(told, class)| *class >= effect.class && path.starts_with(told))
}

/// A property that refers to a resource: whose it is, its path and its value.
type Reference<'a> = (&'a str, Vec<Step>, &'a Value);

/// Which properties refer to which resources.
struct References<'a>(BTreeMap<&'a str, Vec<Reference<'a>>>);

impl<'a> References<'a> {
    /// Of all resources that stay.
    fn of(resources: &'a Map, stacks: &Stacks<'_>) -> Self {
        let mut found = Self(BTreeMap::new());
        for (name, resource) in resources {
            if let (Some(_), Some(properties)) = (stacks.before(name), resource.get("Properties")) {
                let mut path = vec![Step::Key("Properties".to_owned())];
                found.gather(name, properties, &mut path);
            }
        }
        found
    }

    fn to(&self, name: &str) -> impl Iterator<Item = (&'a str, &[Step], &'a Value)> {
        let found = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        found.iter().map(|(owner, path, value)| (*owner, path.as_slice(), *value))
    }

    fn gather(&mut self, owner: &'a str, value: &'a Value, path: &mut Vec<Step>) {
        match value.as_intrinsic() {
            Some(("Ref", Value::String(name))) => return self.note(owner, name, path, value),
            Some(("Fn::GetAtt", Value::List(parts))) => {
                if let Some(name) = parts.first().and_then(Value::as_str) {
                    self.note(owner, name, path, value);
                }
                return;
            }
            Some(("Fn::Sub", argument)) => self.in_text(owner, argument, path, value),
            _ => {}
        }
        match value {
            Value::Map(map) => {
                for (key, value) in map {
                    path.push(Step::Key(key.to_owned()));
                    self.gather(owner, value, path);
                    path.pop();
                }
            }
            Value::List(items) => {
                for (place, item) in items.iter().enumerate() {
                    path.push(Step::Index(place));
                    self.gather(owner, item, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn in_text(&mut self, owner: &'a str, argument: &'a Value, path: &[Step], whole: &'a Value) {
        let body = match argument {
            Value::List(parts) => parts.first().and_then(Value::as_str),
            body => body.as_str(),
        };
        for piece in body.unwrap_or_default().split("${").skip(1) {
            if let Some((name, _)) = piece.split_once('}').filter(|(name, _)| !name.starts_with('!')) {
                let name = name.split('.').next().unwrap_or_default().trim();
                self.note(owner, name, path, whole);
            }
        }
    }

    /// Each property once, however often it refers to the same resource.
    fn note(&mut self, owner: &'a str, name: &'a str, path: &[Step], value: &'a Value) {
        if owner == name {
            return;
        }
        let found = self.0.entry(name).or_default();
        let path = inside(path);
        if found.len() < MOST && !found.iter().any(|(other, known, _)| *other == owner && *known == path) {
            found.push((owner, path, value));
        }
    }
}
