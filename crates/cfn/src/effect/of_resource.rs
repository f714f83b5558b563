//! Differences of resources.

use super::{Class, Effect, MOST, PIPELINE, Real, Remark, Stacks, TASK_DEFINITION};
use crate::Value;
use crate::classes::{Update, update};
use crate::diff::{Change, Kind, Step};

/// A difference that is written, beside those that come of it.
pub(super) fn written(change: Change, real: &[Real<'_>], stacks: &Stacks<'_>) -> Effect {
    let path = inside(&change.path);
    let counterpart = real.iter().take(MOST).find(|real| leads(&real.path, &path));
    match counterpart {
        None if real.len() <= MOST => {
            Effect { change, class: Class::Text, cause: None, remark: Some(Remark::WithoutEffect) }
        }
        // What it is a part of comes to be or goes.
        Some(whole) if whole.path.is_empty() && !path.is_empty() => {
            let class = match whole.change.kind {
                Kind::Removed => Class::Removal,
                _ => Class::Added,
            };
            Effect { change, class, cause: None, remark: None }
        }
        _ => self::real(change, stacks),
    }
}

/// A difference of what comes to be.
pub(super) fn real(change: Change, stacks: &Stacks<'_>) -> Effect {
    let kind = change.resource_type.as_deref().unwrap_or_default();
    let path = inside(&change.path);
    let class = match &path[..] {
        [] => match change.kind {
            Kind::Added => Class::Added,
            Kind::Removed => Class::Removal,
            Kind::Changed | Kind::Reordered => Class::Unknown,
        },
        [Step::Key(key), rest @ ..] => match key.as_str() {
            "Properties" => of_property(kind, rest, &change),
            "Type" => Class::Replacement,
            "Metadata" | "DependsOn" => Class::Text,
            "Condition" => Class::Unknown,
            _ => Class::InPlace,
        },
        _ => Class::Unknown,
    };
    let remark = match class {
        _ if matches!(&path[..], [Step::Key(key)] if key == "Type") => Some(Remark::TypeChanged),
        Class::Removal => stacks.before(&change.name).and_then(|resource| policy(resource, "DeletionPolicy")),
        Class::Replacement | Class::MayReplace => {
            stacks.after(&change.name).and_then(|resource| policy(resource, "UpdateReplacePolicy"))
        }
        _ => None,
    };
    Effect { change, class, cause: None, remark }
}

fn of_property(kind: &str, path: &[Step], change: &Change) -> Class {
    let (old, new) = (change.old.as_ref(), change.new.as_ref());
    match (path, update(kind, path, old, new)) {
        ([Step::Key(key), ..], Update::InPlace | Update::Interruption)
            if kind == PIPELINE && key != "Tags" =>
        {
            Class::Structure
        }
        // Without a path it is `Properties` as a whole.
        (_, Update::InPlace) | ([], Update::Interruption) => Class::InPlace,
        (_, Update::Interruption) => Class::Interruption,
        (_, Update::Unknown) => Class::Unknown,
        (_, Update::MayReplace) => Class::MayReplace,
        ([Step::Key(key), ..], Update::Replacement) if kind == TASK_DEFINITION && key != "Family" => {
            Class::Revision
        }
        (_, Update::Replacement) => Class::Replacement,
    }
}

fn policy(resource: &Value, key: &str) -> Option<Remark> {
    match resource.get(key)?.as_str()? {
        // A resource that is there was created.
        "Retain" | "RetainExceptOnCreate" => Some(Remark::Kept),
        "Snapshot" => Some(Remark::Snapshot),
        _ => None,
    }
}

/// A path without the steps into functions that choose or hold values.
pub(super) fn inside(path: &[Step]) -> Vec<Step> {
    let mut out = Vec::with_capacity(path.len());
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        match step {
            Step::Key(key) if key == "Fn::If" => {
                steps.next();
            }
            // What else is inside of a function is an argument.
            Step::Key(key) if key.starts_with("Fn::") || key == "Ref" => break,
            other => out.push(other.clone()),
        }
    }
    out
}

/// Whether one of two paths leads to the other. Items of lists may have other places where some of them are under conditions.
pub(super) fn leads(one: &[Step], other: &[Step]) -> bool {
    one.iter().zip(other).all(|(one, other)| match (one, other) {
        (Step::Key(one), Step::Key(other))
        | (Step::Item { value: one, .. }, Step::Item { value: other, .. }) => one == other,
        (Step::Key(_), _) | (_, Step::Key(_)) => false,
        _ => true,
    })
}
