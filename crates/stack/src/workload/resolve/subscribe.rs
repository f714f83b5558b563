//! Topics and queues.

use copilot_cfn::{Map, Plain, Value};
use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::Duration;
use copilot_manifest::workload::{
    Fifo as FifoManifest, Publish, Queue as QueueManifest, Subscribe, TopicQueue as TopicQueueManifest,
    TopicSubscription,
};
use copilot_yaml::{Node, Resolved};

use super::container::text;
use crate::workload::model::{Fifo, Queue, Subscription, Subscriptions, Topic, TopicQueue};

/// Topics that a workload publishes to.
pub(crate) fn topics(publish: Option<&Publish>) -> Vec<Topic> {
    let topics =
        publish.and_then(|publish| publish.topics.as_ref()).into_iter().flat_map(|topics| topics.iter());
    topics
        .map(|topic| {
            let name = text(topic.name.as_ref()).unwrap_or_default();
            let fifo = topic.is_fifo();
            Topic {
                name: if fifo { format!("{name}.fifo") } else { name.to_owned() },
                fifo: fifo.then(|| topic.content_based_deduplication()),
            }
        })
        .collect()
}

/// What a worker listens to. Without a list of topics the settings of the queue have no effect.
pub(crate) fn subscriptions(manifest: Option<&Subscribe>) -> Option<Subscriptions<'_>> {
    let subscribe = manifest?;
    let topics = subscribe.topics.as_ref()?;
    let settings = subscribe.queue.as_deref().filter(|queue| **queue != QueueManifest::default());
    let fifo = settings.is_some_and(|queue| queue.fifo.as_ref().is_some_and(|fifo| fifo.enabled()));
    Some(Subscriptions {
        topics: topics.iter().map(|topic| subscription(topic, fifo)).collect(),
        queue: settings.map(queue),
    })
}

fn subscription(manifest: &TopicSubscription, shared_fifo: bool) -> Subscription<'_> {
    let (own, fifo) = match manifest.queue.as_deref() {
        None => (TopicQueue::Shared, shared_fifo),
        Some(TopicQueueManifest::Enabled(true)) => (TopicQueue::Own(None), false),
        Some(TopicQueueManifest::Enabled(false)) => (TopicQueue::Shared, false),
        Some(TopicQueueManifest::Config(settings)) => {
            let fifo = settings.fifo.as_ref().is_some_and(|fifo| fifo.enabled());
            (TopicQueue::Own(Some(queue(settings))), fifo)
        }
    };
    let name = text(manifest.name.as_ref()).unwrap_or_default();
    Subscription {
        topic: if fifo { format!("{name}.fifo") } else { name.to_owned() },
        service: text(manifest.service.as_ref()).unwrap_or_default(),
        filter_policy: manifest.filter_policy.as_ref().filter(|filter| !filter.0.is_empty()).map(|filter| {
            let entries = filter.0.iter();
            let entries = entries.map(|(key, member)| {
                (key.clone(), member.value.as_ref().map_or(Value::Null, |value| json_value(&value.0)))
            });
            let mut policy: Map = entries.collect();
            policy.sort_keys();
            Value::Map(policy)
        }),
        queue: own,
    }
}

fn queue(manifest: &QueueManifest) -> Queue<'_> {
    let seconds = |value: &Option<Spanned<Duration>>| value.as_ref().map(|time| time.as_secs());
    let tries = manifest.dead_letter.as_ref().and_then(|dead_letter| dead_letter.tries.as_ref());
    Queue {
        retention: seconds(&manifest.retention),
        delay: seconds(&manifest.delay),
        timeout: seconds(&manifest.timeout),
        dead_letter_tries: tries.map(|tries| i64::from(tries.value)),
        fifo: manifest.fifo.as_deref().filter(|fifo| fifo.enabled()).map(fifo),
    }
}

fn fifo(manifest: &FifoManifest) -> Fifo<'_> {
    let Some(settings) = manifest.settings() else { return Fifo::default() };
    let high = settings.high_throughput.as_ref().is_some_and(|flag| flag.value);
    let or_high = |value, high_value| if high { Some(high_value) } else { value };
    Fifo {
        throughput_limit: or_high(text(settings.throughput_limit.as_ref()), "perMessageGroupId"),
        deduplication_scope: or_high(text(settings.deduplication_scope.as_ref()), "messageGroup"),
        content_based_deduplication: settings.content_based_deduplication.as_ref().map(|flag| flag.value),
    }
}

/// A value as it is after a way through JSON: `0x1F` is 31, `1e3` is 1000, `yes` a text, a date a point in time, and a tag
/// is lost.
fn json_value(node: &Node) -> Value {
    match &node.value {
        copilot_yaml::Value::Sequence(items) => Value::List(items.iter().map(json_value).collect()),
        copilot_yaml::Value::Mapping(entries) => {
            let entries = entries.iter();
            let mut map: Map =
                entries.map(|entry| (entry.key.text.to_string(), json_value(&entry.value))).collect();
            map.sort_keys();
            Value::Map(map)
        }
        copilot_yaml::Value::Scalar(_) => match node.resolve() {
            Resolved::Bool(truth) => truth.into(),
            Resolved::Int(number) => match i64::try_from(number) {
                Ok(number) => number.into(),
                Err(_) => number_as_written(&number.to_string()),
            },
            Resolved::Float(number) if number.fract() == 0.0 && number.abs() < 1e21 => {
                number_as_written(&format!("{number:.0}"))
            }
            Resolved::Float(number) => Value::Plain(Plain::from_f64(number)),
            Resolved::Timestamp(day) if day.len() <= 10 => format!("{day}T00:00:00Z").into(),
            Resolved::Timestamp(text) | Resolved::Str(text) => text.to_owned().into(),
            Resolved::Null | Resolved::Collection => Value::Null,
        },
    }
}

fn number_as_written(digits: &str) -> Value {
    copilot_cfn::read::raw_scalar(digits).unwrap_or_default()
}
