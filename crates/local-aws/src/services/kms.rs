//! Key Management Service: keys that stacks make.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::{Input, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) arn: String,
    pub(crate) description: String,
    pub(crate) policy: String,
    pub(crate) rotates: bool,
    pub(crate) created: i64,
    /// When it will be gone.
    pub(crate) deletion: Option<i64>,
    pub(crate) tags: Tags,
}

/// Makes a key and says its id.
pub(crate) fn new_key(
    world: &mut World,
    caller: &Caller,
    description: &str,
    policy: &str,
    tags: Tags,
) -> String {
    let (id, created) = (world.state.ids.uuid(), world.now());
    let key = Key {
        arn: caller.arn("kms", &format!("key/{id}")),
        description: description.into(),
        policy: policy.into(),
        rotates: false,
        created,
        deletion: None,
        tags,
    };
    world.state.at(&caller.scope()).keys.insert(id.clone(), key);
    id
}

fn shape(caller: &Caller, id: &str, key: &Key) -> Json {
    json!({
        "AWSAccountId": caller.account, "KeyId": id, "Arn": key.arn, "Description": key.description,
        "CreationDate": timestamp(key.created), "Enabled": key.deletion.is_none(),
        "KeyState": if key.deletion.is_some() { "PendingDeletion" } else { "Enabled" },
        "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
        "DeletionDate": key.deletion.map(timestamp), "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": false,
    })
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateKey" => {
            let tags = input
                .list("Tags")
                .iter()
                .filter_map(|tag| Some((tag.text("TagKey")?.to_owned(), tag.text("TagValue")?.to_owned())));
            let (description, policy) =
                (input.text("Description").unwrap_or_default(), input.text("Policy").unwrap_or_default());
            let id = new_key(world, caller, description, policy, tags.collect());
            let keys = &world.state.at(&caller.scope()).keys;
            Ok(json!({"KeyMetadata": shape(caller, &id, &keys[&id])}))
        }
        "DescribeKey" | "ScheduleKeyDeletion" | "GetKeyPolicy" | "ListResourceTags" => {
            let now = world.now();
            let asked = input.need("KeyId")?;
            let id = asked.rsplit('/').next().unwrap_or(asked);
            let key =
                world.state.at(&caller.scope()).keys.get_mut(id).ok_or_else(|| {
                    AwsError::new("NotFoundException", format!("Key '{asked}' does not exist"))
                })?;
            match operation {
                "ScheduleKeyDeletion" => {
                    let date = now + input.number("PendingWindowInDays").unwrap_or(30) * 86_400_000;
                    key.deletion = Some(date);
                    Ok(
                        json!({"KeyId": key.arn, "DeletionDate": timestamp(date), "KeyState": "PendingDeletion"}),
                    )
                }
                "GetKeyPolicy" => Ok(json!({"Policy": key.policy, "PolicyName": "default"})),
                "ListResourceTags" => {
                    let list: Json =
                        key.tags.iter().map(|(k, v)| json!({"TagKey": k, "TagValue": v})).collect();
                    Ok(json!({"Tags": list, "Truncated": false}))
                }
                _ => Ok(json!({"KeyMetadata": shape(caller, id, key)})),
            }
        }
        "ListKeys" => {
            let keys = &world.state.at(&caller.scope()).keys;
            let list: Json = keys.iter().map(|(id, key)| json!({"KeyId": id, "KeyArn": key.arn})).collect();
            Ok(json!({"Keys": list, "Truncated": false}))
        }
        "TagResource" => {
            let asked = input.need("KeyId")?;
            let id = asked.rsplit('/').next().unwrap_or(asked);
            if let Some(key) = world.state.at(&caller.scope()).keys.get_mut(id) {
                for (name, value) in tags::read(input.list("Tags")) {
                    key.tags.insert(name, value);
                }
            }
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("kms", operation)),
    }
}
