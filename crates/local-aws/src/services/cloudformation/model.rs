//! Stacks, their resources, events and change sets.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::drift::Detection;
use super::engine::Operation;
use super::surprises::{Surprises, Validation};
use super::template::parameters::Values;
use crate::core::input::timestamp;
use crate::services::tags::{self, Tags};

/// Stacks of an account and region by ARN, in the order in which they were made; deleted ones stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Stacks {
    pub(crate) by_id: IndexMap<String, Stack>,
    #[serde(default)]
    pub(crate) surprises: Surprises,
}

impl Stacks {
    /// Stacks that are not deleted.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Stack> {
        self.by_id.values().filter(|stack| stack.status != "DELETE_COMPLETE")
    }

    /// The ARN of the stack with this name, unless it is deleted, or with this ARN even if it is.
    pub(crate) fn find(&self, name_or_id: &str) -> Option<&str> {
        if let Some((id, _)) = self.by_id.get_key_value(name_or_id) {
            return Some(id);
        }
        self.live().find(|stack| stack.name == name_or_id).map(|stack| stack.id.as_str())
    }
}

/// A stack.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Stack {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) created: i64,
    pub(crate) updated: Option<i64>,
    pub(crate) deleted: Option<i64>,
    /// The template as it was sent.
    pub(crate) body: String,
    /// The template as it was read.
    pub(crate) template: Json,
    pub(crate) parameters: Values,
    pub(crate) tags: Tags,
    pub(crate) capabilities: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) disable_rollback: bool,
    pub(crate) on_failure: Option<String>,
    pub(crate) protected: bool,
    pub(crate) policy: Option<String>,
    pub(crate) notifications: Vec<String>,
    pub(crate) resources: IndexMap<String, Resource>,
    pub(crate) outputs: Vec<Output>,
    /// The oldest first.
    pub(crate) events: Vec<Event>,
    pub(crate) change_sets: IndexMap<String, ChangeSet>,
    /// The change set that made it what it is.
    pub(crate) change_set_id: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) root: Option<String>,
    /// The instance of a StackSet that it is.
    pub(crate) token: Option<String>,
    pub(crate) operation: Option<Operation>,
    /// A rollback of an update that failed itself and can be continued.
    pub(crate) rollback: Option<Operation>,
    /// The last detection of drift.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detection: Option<Detection>,
}

/// A resource of a stack.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Resource {
    pub(crate) logical_id: String,
    pub(crate) kind: String,
    pub(crate) physical_id: Option<String>,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) changed: i64,
    /// Evaluated.
    pub(crate) properties: Json,
    pub(crate) metadata: Option<Json>,
    pub(crate) deletion_policy: Option<String>,
    pub(crate) replace_policy: Option<String>,
    pub(crate) depends_on: Vec<String>,
    /// Attributes that cannot be worked out from the rest.
    pub(crate) attributes: IndexMap<String, Json>,
    /// What is said when it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// An output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Output {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) description: Option<String>,
    pub(crate) export: Option<String>,
}

/// An event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) logical_id: String,
    pub(crate) physical_id: String,
    pub(crate) kind: String,
    pub(crate) time: i64,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) properties: Option<String>,
    pub(crate) token: Option<String>,
}

/// A change set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ChangeSet {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `CREATE` or `UPDATE`.
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) execution: String,
    pub(crate) reason: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) created: i64,
    pub(crate) body: String,
    pub(crate) template: Json,
    pub(crate) parameters: Values,
    pub(crate) tags: Tags,
    pub(crate) capabilities: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) on_failure: Option<String>,
    pub(crate) nested: bool,
    /// In the shape in which they are described.
    pub(crate) changes: Vec<Json>,
    /// What was found wrong.
    pub(crate) validations: Vec<Validation>,
    /// The change set of the parent stack that it belongs to.
    pub(crate) parent: Option<String>,
    /// The outermost of these.
    pub(crate) root: Option<String>,
}

impl ChangeSet {
    /// It can't be executed.
    pub(crate) fn fail(&mut self, reason: String) {
        self.status = "FAILED".into();
        self.execution = "UNAVAILABLE".into();
        self.reason = Some(reason);
    }

    /// Whether it changes a resource.
    pub(crate) fn concerns(&self, resource: &str) -> bool {
        self.changes.iter().any(|change| change["ResourceChange"]["LogicalResourceId"] == resource)
    }
}

impl Stack {
    /// Writes an event about the stack itself and takes on the status.
    pub(crate) fn turn(&mut self, time: i64, status: &str, reason: Option<&str>) {
        status.clone_into(&mut self.status);
        self.reason = reason.map(str::to_owned);
        let (name, id) = (self.name.clone(), self.id.clone());
        self.event(time, &name, &id, "AWS::CloudFormation::Stack", status, reason, None);
    }

    /// Writes an event about a resource and gives it the status.
    pub(crate) fn turn_resource(&mut self, time: i64, logical_id: &str, status: &str, reason: Option<&str>) {
        let Some(resource) = self.resources.get_mut(logical_id) else { return };
        status.clone_into(&mut resource.status);
        resource.reason = reason.map(str::to_owned);
        resource.changed = time;
        let (kind, physical) = (resource.kind.clone(), resource.physical_id.clone().unwrap_or_default());
        let properties = resource.properties.to_string();
        self.event(time, logical_id, &physical, &kind, status, reason, Some(properties));
    }

    /// Writes an event.
    #[expect(clippy::too_many_arguments, reason = "an event has that many columns")]
    pub(crate) fn event(
        &mut self,
        time: i64,
        logical_id: &str,
        physical_id: &str,
        kind: &str,
        status: &str,
        reason: Option<&str>,
        properties: Option<String>,
    ) {
        let id = if logical_id == self.name {
            format!(
                "{}-{}",
                crate::core::ids::sha256_hex(self.id.as_bytes()).split_at(20).0,
                self.events.len()
            )
        } else {
            format!("{logical_id}-{status}-{time}-{}", self.events.len())
        };
        self.events.push(Event {
            id,
            logical_id: logical_id.into(),
            physical_id: physical_id.into(),
            kind: kind.into(),
            time,
            status: status.into(),
            reason: reason.map(str::to_owned),
            properties,
            token: self.token.clone(),
        });
    }

    /// Whether something is under way.
    pub(crate) fn busy(&self) -> bool {
        self.status.ends_with("IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }

    /// The shape in which `DescribeStacks` shows it.
    pub(crate) fn shape(&self) -> Json {
        let outputs: Vec<Json> = self
            .outputs
            .iter()
            .map(|output| {
                json!({
                    "OutputKey": output.key, "OutputValue": output.value, "Description": output.description,
                    "ExportName": output.export,
                })
            })
            .collect();
        json!({
            "StackId": self.id, "StackName": self.name, "ChangeSetId": self.change_set_id,
            "Description": self.template.get("Description"),
            "Parameters": super::template::parameters::shape(&self.parameters),
            "CreationTime": timestamp(self.created), "LastUpdatedTime": self.updated.map(timestamp),
            "DeletionTime": self.deleted.map(timestamp),
            "StackStatus": self.status, "StackStatusReason": self.reason,
            "DisableRollback": self.disable_rollback, "NotificationARNs": self.notifications,
            "Capabilities": self.capabilities, "Outputs": (!outputs.is_empty()).then_some(outputs),
            "RoleARN": self.role, "Tags": tags::write(&self.tags),
            "EnableTerminationProtection": self.protected, "ParentId": self.parent, "RootId": self.root,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        })
    }

    /// The shape in which `ListStacks` shows it.
    pub(crate) fn summary(&self) -> Json {
        json!({
            "StackId": self.id, "StackName": self.name, "TemplateDescription": self.template.get("Description"),
            "CreationTime": timestamp(self.created), "LastUpdatedTime": self.updated.map(timestamp),
            "DeletionTime": self.deleted.map(timestamp), "StackStatus": self.status,
            "StackStatusReason": self.reason, "ParentId": self.parent, "RootId": self.root,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        })
    }
}
