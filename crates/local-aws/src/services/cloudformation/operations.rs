//! `DescribeEvents`: what happened in the operations on a stack, and what was found wrong with a change set.

use serde_json::{Value as Json, json};

use super::changesets::find;
use super::model::{ChangeSet, Stack};
use super::stacks;
use super::surprises::Validation;
use crate::core::caller::Caller;
use crate::core::input::{Input, page, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn events(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let only_failed = input.get("Filters").is_some_and(|filters| filters.flag("FailedEvents"));
    let all: Vec<Json> = if input.has("ChangeSetName") {
        let (stack_id, id) = find(world, caller, input)?;
        let stack = stacks::stack(world, &caller.scope(), &stack_id)?;
        let set = &stack.change_sets[&id];
        set.validations.iter().map(|validation| of_validation(stack, set, validation)).collect()
    } else if let Some(name) = input.text("StackName") {
        let stack = stacks::stack(world, &caller.scope(), name)
            .map_err(|_| AwsError::validation(format!("Stack [{name}] does not exist")))?;
        of_stack(stack, only_failed)
    } else {
        return Err(AwsError::validation(
            "One of ChangeSetName, OperationId or StackName must be specified.",
        ));
    };
    let (page, next) = page(&all, input.text("NextToken"), 100);
    Ok(json!({"OperationEvents": page, "NextToken": next}))
}

fn of_validation(stack: &Stack, set: &ChangeSet, found: &Validation) -> Json {
    let declared = set.template.pointer(&format!("/Resources/{}", found.resource));
    json!({
        "EventId": format!("{}-{}", set.name, found.resource), "StackId": stack.id,
        "OperationId": set.id.rsplit('/').next(), "OperationType": "CREATE_CHANGESET",
        "EventType": "VALIDATION_ERROR", "LogicalResourceId": found.resource,
        "ResourceType": declared.and_then(|declared| declared.text("Type")),
        "Timestamp": timestamp(set.created), "ValidationStatus": "FAILED", "ValidationName": found.name,
        "ValidationFailureMode": if found.fails { "FAIL" } else { "WARN" },
        "ValidationStatusReason": found.reason, "ValidationPath": found.path,
    })
}

fn of_stack(stack: &Stack, only_failed: bool) -> Vec<Json> {
    let events = stack.events.iter().rev();
    let told = events.filter(|event| !only_failed || event.status.ends_with("_FAILED"));
    told.map(|event| {
        json!({
            "EventId": event.id, "StackId": stack.id, "EventType": "STACK_EVENT",
            "LogicalResourceId": event.logical_id, "PhysicalResourceId": event.physical_id,
            "ResourceType": event.kind, "Timestamp": timestamp(event.time),
            "ResourceStatus": event.status, "ResourceStatusReason": event.reason,
            "ResourceProperties": event.properties, "ClientRequestToken": event.token,
        })
    })
    .collect()
}
