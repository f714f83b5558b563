//! Topics and queues.

use copilot_cfn::Value;

/// A topic that a workload publishes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    /// Its name, with `.fifo` when messages keep their order.
    pub name: String,
    /// Whether messages keep their order; `Some(Some(_))` also says how duplicates are found.
    #[expect(
        clippy::option_option,
        reason = "the form goes into the hash that has the count of tasks looked up"
    )]
    pub fifo: Option<Option<bool>>,
}

/// What a worker listens to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subscriptions<'a> {
    /// The topics.
    pub topics: Vec<Subscription<'a>>,
    /// Settings of the queue that all topics without their own share.
    pub queue: Option<Queue<'a>>,
}

/// A topic that a worker listens to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subscription<'a> {
    /// Name of the topic, with `.fifo` where its queue keeps the order.
    pub topic: String,
    /// The workload that publishes to it.
    pub service: &'a str,
    /// Messages it wants.
    pub filter_policy: Option<Value>,
    /// Its own queue.
    pub queue: TopicQueue<'a>,
}

/// The queue of a subscription.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TopicQueue<'a> {
    /// The worker's.
    Shared,
    /// Its own, with settings where there are any.
    Own(Option<Queue<'a>>),
}

/// Settings of a queue; durations in whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Queue<'a> {
    /// How long a message is kept.
    pub retention: Option<i64>,
    /// How long a new message is hidden.
    pub delay: Option<i64>,
    /// How long a received message is hidden from others.
    pub timeout: Option<i64>,
    /// Deliveries after which a message goes to the dead-letter queue.
    pub dead_letter_tries: Option<i64>,
    /// Whether messages keep their order.
    pub fifo: Option<Fifo<'a>>,
}

/// Settings of a queue that keeps the order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fifo<'a> {
    /// Unit of the throughput limit.
    pub throughput_limit: Option<&'a str>,
    /// Unit in which duplicates are found.
    pub deduplication_scope: Option<&'a str>,
    /// Whether duplicates are found by content.
    pub content_based_deduplication: Option<bool>,
}

impl Subscription<'_> {
    /// What the logical IDs of its resources begin with.
    pub(crate) fn id_prefix(&self) -> String {
        let mut id = crate::template::names::logical_id(self.service);
        id.push_str(&crate::template::names::logical_id(&self.topic));
        id
    }

    /// Whether it has its own queue.
    pub(crate) fn has_own_queue(&self) -> bool {
        matches!(self.queue, TopicQueue::Own(_))
    }
}
