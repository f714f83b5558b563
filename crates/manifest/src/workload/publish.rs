//! SNS topics that a workload publishes to.

use crate::decode::Spanned;

crate::record! {
    /// SNS topics that the workload makes and publishes to.
    pub struct Publish {
        /// The topics.
        topics: Vec<Spanned<Topic>>,
    }
}

crate::record! {
    /// A topic.
    pub struct Topic {
        /// Name, without the ending `.fifo`: letters, digits, `-` and `_`.
        name: String,
        /// Whether messages keep their order, or how they do. Default: false.
        fifo: TopicFifo,
    }
}

crate::record! {
    /// Settings of a topic that keeps the order of messages.
    pub struct TopicFifoConfig {
        /// Whether a message with the same content as an earlier one is dropped. Default: false.
        content_based_deduplication: bool,
    }
}

crate::union! {
    /// Whether a topic keeps the order of messages.
    pub enum TopicFifo {
        /// Whether it does.
        other Enabled(bool),
        /// It does, and how.
        mapping Config(TopicFifoConfig),
    }
    expected "true, false, or a mapping with the key `content_based_deduplication`"
}

impl Topic {
    /// Whether it keeps the order of messages.
    pub fn is_fifo(&self) -> bool {
        match self.fifo.as_deref() {
            None => false,
            Some(TopicFifo::Enabled(enabled)) => *enabled,
            Some(TopicFifo::Config(_)) => true,
        }
    }

    /// Whether a message with the same content as an earlier one is dropped; `None` where the manifest does not say.
    pub fn content_based_deduplication(&self) -> Option<bool> {
        match self.fifo.as_deref()? {
            TopicFifo::Enabled(_) => None,
            TopicFifo::Config(config) => config.content_based_deduplication.as_ref().map(|value| value.value),
        }
    }
}
