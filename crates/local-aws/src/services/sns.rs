//! Simple Notification Service: topics and their tags.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::{Input, page};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A topic, by its ARN.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) tags: Tags,
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let topics = &mut world.state.at(&caller.scope()).topics;
    let not_found = || AwsError::new("NotFound", "Topic does not exist").status(404);
    match operation {
        "CreateTopic" => {
            let arn = caller.arn("sns", input.need("Name")?);
            topics.entry(arn.clone()).or_default().tags.extend(tags::read(input.list("Tags")));
            Ok(json!({"TopicArn": arn}))
        }
        "ListTopics" => {
            let all: Vec<Json> = topics.keys().map(|arn| json!({"TopicArn": arn})).collect();
            let (page, next) = page(&all, input.text("NextToken"), 100);
            Ok(json!({"Topics": page, "NextToken": next}))
        }
        "ListTagsForResource" => {
            let topic = topics.get(input.need("ResourceArn")?).ok_or_else(not_found)?;
            Ok(json!({"Tags": tags::write(&topic.tags)}))
        }
        "TagResource" => {
            let new = tags::read(input.list("Tags"));
            topics.get_mut(input.need("ResourceArn")?).ok_or_else(not_found)?.tags.extend(new);
            Ok(json!({}))
        }
        "DeleteTopic" => {
            topics.remove(input.need("TopicArn")?);
            Ok(json!({}))
        }
        _ => Err(AwsError::unknown_operation("sns", operation)),
    }
}
