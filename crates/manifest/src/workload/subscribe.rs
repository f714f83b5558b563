//! Topics that a worker subscribes to, and its queues.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Map, Merge, Shape, Spanned};
use crate::workload::value::{AnyYaml, Duration};

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

/// Whether a queue keeps the order of messages. Base and override may leave both forms behind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fifo {
    /// The short form.
    pub enable: Option<Spanned<bool>>,
    /// The long form. It enables by being there.
    pub config: Option<Spanned<FifoConfig>>,
}

impl Fifo {
    /// Whether the queue keeps the order: the short form is true, or the long form is there.
    pub fn enabled(&self) -> bool {
        self.enable.as_ref().is_some_and(|enable| enable.value) || !self.config.is_blank()
    }

    /// The settings that take effect: those of the long form, unless the short form is true, which hides them.
    pub fn settings(&self) -> Option<&FifoConfig> {
        if self.enable.as_ref().is_some_and(|enable| enable.value) { None } else { self.config.as_deref() }
    }
}

impl Decode for Fifo {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expected = "true, false, or a mapping with some of the keys `content_based_deduplication`, \
                        `deduplication_scope`, `throughput_limit`, `high_throughput`";
        if node.as_mapping().is_some() {
            let config: Spanned<FifoConfig> = cx.lenient(|cx| Decode::decode(node, cx))?;
            if config.is_blank() {
                cx.wrong_form(node, expected);
                return None;
            }
            return Some(Self { enable: None, config: Some(config) });
        }
        let Some(enable) = node.as_bool() else {
            cx.wrong_form(node, expected);
            return None;
        };
        Some(Self { enable: Some(Spanned::new(enable, node.span)), config: None })
    }
}

impl Merge for Fifo {
    fn merge(&mut self, over: &Self) {
        self.enable.merge(&over.enable);
        self.config.merge(&over.config);
    }
}

impl Describe for Fifo {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Boolean, FifoConfig::shape()])
    }
}

impl Blank for Fifo {
    fn is_blank(&self) -> bool {
        self.enable.is_none() && self.config.is_blank()
    }
}
