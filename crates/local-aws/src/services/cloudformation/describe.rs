//! Describing stacks, resources and events.

use serde_json::{Value as Json, json};

use super::model::{Resource, Stack};
use super::{exports, stacks};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let scope = caller.scope();
    match operation {
        "DescribeStacks" => {
            let all: Vec<Json> = match input.text("StackName") {
                Some(name) => vec![stacks::stack(world, &scope, name)?.shape()],
                None => world.state.at(&scope).stacks.live().map(Stack::shape).collect(),
            };
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"Stacks": page, "NextToken": next}))
        }
        "ListStacks" => {
            let wanted = input.texts("StackStatusFilter");
            let all: Vec<Json> = world
                .state
                .at(&scope)
                .stacks
                .by_id
                .values()
                .rev()
                .filter(|stack| wanted.is_empty() || wanted.contains(&stack.status))
                .map(Stack::summary)
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"StackSummaries": page, "NextToken": next}))
        }
        "DescribeStackEvents" => {
            let name = input.need("StackName")?;
            let stack = stacks::stack(world, &scope, name)
                .map_err(|_| AwsError::validation(format!("Stack [{name}] does not exist")))?;
            let all: Vec<Json> = stack
                .events
                .iter()
                .rev()
                .map(|event| {
                    json!({
                        "EventId": event.id, "StackId": stack.id, "StackName": stack.name,
                        "LogicalResourceId": event.logical_id, "PhysicalResourceId": event.physical_id,
                        "ResourceType": event.kind, "Timestamp": timestamp(event.time),
                        "ResourceStatus": event.status, "ResourceStatusReason": event.reason,
                        "ResourceProperties": event.properties, "ClientRequestToken": event.token,
                    })
                })
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"StackEvents": page, "NextToken": next}))
        }
        "DescribeStackResources" => resources(world, caller, input),
        "DescribeStackResource" => {
            let (name, id) = (input.need("StackName")?, input.need("LogicalResourceId")?);
            let stack = stacks::stack(world, &scope, name)
                .map_err(|_| AwsError::validation(format!("Stack '{name}' does not exist")))?;
            let resource = stack.resources.get(id).filter(|resource| resource.status != "DELETE_COMPLETE");
            let resource = resource.ok_or_else(|| {
                AwsError::validation(format!("Resource {id} does not exist for stack {name}"))
            })?;
            let mut detail = shape(stack, resource, "LastUpdatedTimestamp");
            detail["Metadata"] = json!(resource.metadata.as_ref().map(Json::to_string));
            Ok(json!({"StackResourceDetail": detail}))
        }
        "ListStackResources" => {
            let name = input.need("StackName")?;
            let stack = stacks::stack(world, &scope, name)?;
            let all: Vec<Json> = stack
                .resources
                .values()
                .map(|resource| {
                    let mut summary = shape(stack, resource, "LastUpdatedTimestamp");
                    if let Some(members) = summary.as_object_mut() {
                        members.remove("StackId");
                        members.remove("StackName");
                    }
                    summary
                })
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"StackResourceSummaries": page, "NextToken": next}))
        }
        "ListExports" => {
            let (page, next) = page(&exports::list(world, &scope), input.text("NextToken"), 100);
            Ok(json!({"Exports": page, "NextToken": next}))
        }
        _ => {
            let name = input.need("ExportName")?;
            let users = exports::importers(world, &scope, name);
            if users.is_empty() {
                let message = if exports::value(world, &scope, name).is_some() {
                    format!("Export '{name}' is not imported by any stack.")
                } else {
                    format!("Export '{name}' does not exist.")
                };
                return Err(AwsError::validation(message));
            }
            Ok(json!({"Imports": users}))
        }
    }
}

fn shape(stack: &Stack, resource: &Resource, time: &str) -> Json {
    let mut shape = json!({
        "StackName": stack.name, "StackId": stack.id, "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id, "ResourceType": resource.kind,
        "ResourceStatus": resource.status, "ResourceStatusReason": resource.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    });
    shape[time] = timestamp(resource.changed);
    shape
}

/// `DescribeStackResources`: of a stack, or of the stack that has a physical resource; at most 100.
fn resources(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let physical = input.text("PhysicalResourceId");
    let name = match (input.text("StackName"), physical) {
        (Some(name), _) => name.to_owned(),
        (None, Some(physical)) => world
            .state
            .at(&scope)
            .stacks
            .live()
            .find(|stack| {
                stack.resources.values().any(|resource| resource.physical_id.as_deref() == Some(physical))
            })
            .map(|stack| stack.id.clone())
            .ok_or_else(|| AwsError::validation(format!("Stack for {physical} does not exist")))?,
        (None, None) => {
            return Err(AwsError::validation("Either StackName or PhysicalResourceId must be specified."));
        }
    };
    let stack = stacks::stack(world, &scope, &name)?;
    let logical = input.text("LogicalResourceId");
    let list: Json = stack
        .resources
        .values()
        .filter(|resource| logical.is_none_or(|id| id == resource.logical_id))
        .take(100)
        .map(|resource| shape(stack, resource, "Timestamp"))
        .collect();
    Ok(json!({"StackResources": list}))
}
