//! Where a key belongs that nothing reads where it stands.

use super::{Describe, Shape};
use crate::environment::EnvironmentManifest;
use crate::workload::WorkloadType;

/// Words that so many things have that another place of the manifest says nothing about what was meant.
const COMMON: [&str; 4] = ["path", "alias", "id", "location"];

/// The other kind of manifest that has a key under the same path, in words; `whole` is the kind that lacks it.
pub(super) fn other_kind(path: &[&str], whole: &Shape) -> Option<String> {
    let path = match path {
        ["environments", _, rest @ ..] => rest,
        path => path,
    };
    let shown = path.join(".");
    let is_environment = matches!(whole, Shape::Record(record) if record.name == "EnvironmentManifest");
    if !is_environment && has(&EnvironmentManifest::shape(), path) {
        return Some(format!(
            "`{shown}` is a key of environments: it belongs to `copilot/environments/NAME/manifest.yml`"
        ));
    }
    let kinds = WorkloadType::ALL.into_iter().filter(|kind| has(&kind.shape(), path));
    let names: Vec<String> = kinds.map(|kind| format!("`{kind}`")).collect();
    match &names[..] {
        [] => None,
        _ if is_environment => {
            Some(format!("`{shown}` is a key of services: it belongs to `copilot/NAME/manifest.yml`"))
        }
        names => Some(format!("`{shown}` is a key of other types: {}", names.join(", "))),
    }
}

/// Whether what stands at `home` may have been meant by the last key of `path`.
pub(super) fn is_likely(path: &[&str], home: &str) -> bool {
    match path {
        [key] => !COMMON.contains(key) || home.is_empty(),
        [first, ..] => home.is_empty() || home.split('.').next() == Some(*first),
        [] => false,
    }
}

/// Whether a form has something at a path of keys.
fn has(shape: &Shape, path: &[&str]) -> bool {
    let [key, rest @ ..] = path else { return true };
    match shape {
        Shape::Record(record) => {
            record.fields.iter().any(|field| field.key == *key && has(&(field.shape)(), rest))
        }
        Shape::Map(item) => has(item, rest),
        Shape::List(item) => has(item, path),
        Shape::OneOf(forms) => forms.iter().any(|form| has(form, path)),
        _ => false,
    }
}
