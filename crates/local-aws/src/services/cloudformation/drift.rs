//! Whether resources are still as their stacks have made them.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::model::{Resource, Stack};
use super::stacks;
use super::surprises::Surprises;
use super::template::scalar;
use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A detection that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Detection {
    id: String,
    at: i64,
    /// Whether somebody has looked already: the first look finds it under way.
    seen: bool,
}

/// States in which drift can be detected.
const FIT: [&str; 5] = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
    "IMPORT_COMPLETE",
];

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "DetectStackDrift" => detect(world, caller, input),
        "DescribeStackDriftDetectionStatus" => status(world, caller, input),
        _ => resources(world, caller, input),
    }
}

fn detect(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let (id, at) = (world.state.ids.uuid(), world.now());
    let name = input.need("StackName")?;
    let stack = stacks::stack(world, &caller.scope(), name)
        .map_err(|_| AwsError::validation(format!("Stack [{name}] does not exist")))?;
    if !FIT.contains(&stack.status.as_str()) {
        let message = format!(
            "Drift detection cannot be performed on stack [{}] in state {}",
            stack.name, stack.status
        );
        return Err(AwsError::validation(message));
    }
    stack.detection = Some(Detection { id: id.clone(), at, seen: false });
    Ok(json!({"StackDriftDetectionId": id}))
}

fn status(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let id = input.need("StackDriftDetectionId")?;
    let stacks = &mut world.state.at(&caller.scope()).stacks;
    let surprises = stacks.surprises.clone();
    let stack = stacks
        .by_id
        .values_mut()
        .find(|stack| stack.detection.as_ref().is_some_and(|detection| detection.id == id));
    let Some(stack) = stack else {
        return Err(AwsError::validation(format!("Drift detection Id {id} does not exist")));
    };
    let drifted = checked(stack)
        .filter(|resource| surprises.drifts_of(&stack.name, &resource.logical_id).next().is_some())
        .count();
    let Some(detection) = &mut stack.detection else { return Ok(json!({})) };
    let under_way = !std::mem::replace(&mut detection.seen, true);
    let mut shape = json!({
        "StackId": stack.id, "StackDriftDetectionId": id, "Timestamp": timestamp(detection.at),
        "DetectionStatus": if under_way { "DETECTION_IN_PROGRESS" } else { "DETECTION_COMPLETE" },
    });
    if !under_way {
        shape["StackDriftStatus"] = json!(if drifted > 0 { "DRIFTED" } else { "IN_SYNC" });
        shape["DriftedStackResourceCount"] = json!(drifted);
    }
    Ok(shape)
}

/// The resources of which AWS can tell what they are.
fn checked(stack: &Stack) -> impl Iterator<Item = &Resource> {
    stack.resources.values().filter(|resource| {
        let kind = resource.kind.as_str();
        let is_told = !kind.starts_with("Custom::") && !kind.starts_with("AWS::CloudFormation::");
        is_told && resource.physical_id.is_some() && resource.status != "DELETE_COMPLETE"
    })
}

fn resources(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("StackName")?;
    let scope = caller.scope();
    let surprises = world.state.at(&scope).stacks.surprises.clone();
    let stack = stacks::stack(world, &scope, name)?;
    let wanted = input.texts("StackResourceDriftStatusFilters");
    // Nothing is known before a detection.
    let at = stack.detection.as_ref().map(|detection| detection.at);
    let all: Vec<Json> = at
        .into_iter()
        .flat_map(|at| checked(stack).map(move |resource| (at, resource)))
        .map(|(at, resource)| shape(stack, resource, &surprises, at))
        .filter(|shape| {
            let status = shape.text("StackResourceDriftStatus").unwrap_or_default();
            wanted.is_empty() || wanted.iter().any(|one| one == status)
        })
        .collect();
    let (page, next) = page(&all, input.text("NextToken"), page_size(input, "MaxResults", 100));
    Ok(json!({"StackResourceDrifts": page, "NextToken": next}))
}

fn shape(stack: &Stack, resource: &Resource, surprises: &Surprises, at: i64) -> Json {
    let mut differences = Vec::new();
    let mut actual = resource.properties.clone();
    let mut status = "IN_SYNC";
    for drift in surprises.drifts_of(&stack.name, &resource.logical_id) {
        let Some(path) = &drift.property else {
            status = "DELETED";
            break;
        };
        status = "MODIFIED";
        let expected = resource.properties.pointer(path);
        let kind = match (expected, &drift.value) {
            (None, _) => "ADD",
            (_, Json::Null) => "REMOVE",
            _ => "NOT_EQUAL",
        };
        let text = |value: &Json| scalar(value).unwrap_or_else(|| value.to_string());
        differences.push(json!({
            "PropertyPath": path, "DifferenceType": kind,
            "ExpectedValue": expected.map_or_else(|| "null".to_owned(), text),
            "ActualValue": text(&drift.value),
        }));
        if let Some(place) = actual.pointer_mut(path) {
            place.clone_from(&drift.value);
        }
    }
    let mut shape = json!({
        "StackId": stack.id, "LogicalResourceId": resource.logical_id, "ResourceType": resource.kind,
        "PhysicalResourceId": resource.physical_id, "StackResourceDriftStatus": status,
        "Timestamp": timestamp(at), "PropertyDifferences": [],
    });
    if status != "DELETED" {
        shape["ExpectedProperties"] = json!(resource.properties.to_string());
        shape["ActualProperties"] = json!(actual.to_string());
        shape["PropertyDifferences"] = json!(differences);
    }
    shape
}
