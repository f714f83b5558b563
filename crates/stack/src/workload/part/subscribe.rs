//! What a worker listens to: its queue, queues of single topics, and subscriptions.

use copilot_cfn::intrinsic::{get_att, join, reference, sub};
use copilot_cfn::{Resource, Value, cfn};

use super::queue::{self, Ids};
use crate::template::About as _;
use crate::template::names::logical_id;
use crate::workload::model::{EcsWorkload, Subscription, TopicQueue};
use crate::workload::stack::Stack;

/// Adds queues, subscriptions and the key that encrypts messages.
pub(crate) fn add(stack: &mut Stack, workload: &EcsWorkload<'_>) {
    stack.resource("EventsKMSKey", key().about("Key that encrypts the messages in the queues"));
    let subscribe = workload.subscribe.as_ref();
    let topics: &[Subscription<'_>] =
        subscribe.map(|subscribe| subscribe.topics.as_slice()).unwrap_or_default();
    let ids = Ids::new("");
    queue::add(stack, &ids, None, subscribe.and_then(|subscribe| subscribe.queue.as_ref()));
    let mut statements = vec![queue::receive(&ids.queue)];
    for topic in topics.iter().filter(|topic| !topic.has_own_queue()) {
        statements.push(queue::send(&ids.queue, topic_arn(topic, &topic.topic)));
    }
    stack.resource(ids.policy.clone(), queue::queue_policy(&ids.queue, statements.into()));
    for topic in topics {
        add_topic(stack, topic, &ids);
    }
}

fn add_topic(stack: &mut Stack, topic: &Subscription<'_>, shared: &Ids) {
    let prefix = topic.id_prefix();
    let own = Ids::new(&prefix);
    let ids = if topic.has_own_queue() { &own } else { shared };
    let subscription = Resource::new("AWS::SNS::Subscription").properties(cfn!({
        "TopicArn": topic_arn(topic, &topic.topic),
        "Protocol": "sqs",
        "FilterPolicy"?: topic.filter_policy.clone(),
        "Endpoint": get_att(ids.queue.clone(), "Arn"),
    }));
    let about = format!("Subscription to topic {} of service {}", topic.topic, topic.service);
    stack.resource(format!("{prefix}SNSTopicSubscription"), subscription.about(about));
    if let TopicQueue::Own(settings) = &topic.queue {
        queue::add(stack, &own, Some(&topic.topic), settings.as_ref());
        // Copilot named the topic of a standard queue by what remains of its name in a logical ID.
        let fifo = settings.as_ref().is_some_and(|settings| settings.fifo.is_some());
        let source =
            if fifo { topic_arn(topic, &topic.topic) } else { topic_arn(topic, &logical_id(&topic.topic)) };
        let statements = cfn!([queue::receive(&own.queue), queue::send(&own.queue, source)]);
        stack.resource(own.policy.clone(), queue::queue_policy(&own.queue, statements));
    }
}

fn topic_arn(topic: &Subscription<'_>, name: &str) -> Value {
    let prefix = sub("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:");
    let rest = format!("-{}-{name}", topic.service);
    join("", cfn!([prefix, reference("AppName"), "-", reference("EnvName"), rest]))
}

fn key() -> Resource {
    let statement = |sid: &'static str, principal: Value, actions: &[&'static str]| {
        let actions: Vec<Value> = actions.iter().map(|action| Value::from(format!("kms:{action}"))).collect();
        cfn!({ "Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*" })
    };
    let root = cfn!({ "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") });
    let administration = [
        "Create*",
        "Describe*",
        "Enable*",
        "List*",
        "Put*",
        "Update*",
        "Revoke*",
        "Disable*",
        "Get*",
        "Delete*",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "Tag*",
        "UntagResource",
        "Encrypt",
        "Decrypt",
        "ReEncrypt*",
        "GenerateDataKey*",
    ];
    let statements = cfn!([
        statement("Allow key use", root, &administration),
        statement(
            "Allow SNS encryption",
            cfn!({ "Service": "sns.amazonaws.com" }),
            &["Decrypt", "GenerateDataKey*"]
        ),
        statement(
            "Allow SQS encryption",
            cfn!({ "Service": "sqs.amazonaws.com" }),
            &["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*"],
        ),
        statement(
            "Allow task role encrypt/decrypt",
            cfn!({ "AWS": [get_att("TaskRole", "Arn")] }),
            &["Encrypt", "Decrypt"],
        ),
    ]);
    Resource::new("AWS::KMS::Key").property("KeyPolicy", crate::workload::iam::document(statements))
}
