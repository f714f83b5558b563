//! What a change set is made of, and what CloudFormation says that it will do.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{
    ChangeAction as SdkAction, Replacement as SdkReplacement, ResourceChange,
};

/// Where CloudFormation reads the template.
#[derive(Debug, Clone)]
pub enum Template {
    /// The text itself, at most 51,200 bytes.
    Body(String),
    /// An object in S3.
    Url(String),
}

/// A change to make.
#[derive(Debug, Clone)]
pub struct ChangeSet {
    /// Name of the stack.
    pub stack: String,
    /// The template.
    pub template: Template,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack and of everything in it.
    pub tags: BTreeMap<String, String>,
    /// Name of the change set; must be new for the stack.
    pub name: String,
    /// Delete a stack whose creation failed, and make it anew.
    pub recreate: bool,
    /// Wait for another operation on the stack instead of refusing.
    pub wait: bool,
    /// What only some stacks need.
    pub manner: Manner,
}

/// How a change is carried out, where that is not as for most stacks.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Role with which CloudFormation changes the resources; without one it has the caller's rights.
    pub role_arn: Option<String>,
    /// Parameters that keep the value that the stack has when the change set is made, whatever [`ChangeSet::parameters`]
    /// says. One that the stack does not have yet gets the value from there.
    pub kept: Vec<String>,
    /// Never create the stack.
    pub update_only: bool,
    /// Leave a failed update as it is instead of undoing it.
    pub no_rollback: bool,
    /// Don't wait for the end.
    pub detach: bool,
}

/// One resource of a change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens to it.
    pub action: ChangeAction,
    /// Name in the template.
    pub logical_id: String,
    /// Its type.
    pub kind: String,
    /// Whether the resource is replaced.
    pub replacement: Replacement,
}

/// What a change set does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeAction {
    /// It is made.
    Add,
    /// It is changed.
    Modify,
    /// It is deleted.
    Remove,
    /// It is there already, and belongs to the stack from now on.
    Import,
    /// CloudFormation can't say yet, or says something new.
    Dynamic,
}

/// Whether a change set replaces a resource: makes another one and deletes what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Only where a value, which CloudFormation does not know yet, differs.
    Conditional,
}

impl From<ResourceChange> for Change {
    fn from(change: ResourceChange) -> Self {
        Self {
            action: match change.action {
                Some(SdkAction::Add) => ChangeAction::Add,
                Some(SdkAction::Modify) => ChangeAction::Modify,
                Some(SdkAction::Remove) => ChangeAction::Remove,
                Some(SdkAction::Import) => ChangeAction::Import,
                _ => ChangeAction::Dynamic,
            },
            logical_id: change.logical_resource_id.unwrap_or_default(),
            kind: change.resource_type.unwrap_or_default(),
            replacement: match change.replacement {
                Some(SdkReplacement::True) => Replacement::Yes,
                Some(SdkReplacement::Conditional) => Replacement::Conditional,
                _ => Replacement::No,
            },
        }
    }
}
