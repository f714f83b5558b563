//! Secrets Manager.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::{BLOB, Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A secret with its current value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    pub(crate) text: Option<String>,
    /// Base64.
    pub(crate) binary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) version: String,
    pub(crate) created: i64,
    /// When it will be gone, if it was deleted with a recovery window.
    pub(crate) deleted: Option<i64>,
    pub(crate) tags: Tags,
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateSecret" => create(world, caller, input),
        "ListSecrets" => {
            let secrets = &world.state.at(&caller.scope()).secrets;
            let all: Vec<Json> = secrets
                .iter()
                .filter(|(name, secret)| secret.deleted.is_none() && wanted(name, secret, input))
                .map(|(name, secret)| shape(name, secret))
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), page_size(input, "MaxResults", 100));
            Ok(json!({"SecretList": page, "NextToken": next}))
        }
        "GetSecretValue" => {
            let (name, secret) = find(world, caller, input)?;
            alive(secret)?;
            Ok(json!({
                "ARN": secret.arn, "Name": name, "VersionId": secret.version, "SecretString": secret.text,
                "SecretBinary": secret.binary.as_ref().map(|binary| json!({ BLOB: binary })),
                "VersionStages": ["AWSCURRENT"], "CreatedDate": timestamp(secret.created),
            }))
        }
        "DescribeSecret" => {
            let (name, secret) = find(world, caller, input)?;
            Ok(shape(&name, secret))
        }
        "PutSecretValue" | "UpdateSecret" => {
            let version = world.state.ids.uuid();
            let (name, secret) = find(world, caller, input)?;
            alive(secret)?;
            if let Some(text) = input.text("SecretString") {
                secret.text = Some(text.to_owned());
                secret.version = version;
            }
            Ok(json!({"ARN": secret.arn, "Name": name, "VersionId": secret.version}))
        }
        "DeleteSecret" => delete(world, caller, input),
        "RestoreSecret" => {
            let (name, secret) = find(world, caller, input)?;
            secret.deleted = None;
            Ok(json!({"ARN": secret.arn, "Name": name}))
        }
        "TagResource" => {
            let new = tags::read(input.list("Tags"));
            find(world, caller, input)?.1.tags.extend(new);
            Ok(json!({}))
        }
        "UntagResource" => {
            tags::remove(&mut find(world, caller, input)?.1.tags, input, "TagKeys");
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("secretsmanager", operation)),
    }
}

/// Whether a secret is one of those that a list is asked for.
fn wanted(name: &str, secret: &Secret, input: &Json) -> bool {
    input.list("Filters").iter().all(|filter| {
        let values = filter.texts("Values");
        let begins = |text: &str| values.iter().any(|value| text.starts_with(value.as_str()));
        match filter.text("Key") {
            Some("name") => begins(name),
            Some("tag-key") => secret.tags.keys().any(|key| begins(key)),
            Some("tag-value") => secret.tags.values().any(|value| begins(value)),
            _ => true,
        }
    })
}

/// The value of the secret with this name or ARN, or of a member of it, as a task definition names it.
pub(crate) fn value(world: &World, caller: &Caller, from: &str) -> Option<String> {
    let secrets = &world.state.regional.get(&caller.scope())?.secrets;
    let (_, rest) = from.split_once(":secret:")?;
    let mut parts = rest.split(':');
    let (name, member) = (parts.next()?, parts.next().filter(|member| !member.is_empty()));
    let secret = secrets.iter().find(|(known, secret)| {
        *known == name
            || secret.arn.ends_with(&format!(":secret:{name}"))
            || name.rsplit_once('-').is_some_and(|(name, _)| known == &name)
    });
    let text = secret?.1.text.clone()?;
    let Some(member) = member else { return Some(text) };
    let value: Json = serde_json::from_str(&text).ok()?;
    value.get(member).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("Name")?.to_owned();
    let (now, version, suffix) = (world.now(), world.state.ids.uuid(), world.state.ids.lower(6));
    let secrets = &mut world.state.at(&caller.scope()).secrets;
    if let Some(old) = secrets.get(&name) {
        if old.deleted.is_some() {
            return Err(AwsError::new(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        let message = format!("The operation failed because the secret {name} already exists.");
        return Err(AwsError::new("ResourceExistsException", message));
    }
    let secret = Secret {
        arn: caller.arn("secretsmanager", &format!("secret:{name}-{suffix}")),
        text: input.text("SecretString").map(str::to_owned),
        binary: input.text("SecretBinary").map(str::to_owned),
        description: input.text("Description").map(str::to_owned),
        version,
        created: now,
        deleted: None,
        tags: tags::read(input.list("Tags")),
    };
    let answer = json!({"ARN": secret.arn, "Name": name, "VersionId": secret.version});
    secrets.insert(name, secret);
    Ok(answer)
}

fn shape(name: &str, secret: &Secret) -> Json {
    json!({
        "ARN": secret.arn, "Name": name, "Description": secret.description,
        "CreatedDate": timestamp(secret.created), "LastChangedDate": timestamp(secret.created),
        "DeletedDate": secret.deleted.map(timestamp),
        "Tags": tags::write(&secret.tags), "VersionIdsToStages": {secret.version.clone(): ["AWSCURRENT"]},
    })
}

fn find<'a>(
    world: &'a mut World,
    caller: &Caller,
    input: &Json,
) -> Result<(String, &'a mut Secret), AwsError> {
    let id = input.need("SecretId")?;
    let secrets = &mut world.state.at(&caller.scope()).secrets;
    secrets
        .iter_mut()
        .find(|(name, secret)| {
            *name == id || secret.arn == id || secret.arn.rsplit_once('-').is_some_and(|(arn, _)| arn == id)
        })
        .map(|(name, secret)| (name.clone(), secret))
        .ok_or_else(|| {
            AwsError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        })
}

fn alive(secret: &Secret) -> Result<(), AwsError> {
    if secret.deleted.is_none() {
        return Ok(());
    }
    Err(AwsError::new(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
    ))
}

fn delete(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let now = world.now();
    let (name, secret) = find(world, caller, input)?;
    let arn = secret.arn.clone();
    let days = input.number("RecoveryWindowInDays").unwrap_or(30);
    if input.flag("ForceDeleteWithoutRecovery") {
        world.state.at(&caller.scope()).secrets.remove(&name);
        return Ok(json!({"ARN": arn, "Name": name, "DeletionDate": timestamp(now)}));
    }
    let date = now + days * 86_400_000;
    secret.deleted = Some(date);
    Ok(json!({"ARN": arn, "Name": name, "DeletionDate": timestamp(date)}))
}
