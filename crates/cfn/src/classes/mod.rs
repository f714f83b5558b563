//! What an update of a property does to its resource: the part of CloudFormation's registry that a plan needs.
//!
//! `resources.txt` is compiled from the registry's schemas by `cargo xtask schemas`; its head says of which day they are. A
//! line is a type with the paths of `createOnlyProperties`, and behind `~` those of `conditionalCreateOnlyProperties`. It holds
//! the types of the services that applications on ECS and App Runner are made of; of any other type nothing is known.

mod table;

use crate::Value;
use crate::diff::Step;

pub use table::{CFN_LINT_VERSION, SCHEMA_DATE, is_known};

/// What CloudFormation does with a resource of which a property changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Update {
    /// It changes the resource, which stays.
    InPlace,
    /// As `InPlace`, with some interruption of what the resource does, as far as the user guide says so.
    Interruption,
    /// The table has no such type.
    Unknown,
    /// It makes the resource anew under conditions that the schema does not tell.
    MayReplace,
    /// It makes the resource anew and deletes the old one.
    Replacement,
}

/// What an update does, by the type of a resource and the path of the property that changes, without `Properties` and steps into
/// functions. `old` and `new` tell what changes below a path that is shorter than one of the table.
pub fn update(resource_type: &str, path: &[Step], old: Option<&Value>, new: Option<&Value>) -> Update {
    if resource_type.starts_with("Custom::") || resource_type == "AWS::CloudFormation::CustomResource" {
        // The function that stands behind it is told of the change, and decides.
        return match path.first() {
            Some(Step::Key(key)) if key == "ServiceToken" => Update::MayReplace,
            _ => Update::InPlace,
        };
    }
    let Some(entries) = table::entries(resource_type) else { return Update::Unknown };
    let found = entries
        .filter(|entry| entry.concerns(path, old, new))
        .map(|entry| if entry.conditional { Update::MayReplace } else { Update::Replacement });
    found.max().unwrap_or_else(|| match path.first() {
        Some(Step::Key(key)) if table::interrupts(resource_type, key) => Update::Interruption,
        _ => Update::InPlace,
    })
}
