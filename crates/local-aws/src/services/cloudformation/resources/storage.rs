//! Buckets, parameters, keys, image repositories, secrets, topics and log groups.

use serde_json::{Value as Json, json};

use super::Place;
use super::naming::{lower, named, tags};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::cloudformation::template::scalar;
use crate::services::{ecr, kms, logs, s3, secrets, sns, ssm};

/// JSON text of a policy property, which may be an object or text.
fn document(properties: &Json, key: &str) -> Option<String> {
    match properties.get(key) {
        Some(Json::String(text)) => Some(text.clone()),
        Some(object) => Some(object.to_string()),
        None => None,
    }
}

pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> Result<String, AwsError> {
    let scope = caller.scope();
    match kind {
        "AWS::S3::Bucket" => {
            let name = properties.text("BucketName").map_or_else(|| lower(world, place), str::to_owned);
            s3::new_bucket(world, caller, &name, &caller.region)
                .map_err(|error| AwsError::new(error.code, format!("{name} already exists")))?;
            configure_bucket(world, place, &name, properties);
            Ok(name)
        }
        "AWS::S3::BucketPolicy" => {
            let name = properties.need("Bucket")?;
            put_policy(world, name, properties)?;
            Ok(name.to_owned())
        }
        "AWS::SSM::Parameter" => {
            let name = properties.text("Name").map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("CFN-{}", super::naming::physical(world, place, 200)));
            let parameters = &mut world.state.at(&scope).parameters;
            if parameters.contains_key(&name) {
                return Err(AwsError::new(
                    "ParameterAlreadyExists",
                    "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
                ));
            }
            let parameter = ssm::Parameter { tags: tags(place, properties), ..ssm::Parameter::default() };
            parameters.insert(name.clone(), parameter);
            set_parameter(world, &scope, &name, properties);
            Ok(name)
        }
        "AWS::KMS::Key" => {
            let policy = document(properties, "KeyPolicy").unwrap_or_default();
            let description = properties.text("Description").unwrap_or_default();
            let id = kms::new_key(world, caller, description, &policy, tags(place, properties));
            if let Some(key) = world.state.at(&scope).keys.get_mut(&id) {
                key.rotates = properties.flag("EnableKeyRotation");
            }
            Ok(id)
        }
        "AWS::ECR::Repository" => {
            let name = properties.text("RepositoryName").map_or_else(|| lower(world, place), str::to_owned);
            let repository = ecr::Repository { tags: tags(place, properties), ..ecr::Repository::default() };
            ecr::new_repository(world, caller, &name, repository)?;
            configure_repository(world, &scope, &name, properties);
            Ok(name)
        }
        "AWS::SecretsManager::Secret" => {
            let name = named(world, place, properties, "Name", 200);
            let text = properties.text("SecretString").map(str::to_owned);
            let text = text.unwrap_or_else(|| world.state.ids.lower(32));
            let input =
                json!({"Name": name, "SecretString": text, "Description": properties.text("Description")});
            let made = secrets::call(world, caller, "CreateSecret", &input)?;
            if let Some(secret) = world.state.at(&scope).secrets.get_mut(&name) {
                secret.tags = tags(place, properties);
            }
            Ok(made.need("ARN")?.to_owned())
        }
        "AWS::SNS::Topic" => {
            let arn = caller.arn("sns", &named(world, place, properties, "TopicName", 256));
            let topic = sns::Topic { tags: tags(place, properties) };
            world.state.at(&scope).topics.insert(arn.clone(), topic);
            Ok(arn)
        }
        _ => {
            let name = named(world, place, properties, "LogGroupName", 512);
            let created = world.now();
            let retention = properties.number("RetentionInDays");
            let group = logs::Group { created, retention, ..logs::Group::default() };
            world.state.at(&scope).logs.entry(name.clone()).or_insert(group);
            Ok(name)
        }
    }
}

fn configure_bucket(world: &mut World, place: &Place, name: &str, properties: &Json) {
    let Some(bucket) = world.state.buckets.get_mut(name) else { return };
    bucket.tags = tags(place, properties);
    let versioning =
        properties.get("VersioningConfiguration").and_then(|versioning| versioning.text("Status"));
    if versioning.is_some() || bucket.versioning.is_some() {
        bucket.versioning = Some(versioning.unwrap_or("Suspended").to_owned());
    }
}

fn put_policy(world: &mut World, name: &str, properties: &Json) -> Result<(), AwsError> {
    let bucket =
        world.state.buckets.get_mut(name).ok_or_else(|| {
            AwsError::new("NoSuchBucket", "The specified bucket does not exist").status(404)
        })?;
    bucket.settings.insert("policy".into(), document(properties, "PolicyDocument").unwrap_or_default());
    Ok(())
}

fn set_parameter(world: &mut World, scope: &str, name: &str, properties: &Json) {
    let modified = world.now();
    let Some(parameter) = world.state.at(scope).parameters.get_mut(name) else { return };
    properties.text("Type").unwrap_or("String").clone_into(&mut parameter.kind);
    parameter.value = properties.get("Value").and_then(scalar).unwrap_or_default();
    parameter.description = properties.text("Description").map(str::to_owned);
    parameter.version += 1;
    parameter.modified = modified;
}

fn configure_repository(world: &mut World, scope: &str, name: &str, properties: &Json) {
    let Some(repository) = world.state.at(scope).repositories.get_mut(name) else { return };
    repository.immutable = properties.text("ImageTagMutability") == Some("IMMUTABLE");
    repository.policy = document(properties, "RepositoryPolicyText");
    repository.lifecycle =
        properties.get("LifecyclePolicy").and_then(|policy| document(policy, "LifecyclePolicyText"));
    repository.scan_on_push =
        properties.get("ImageScanningConfiguration").is_some_and(|scan| scan.flag("ScanOnPush"));
}

pub(super) fn update(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    let scope = caller.scope();
    let gone = || AwsError::new("ResourceNotFoundException", format!("{physical} does not exist"));
    let tags = tags(place, properties);
    match kind {
        "AWS::S3::Bucket" => {
            world.state.buckets.get(physical).ok_or_else(gone)?;
            configure_bucket(world, place, physical, properties);
        }
        "AWS::S3::BucketPolicy" => put_policy(world, physical, properties)?,
        "AWS::SSM::Parameter" => {
            world.state.at(&scope).parameters.get_mut(physical).ok_or_else(gone)?.tags = tags;
            set_parameter(world, &scope, physical, properties);
        }
        "AWS::KMS::Key" => {
            let key = world.state.at(&scope).keys.get_mut(physical).ok_or_else(gone)?;
            key.tags = tags;
            key.policy = document(properties, "KeyPolicy").unwrap_or_default();
            key.rotates = properties.flag("EnableKeyRotation");
        }
        "AWS::ECR::Repository" => {
            world.state.at(&scope).repositories.get_mut(physical).ok_or_else(gone)?.tags = tags;
            configure_repository(world, &scope, physical, properties);
        }
        "AWS::SecretsManager::Secret" => {
            let secrets = &mut world.state.at(&scope).secrets;
            let secret = secrets.values_mut().find(|secret| secret.arn == physical).ok_or_else(gone)?;
            secret.tags = tags;
            if let Some(text) = properties.text("SecretString") {
                secret.text = Some(text.to_owned());
            }
        }
        _ => {
            world.state.at(&scope).topics.entry(physical.to_owned()).or_default().tags = tags;
        }
    }
    Ok(())
}

pub(super) fn delete(
    world: &mut World,
    caller: &Caller,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    let scope = caller.scope();
    match kind {
        "AWS::S3::Bucket" => {
            if world.state.buckets.get(physical).is_some_and(|bucket| !bucket.is_empty()) {
                let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
                return Err(AwsError::new("BucketNotEmpty", message).status(409));
            }
            world.state.buckets.remove(physical);
        }
        "AWS::S3::BucketPolicy" => {
            if let Some(bucket) = world.state.buckets.get_mut(physical) {
                bucket.settings.remove("policy");
            }
        }
        "AWS::SSM::Parameter" => drop(world.state.at(&scope).parameters.remove(physical)),
        "AWS::KMS::Key" => {
            let date = world.now() + properties.number("PendingWindowInDays").unwrap_or(30) * 86_400_000;
            if let Some(key) = world.state.at(&scope).keys.get_mut(physical) {
                key.deletion = Some(date);
            }
        }
        "AWS::ECR::Repository" => {
            let repositories = &mut world.state.at(&scope).repositories;
            let full = repositories.get(physical).is_some_and(|repository| !repository.images.is_empty());
            if full && !properties.flag("EmptyOnDelete") {
                let message = format!(
                    "The repository with name '{physical}' in registry with id '{}' cannot be deleted because it still contains images",
                    caller.account
                );
                return Err(AwsError::new("RepositoryNotEmptyException", message));
            }
            repositories.remove(physical);
        }
        "AWS::SecretsManager::Secret" => {
            world.state.at(&scope).secrets.retain(|_, secret| secret.arn != physical);
        }
        _ => drop(world.state.at(&scope).topics.remove(physical)),
    }
    Ok(())
}
