//! Topics that a worker subscribes to, and its queues.

use crate::decode::{Map, Spanned};
use crate::workload::value::{AnyYaml, Duration, Settings, Switch};

crate::record! {
    /// Topics that the worker subscribes to, and its queues.
    pub struct Subscribe {
        /// The topics. Only where this key is there, even with an empty list, the settings under `queue` have an effect.
        topics: Vec<Spanned<TopicSubscription>>,
        /// Settings of the default queue, which gets the messages of all topics without a queue of their own.
        queue: Queue,
    }
}

crate::record! {
    /// A topic to subscribe to.
    pub struct TopicSubscription {
        /// Name of the topic, without the ending `.fifo`.
        name: String,
        /// Name of the workload that publishes to the topic.
        service: String,
        /// SNS filter policy: only messages whose attributes match are received.
        filter_policy: Map<AnyYaml>,
        /// Whether the topic gets a queue of its own, or that queue's settings. Default: false.
        queue: TopicQueue,
    }
}

crate::record! {
    /// Settings of an SQS queue.
    pub struct Queue {
        /// Time that messages are kept, 60 seconds to 14 days (`336h`). Default: 4 days.
        retention: Duration,
        /// Time before a new message can be received, up to 15 minutes. Default: `0s`.
        delay: Duration,
        /// Time that a received message is hidden from other readers, up to 12 hours. Default: `30s`.
        timeout: Duration,
        /// What happens to messages that can't be processed.
        dead_letter: DeadLetter,
        /// Whether the queue keeps the order of messages, or how it does. Default: false.
        fifo: Fifo,
    }
}

crate::record! {
    /// What happens to messages that can't be processed.
    pub struct DeadLetter {
        /// Number of times that a message is received before it moves to the dead-letter queue.
        tries: u16,
    }
}

crate::union! {
    /// Whether a topic gets a queue of its own.
    pub enum TopicQueue {
        /// Whether it does.
        other Enabled(bool),
        /// It does, with these settings.
        mapping Config(Queue),
    }
    expected "true, false, or a mapping with some of the keys `retention`, `delay`, `timeout`, `dead_letter`, `fifo`"
}

crate::record! {
    /// Settings of a queue that keeps the order of messages.
    pub struct FifoConfig {
        /// Whether a message with the same content as an earlier one is dropped. Default: false.
        content_based_deduplication: bool,
        /// Within what a repeated message is recognised: `messageGroup` or `queue`.
        deduplication_scope: String,
        /// What the limit of throughput counts: `perMessageGroupId` or `perQueue`.
        throughput_limit: String,
        /// Sets scope and limit for the highest throughput. Excludes both.
        high_throughput: bool,
    }
}

/// Whether a queue keeps the order of messages.
pub type Fifo = Switch<FifoConfig>;

impl Settings for FifoConfig {
    const EXPECTED: &'static str = "true, false, or a mapping with some of the keys `content_based_deduplication`, \
                                    `deduplication_scope`, `throughput_limit`, `high_throughput`";
}
