//! What becomes of the resources of a template.

mod attributes;
mod generic;
mod identity;
mod naming;
mod network;
mod pipelines;
mod records;
mod specification;
mod storage;

pub(crate) use attributes::attribute;
pub(crate) use naming::tags;
pub(crate) use specification::replaced_by;

use serde_json::Value as Json;

use super::model::Resource;
use crate::core::caller::Caller;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::ecs;
use crate::services::tags::Tags;

/// Where a resource belongs.
pub(crate) struct Place<'a> {
    pub(crate) stack_name: &'a str,
    pub(crate) stack_id: &'a str,
    pub(crate) logical_id: &'a str,
    /// Tags of the stack.
    pub(crate) tags: &'a Tags,
}

/// What `Ref` gives for a resource.
pub(crate) fn reference(resource: &Resource) -> String {
    resource.physical_id.clone().unwrap_or_default()
}

/// How a failure of a resource's handler reads.
fn refused(error: &AwsError) -> String {
    let code = match error.code.as_str() {
        code if code.contains("AlreadyExists") || code.contains("AlreadyOwned") => "AlreadyExists",
        code if code.contains("NotFound") || code.starts_with("NoSuch") => "NotFound",
        "AccessDenied" | "AccessDeniedException" => "AccessDenied",
        "BucketNotEmpty" | "RepositoryNotEmptyException" | "DeleteConflict" => "GeneralServiceException",
        _ => "InvalidRequest",
    };
    format!("Resource handler returned message: \"{}\" (HandlerErrorCode: {code})", error.message)
}

/// Makes a resource and says its physical id.
pub(crate) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> Result<String, String> {
    specification::check(kind, properties)?;
    network::check(kind, properties)?;
    let made = match kind {
        "AWS::S3::Bucket"
        | "AWS::S3::BucketPolicy"
        | "AWS::SSM::Parameter"
        | "AWS::KMS::Key"
        | "AWS::ECR::Repository"
        | "AWS::SecretsManager::Secret"
        | "AWS::SNS::Topic"
        | "AWS::Logs::LogGroup" => storage::create(world, caller, place, kind, properties),
        "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
            identity::create(world, caller, place, kind, properties)
        }
        "AWS::CodeBuild::Project"
        | "AWS::CodePipeline::Pipeline"
        | "AWS::CodeStarConnections::Connection"
        | "AWS::CodeConnections::Connection" => pipelines::create(world, caller, place, kind, properties),
        "AWS::Route53::HostedZone" | "AWS::Route53::RecordSet" | "AWS::Route53::RecordSetGroup" => {
            records::create(world, caller, place, kind, properties)
        }
        _ => Ok(generic::create(world, caller, place, kind, properties)),
    };
    made.map_err(|error| refused(&error))
}

/// Changes a resource in place.
pub(crate) fn update(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    physical_id: &str,
    properties: &Json,
) -> Result<(), String> {
    specification::check(kind, properties)?;
    network::check(kind, properties)?;
    let made = match kind {
        "AWS::S3::Bucket"
        | "AWS::S3::BucketPolicy"
        | "AWS::SSM::Parameter"
        | "AWS::KMS::Key"
        | "AWS::ECR::Repository"
        | "AWS::SecretsManager::Secret"
        | "AWS::SNS::Topic" => storage::update(world, caller, place, kind, physical_id, properties),
        "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
            identity::update(world, caller, place, kind, physical_id, properties)
        }
        "AWS::CodeBuild::Project"
        | "AWS::CodePipeline::Pipeline"
        | "AWS::CodeStarConnections::Connection"
        | "AWS::CodeConnections::Connection" => {
            pipelines::update(world, caller, place, kind, physical_id, properties)
        }
        "AWS::Route53::RecordSet" | "AWS::Route53::RecordSetGroup" => {
            records::put(world, caller, kind, properties)
        }
        _ => {
            generic::update(world, caller, kind, physical_id, properties);
            Ok(())
        }
    };
    made.map_err(|error| refused(&error))
}

/// Begins to make a service of ECS, or to change it; its ARN.
pub(crate) fn begin_service(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    properties: &Json,
    physical_id: Option<String>,
) -> Result<String, String> {
    let arn = physical_id.unwrap_or_else(|| generic::service_arn(world, caller, place, properties));
    ecs::begin(world, caller, &arn, properties, tags(place, properties))?;
    Ok(arn)
}

/// Removes a resource; one that is gone already is no error.
pub(crate) fn delete(
    world: &mut World,
    caller: &Caller,
    kind: &str,
    physical_id: &str,
    properties: &Json,
) -> Result<(), String> {
    let made = match kind {
        "AWS::S3::Bucket"
        | "AWS::S3::BucketPolicy"
        | "AWS::SSM::Parameter"
        | "AWS::KMS::Key"
        | "AWS::ECR::Repository"
        | "AWS::SecretsManager::Secret"
        | "AWS::SNS::Topic" => storage::delete(world, caller, kind, physical_id, properties),
        "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
            identity::delete(world, caller, kind, physical_id, properties)
        }
        "AWS::CodeBuild::Project"
        | "AWS::CodePipeline::Pipeline"
        | "AWS::CodeStarConnections::Connection"
        | "AWS::CodeConnections::Connection" => {
            pipelines::delete(world, caller, kind, physical_id);
            Ok(())
        }
        "AWS::Route53::HostedZone" | "AWS::Route53::RecordSet" | "AWS::Route53::RecordSetGroup" => {
            records::delete(world, caller, kind, physical_id, properties)
        }
        "AWS::ECS::Service" => {
            ecs::delete(world, caller, physical_id);
            Ok(())
        }
        _ => {
            generic::delete(world, caller, physical_id);
            Ok(())
        }
    };
    made.map_err(|error| refused(&error))
}
