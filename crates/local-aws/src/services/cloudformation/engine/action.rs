//! What is done to one resource, nested stacks included.

use serde_json::Value as Json;

use super::Work;
use crate::core::faults::ResourceAction;
use crate::core::input::Input;
use crate::services::cloudformation::resources::{self, Place};
use crate::services::cloudformation::{custom, nested, template};
use crate::services::ecs;

/// How far an action got.
pub(crate) enum Progress {
    /// It takes longer.
    Running,
    /// It is done; the physical id.
    Done(String),
    /// It failed, for this reason.
    Failed(String),
}

fn struck(work: &mut Work, logical_id: &str, kind: &str, action: ResourceAction) -> Option<String> {
    let name = work.stack.name.clone();
    work.world.faults.strike_resource(&name, logical_id, kind, action)
}

/// Begins what takes more than a moment: nested stacks, and custom resources that have other stacks updated. The physical id,
/// if it is known already: then a rollback removes what did not come to its end.
pub(super) fn begin(work: &mut Work, logical_id: &str, update: bool) -> Result<Option<String>, String> {
    let resource = &work.stack.resources[logical_id];
    if resource.kind == SERVICE {
        return begin_service(work, logical_id, update).map(Some);
    }
    if resource.kind != "AWS::CloudFormation::Stack" {
        return Ok(custom::id_before(resource).filter(|_| !update));
    }
    let (properties, physical) = (resource.properties.clone(), resource.physical_id.clone());
    match physical.filter(|_| update) {
        Some(id) => nested::update(work.world, work.caller, work.stack, &id, &properties).map(|()| Some(id)),
        None => nested::create(work.world, work.caller, work.stack, logical_id, &properties).map(Some),
    }
}

/// The type whose resources take until they are rolled out.
pub(super) const SERVICE: &str = "AWS::ECS::Service";

fn begin_service(work: &mut Work, logical_id: &str, update: bool) -> Result<String, String> {
    let resource = work.stack.resources[logical_id].clone();
    let physical = resource.physical_id.filter(|_| update);
    let place =
        Place { stack_name: &work.stack.name, stack_id: &work.stack.id, logical_id, tags: &work.stack.tags };
    resources::begin_service(work.world, work.caller, &place, &resource.properties, physical)
}

/// Makes a resource.
pub(super) fn create(work: &mut Work, logical_id: &str) -> Progress {
    let resource = work.stack.resources[logical_id].clone();
    if let Some(reason) = struck(work, logical_id, &resource.kind, ResourceAction::Create) {
        return Progress::Failed(reason);
    }
    if resource.kind == "AWS::CloudFormation::Stack" {
        let id = resource.physical_id.unwrap_or_default();
        return nested::progress(work.world, &work.caller.scope(), &id, "CREATE_COMPLETE");
    }
    if resource.kind == SERVICE {
        return ecs::progress(work.world, work.caller, resource.physical_id.as_deref().unwrap_or_default());
    }
    if let Some(progress) = custom::put(work, &resource) {
        return progress;
    }
    let place =
        Place { stack_name: &work.stack.name, stack_id: &work.stack.id, logical_id, tags: &work.stack.tags };
    match resources::create(work.world, work.caller, &place, &resource.kind, &resource.properties) {
        Ok(physical) => Progress::Done(physical),
        Err(reason) => Progress::Failed(reason),
    }
}

/// Changes a resource in place, to the properties that it has in the stack now.
pub(super) fn update(work: &mut Work, logical_id: &str) -> Progress {
    let resource = work.stack.resources[logical_id].clone();
    if let Some(reason) = struck(work, logical_id, &resource.kind, ResourceAction::Update) {
        return Progress::Failed(reason);
    }
    let physical = resource.physical_id.clone().unwrap_or_default();
    if resource.kind == "AWS::CloudFormation::Stack" {
        return nested::progress(work.world, &work.caller.scope(), &physical, "UPDATE_COMPLETE");
    }
    if resource.kind == SERVICE {
        return ecs::progress(work.world, work.caller, &physical);
    }
    if let Some(progress) = custom::put(work, &resource) {
        return progress;
    }
    let place =
        Place { stack_name: &work.stack.name, stack_id: &work.stack.id, logical_id, tags: &work.stack.tags };
    match resources::update(work.world, work.caller, &place, &resource.kind, &physical, &resource.properties)
    {
        Ok(()) => Progress::Done(physical),
        Err(reason) => Progress::Failed(reason),
    }
}

/// Begins to remove a nested stack.
pub(super) fn begin_delete(work: &mut Work, kind: &str, physical: &str) {
    if kind == "AWS::CloudFormation::Stack" {
        nested::delete(work.world, &work.caller.scope(), physical);
    }
}

/// Removes a resource.
pub(super) fn delete(
    work: &mut Work,
    logical_id: &str,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Progress {
    if let Some(reason) = struck(work, logical_id, kind, ResourceAction::Delete) {
        return Progress::Failed(reason);
    }
    if kind == "AWS::CloudFormation::Stack" {
        return nested::progress(work.world, &work.caller.scope(), physical, "DELETE_COMPLETE");
    }
    if let Some(progress) = custom::delete(work, logical_id, kind, physical, properties) {
        return progress;
    }
    match resources::delete(work.world, work.caller, kind, physical, properties) {
        Ok(()) => Progress::Done(physical.to_owned()),
        Err(reason) => Progress::Failed(reason),
    }
}

/// Whether a changed tag of the stack changes a resource of this type.
pub(crate) fn takes_tags(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::S3::Bucket"
            | "AWS::SSM::Parameter"
            | "AWS::KMS::Key"
            | "AWS::ECR::Repository"
            | "AWS::IAM::Role"
            | "AWS::SecretsManager::Secret"
            | "AWS::SNS::Topic"
            | "AWS::CodeBuild::Project"
            | "AWS::CodePipeline::Pipeline"
            | "AWS::CodeStarConnections::Connection"
            | "AWS::CodeConnections::Connection"
    )
}

/// The properties that differ between two states of a resource.
pub(crate) fn differing(old: &Json, new: &Json) -> Vec<String> {
    let keys = |value: &Json| {
        value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut names = keys(old);
    names.extend(keys(new));
    names.sort();
    names.dedup();
    names.retain(|name| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => !template::same(old, new),
        (old, new) => old.is_some() != new.is_some(),
    });
    names
}

/// The `DependsOn`-like fields of a resource that stay with it.
pub(super) fn policies(resource: &Json) -> (Option<String>, Option<String>) {
    let text = |key: &str| resource.text(key).map(str::to_owned);
    (text("DeletionPolicy"), text("UpdateReplacePolicy"))
}
