//! What nobody expects of a stack: resources that somebody changed behind CloudFormation's back, and judgements of changes that no
//! other program makes.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// All that was arranged in an account and region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Surprises {
    pub(crate) drifts: Vec<Drift>,
    pub(crate) validations: Vec<(String, Validation)>,
    pub(crate) replacements: Vec<Replaced>,
}

/// A resource that is not as its stack has made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Drift {
    pub(crate) stack: String,
    pub(crate) resource: String,
    /// The property as a JSON pointer; none where the whole resource is gone.
    pub(crate) property: Option<String>,
    /// What it is; null where it is gone.
    pub(crate) value: Json,
}

/// A property with which a resource is made anew, whatever the documentation says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replaced {
    pub(crate) stack: String,
    pub(crate) resource: String,
    pub(crate) property: String,
}

/// Something that CloudFormation finds in a change set before it is executed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Logical id of the resource.
    pub resource: String,
    /// What was validated, such as `PROPERTY_VALIDATION`.
    pub name: String,
    /// Where, such as `/Resources/Key/Properties/Enabled`.
    pub path: String,
    /// What is wrong.
    pub reason: String,
    /// Whether the change set fails; otherwise it is a warning.
    pub fails: bool,
}

impl Surprises {
    /// Whether a property of a resource makes it anew.
    pub(super) fn replaces(&self, stack: &str, resource: &str, property: &str) -> bool {
        self.replacements
            .iter()
            .any(|one| one.stack == stack && one.resource == resource && one.property == property)
    }

    /// What is found in change sets of a stack.
    pub(super) fn validations_of(&self, stack: &str) -> impl Iterator<Item = &Validation> {
        self.validations.iter().filter(move |(name, _)| name == stack).map(|(_, validation)| validation)
    }

    /// What has become of a resource of a stack.
    pub(super) fn drifts_of(&self, stack: &str, resource: &str) -> impl Iterator<Item = &Drift> {
        self.drifts.iter().filter(move |drift| drift.stack == stack && drift.resource == resource)
    }
}
