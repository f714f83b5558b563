//! StackSets: one template, a stack in each of several accounts and regions.

mod operate;
mod sets;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, page, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags::{self, Tags};

pub(super) use operate::tick;

/// StackSets of an account and region by name.
pub(crate) type StackSets = BTreeMap<String, StackSet>;

/// A StackSet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StackSet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) body: String,
    pub(crate) template: Json,
    /// Parameters as they were given.
    pub(crate) given: Vec<Json>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) tags: Tags,
    pub(crate) admin_role: Option<String>,
    pub(crate) execution_role: Option<String>,
    pub(crate) instances: Vec<Instance>,
    /// The oldest first.
    pub(crate) operations: Vec<Work>,
}

/// The stack of a StackSet in an account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Instance {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) stack: Option<String>,
    /// `CURRENT`, `OUTDATED` or `INOPERABLE`.
    pub(crate) status: String,
    /// `PENDING`, `RUNNING`, `SUCCEEDED` or `FAILED`.
    pub(crate) detail: String,
    pub(crate) reason: Option<String>,
    pub(crate) overrides: Vec<Json>,
    pub(crate) operation: Option<String>,
}

/// An operation on instances.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Work {
    pub(crate) id: String,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub(crate) action: String,
    /// `QUEUED`, `RUNNING`, `SUCCEEDED`, `FAILED` or `STOPPED`.
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) created: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) parallel: bool,
    pub(crate) retain: bool,
    pub(crate) stopping: bool,
    pub(crate) targets: Vec<Target>,
}

/// An instance that an operation is about.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) account: String,
    pub(crate) region: String,
    /// `PENDING`, `RUNNING`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
}

impl StackSet {
    fn instance(&mut self, account: &str, region: &str) -> Option<&mut Instance> {
        self.instances.iter_mut().find(|instance| instance.account == account && instance.region == region)
    }
}

/// The name in a StackSet's name, ARN or id (`name:uuid`).
fn plain_name(name: &str) -> &str {
    let name = name.split_once(":stackset/").map_or(name, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

fn set<'a>(world: &'a mut World, scope: &str, name: &str) -> Result<&'a mut StackSet, AwsError> {
    world.state.at(scope).stack_sets.get_mut(plain_name(name)).ok_or_else(|| {
        AwsError::new("StackSetNotFoundException", format!("StackSet {name} not found")).status(404)
    })
}

/// The template of a StackSet.
pub(super) fn template_of(world: &mut World, scope: &str, name: &str) -> Result<Json, AwsError> {
    set(world, scope, name).map(|set| set.template.clone())
}

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let scope = caller.scope();
    match operation {
        "CreateStackSet" => return sets::create(world, caller, input),
        "UpdateStackSet" => return sets::update(world, caller, input),
        "ListStackSets" => {
            let list: Json = world
                .state
                .at(&scope)
                .stack_sets
                .values()
                .map(|set| {
                    json!({
                        "StackSetName": set.name, "StackSetId": set.id, "Description": set.description,
                        "Status": "ACTIVE", "PermissionModel": "SELF_MANAGED",
                    })
                })
                .collect();
            return Ok(json!({"Summaries": list}));
        }
        "CreateStackInstances" | "UpdateStackInstances" | "DeleteStackInstances" => {
            return operate::start(world, caller, operation, input);
        }
        _ => {}
    }
    let set = set(world, &scope, input.need("StackSetName")?)?;
    match operation {
        "DescribeStackSet" => Ok(json!({"StackSet": sets::shape(set)})),
        "DeleteStackSet" => {
            if !set.instances.is_empty() {
                return Err(AwsError::new("StackSetNotEmptyException", "StackSet is not empty").status(409));
            }
            operate::idle(set)?;
            let name = set.name.clone();
            world.state.at(&scope).stack_sets.remove(&name);
            Ok(json!({}))
        }
        "ListStackInstances" => {
            let (account, region) = (input.text("StackInstanceAccount"), input.text("StackInstanceRegion"));
            let all: Vec<Json> = set
                .instances
                .iter()
                .filter(|instance| account.is_none_or(|account| account == instance.account))
                .filter(|instance| region.is_none_or(|region| region == instance.region))
                .map(|instance| instance_shape(set, instance))
                .collect();
            let (page, next) =
                page(&all, input.text("NextToken"), crate::core::input::page_size(input, "MaxResults", 100));
            Ok(json!({"Summaries": page, "NextToken": next}))
        }
        "DescribeStackInstance" => {
            let (account, region) = (input.need("StackInstanceAccount")?, input.need("StackInstanceRegion")?);
            let found = set
                .instances
                .iter()
                .find(|instance| instance.account == account && instance.region == region);
            let found = found.ok_or_else(|| {
                AwsError::new(
                    "StackInstanceNotFoundException",
                    format!("Stack Instance {account}/{region} not found"),
                )
                .status(404)
            })?;
            let mut shape = instance_shape(set, found);
            shape["ParameterOverrides"] = json!(found.overrides);
            Ok(json!({"StackInstance": shape}))
        }
        "ListStackSetOperations" => {
            let all: Vec<Json> = set
                .operations
                .iter()
                .rev()
                .map(|work| {
                    json!({
                        "OperationId": work.id, "Action": work.action, "Status": work.status,
                        "CreationTimestamp": timestamp(work.created), "EndTimestamp": work.ended.map(timestamp),
                        "StatusReason": work.reason,
                    })
                })
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"Summaries": page, "NextToken": next}))
        }
        _ => of_operation(set, operation, input),
    }
}

fn instance_shape(set: &StackSet, instance: &Instance) -> Json {
    json!({
        "StackSetId": set.id, "Account": instance.account, "Region": instance.region, "StackId": instance.stack,
        "Status": instance.status, "StatusReason": instance.reason,
        "StackInstanceStatus": {"DetailedStatus": instance.detail},
        "DriftStatus": "NOT_CHECKED", "LastOperationId": instance.operation,
    })
}

fn of_operation(set: &mut StackSet, operation: &str, input: &Json) -> Answer {
    let id = input.need("OperationId")?;
    let set_id = set.id.clone();
    let (admin, execution) = (set.admin_role.clone(), set.execution_role.clone());
    let work = set.operations.iter_mut().find(|work| work.id == id).ok_or_else(|| {
        AwsError::new("OperationNotFoundException", format!("Operation {id} not found")).status(404)
    })?;
    match operation {
        "DescribeStackSetOperation" => Ok(json!({"StackSetOperation": {
            "OperationId": work.id, "StackSetId": set_id, "Action": work.action, "Status": work.status,
            "StatusReason": work.reason, "RetainStacks": work.retain, "AdministrationRoleARN": admin,
            "ExecutionRoleName": execution, "CreationTimestamp": timestamp(work.created),
            "EndTimestamp": work.ended.map(timestamp),
            "StatusDetails": {"FailedStackInstancesCount": work.targets.iter().filter(|target| target.status == "FAILED").count()},
        }})),
        "ListStackSetOperationResults" => {
            let list: Json = work
                .targets
                .iter()
                .map(|target| {
                    json!({
                        "Account": target.account, "Region": target.region, "Status": target.status,
                        "StatusReason": target.reason, "AccountGateResult": {"Status": "SKIPPED"},
                    })
                })
                .collect();
            Ok(json!({"Summaries": list}))
        }
        "StopStackSetOperation" => {
            work.stopping = true;
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("cloudformation", operation)),
    }
}

/// The tags in a request, or those that were there.
fn tags_or(input: &Json, before: &Tags) -> Tags {
    if input.has("Tags") { tags::read(input.list("Tags")) } else { before.clone() }
}
