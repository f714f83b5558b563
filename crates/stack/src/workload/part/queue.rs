//! Queues, their dead-letter queues and policies.

use copilot_cfn::intrinsic::{get_att, reference};
use copilot_cfn::{Map, Resource, Value, cfn};

use crate::template::About as _;
use crate::workload::iam::document;
use crate::workload::model::Queue;
use crate::workload::stack::Stack;

/// Logical IDs of a queue and what belongs to it. The worker's own have no prefix.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    /// The queue.
    pub queue: String,
    /// Its policy.
    pub policy: String,
    dead_letters: String,
    dead_letter_policy: String,
}

impl Ids {
    /// For a prefix.
    pub(crate) fn new(prefix: &str) -> Self {
        let id = |suffix: &str| format!("{prefix}{suffix}");
        Self {
            queue: id("EventsQueue"),
            policy: id("QueuePolicy"),
            dead_letters: id("DeadLetterQueue"),
            dead_letter_policy: id("DeadLetterPolicy"),
        }
    }
}

/// Adds a queue, that of one topic or of all others, and what takes its undeliverable messages.
pub(crate) fn add(stack: &mut Stack, ids: &Ids, topic: Option<&str>, settings: Option<&Queue<'_>>) {
    let kind = if settings.is_some_and(|settings| settings.fifo.is_some()) { "FIFO queue" } else { "Queue" };
    let events = topic.map_or_else(|| "events".to_owned(), |topic| format!("events of topic {topic}"));
    let mut properties = Map::from([("KmsMasterKeyId", reference("EventsKMSKey"))]);
    if let Some(settings) = settings {
        insert_settings(&mut properties, settings, ids);
    }
    let queue = Resource::new("AWS::SQS::Queue").properties(Value::Map(properties));
    stack.resource(ids.queue.clone(), queue.about(format!("{kind} for {events}")));
    if let Some(settings) = settings.filter(|settings| settings.dead_letter_tries.is_some()) {
        add_dead_letters(stack, ids, format!("{kind} for undeliverable {events}"), settings);
    }
}

fn insert_settings(properties: &mut Map, settings: &Queue<'_>, ids: &Ids) {
    let redrive = settings.dead_letter_tries.map(|tries| {
        cfn!({ "deadLetterTargetArn": get_att(ids.dead_letters.clone(), "Arn"), "maxReceiveCount": tries })
    });
    let fifo = settings.fifo.as_ref();
    let text = |text: Option<&str>| text.map(|text| Value::from(text.to_owned()));
    let entries = [
        ("MessageRetentionPeriod", settings.retention.map(Value::from)),
        ("DelaySeconds", settings.delay.map(Value::from)),
        ("VisibilityTimeout", settings.timeout.map(Value::from)),
        ("RedrivePolicy", redrive),
        ("FifoQueue", fifo.map(|_| true.into())),
        ("FifoThroughputLimit", text(fifo.and_then(|fifo| fifo.throughput_limit))),
        ("DeduplicationScope", text(fifo.and_then(|fifo| fifo.deduplication_scope))),
        (
            "ContentBasedDeduplication",
            fifo.and_then(|fifo| fifo.content_based_deduplication).map(Value::from),
        ),
    ];
    properties.extend(entries.into_iter().filter_map(|(key, value)| Some((key, value?))));
}

/// Undeliverable messages are kept for the 14 days that SQS allows at most.
fn add_dead_letters(stack: &mut Stack, ids: &Ids, about: String, settings: &Queue<'_>) {
    let queue = Resource::new("AWS::SQS::Queue").about(about).properties(cfn!({
        "KmsMasterKeyId": reference("EventsKMSKey"),
        "MessageRetentionPeriod": 1_209_600,
        "FifoQueue"?: settings.fifo.is_some().then_some(true),
    }));
    stack.resource(ids.dead_letters.clone(), queue);
    let policy = queue_policy(&ids.dead_letters, cfn!([receive(&ids.dead_letters)]));
    stack.resource(ids.dead_letter_policy.clone(), policy);
}

/// The policy of a queue.
pub(crate) fn queue_policy(queue: &str, statements: Value) -> Resource {
    Resource::new("AWS::SQS::QueuePolicy")
        .property("Queues", cfn!([reference(queue.to_owned())]))
        .property("PolicyDocument", document(statements))
}

/// The workload's tasks may receive messages.
pub(crate) fn receive(queue: &str) -> Value {
    cfn!({
        "Effect": "Allow",
        "Principal": { "AWS": [get_att("TaskRole", "Arn")] },
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
        "Resource": get_att(queue.to_owned(), "Arn"),
    })
}

/// A topic may send messages.
pub(crate) fn send(queue: &str, topic_arn: Value) -> Value {
    cfn!({
        "Effect": "Allow",
        "Principal": { "Service": "sns.amazonaws.com" },
        "Action": ["sqs:SendMessage"],
        "Resource": get_att(queue.to_owned(), "Arn"),
        "Condition": { "ArnEquals": { "aws:SourceArn": topic_arn } },
    })
}
