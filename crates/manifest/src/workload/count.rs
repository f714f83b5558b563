//! Number of tasks, fixed or scaled.

use crate::decode::{Blank, Spanned};
use crate::workload::value::{Duration, Scaling};

crate::record! {
    /// Time to wait after a scaling activity before the next one.
    pub struct Cooldown {
        /// Before tasks are taken away. Default: `120s`.
        scale_in as "in": Duration,
        /// Before tasks are added. Default: `60s`.
        scale_out as "out": Duration,
    }
}

crate::record! {
    /// Bounds of the number of tasks.
    pub struct RangeBounds {
        /// Fewest tasks.
        min: i64,
        /// Most tasks.
        max: i64,
        /// Number of the task from which on Fargate Spot is used.
        spot_from: i64,
    }
}

crate::union! {
    /// Bounds of the number of tasks.
    pub enum Range {
        /// As in `1-10`.
        other Text(String),
        /// One by one.
        mapping Bounds(RangeBounds),
    }
    expected "a string such as `1-10`, or a mapping with the keys `min` and `max`"
}

impl Range {
    /// Fewest and most tasks. `None` where the text is no range; a bound that is not set is 0.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Text(text) => {
                let (min, max) = text.split_once('-')?;
                let number = |text: &str| {
                    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
                        .then(|| text.parse().ok())?
                };
                Some((number(min)?, number(max)?))
            }
            Self::Bounds(bounds) => {
                let value = |bound: &Option<Spanned<i64>>| bound.as_ref().map_or(0, |bound| bound.value);
                Some((value(&bounds.min), value(&bounds.max)))
            }
        }
    }

    /// Number of the task from which on Fargate Spot is used.
    pub fn spot_from(&self) -> Option<i64> {
        match self {
            Self::Text(_) => None,
            Self::Bounds(bounds) => bounds.spot_from.as_ref().map(|from| from.value),
        }
    }
}

crate::record! {
    /// Scaling by the time that messages wait in the queue.
    pub struct QueueDelay {
        /// Longest time that a message may wait.
        acceptable_latency: Duration,
        /// Time that the processing of one message takes on average.
        msg_processing_time: Duration,
        /// Cooldown of this target, in place of `count.cooldown`.
        cooldown: Cooldown,
    }
}

crate::record! {
    /// A number of tasks that follows the load.
    pub struct AdvancedCount {
        /// Number of tasks, all of them on Fargate Spot. Excludes all other keys.
        spot: i64,
        /// Fewest and most tasks.
        range: Range,
        /// Time to wait after a scaling activity before the next one.
        cooldown: Cooldown,
        /// Average use of CPU to keep to, in percent.
        cpu_percentage: Scaling<i64>,
        /// Average use of memory to keep to, in percent.
        memory_percentage: Scaling<i64>,
        /// Number of requests per minute and task to keep to. Needs a load balancer.
        requests: Scaling<i64>,
        /// Average response time to keep to. Needs a load balancer.
        response_time: Scaling<Duration>,
        /// Time that messages wait in the queue, to keep to. Worker services only.
        queue_delay: QueueDelay,
    }
    after merge exclude_spot_or_scaling;
}

/// A fixed number on spot excludes scaling, and the other way round. A cooldown alone excludes nothing. Both at once stay and
/// are refused.
fn exclude_spot_or_scaling(count: &mut AdvancedCount, over: &AdvancedCount) {
    match (over.spot.is_some(), over.has_autoscaling()) {
        (true, false) => {
            *count = AdvancedCount {
                spot: count.spot.take(),
                cooldown: over.cooldown.clone(),
                ..AdvancedCount::default()
            };
        }
        (false, true) => count.spot = None,
        (true, true) | (false, false) => {}
    }
}

impl AdvancedCount {
    /// Whether a range or a target is set.
    pub fn has_autoscaling(&self) -> bool {
        !self.range.is_blank() || self.has_targets()
    }

    /// Whether a target is set.
    pub fn has_targets(&self) -> bool {
        !(self.cpu_percentage.is_blank()
            && self.memory_percentage.is_blank()
            && self.requests.is_blank()
            && self.response_time.is_blank()
            && self.queue_delay.is_blank())
    }
}

crate::union! {
    /// Number of tasks.
    pub enum Count {
        /// A fixed number.
        other Fixed(i64),
        /// A number that follows the load, or one on spot.
        mapping Advanced(AdvancedCount),
    }
    expected "a number of tasks, or a mapping with some of the keys `spot`, `range`, `cooldown`, `cpu_percentage`, `memory_percentage`, `requests`, `response_time`, `queue_delay`"
}

impl Count {
    /// Number of tasks to start with. `None` where the manifest names none.
    pub fn desired(&self) -> Option<i64> {
        match self {
            Self::Fixed(count) => Some(*count),
            Self::Advanced(count) => match (&count.spot, &count.range) {
                (Some(spot), _) => Some(spot.value),
                (None, Some(range)) => range.bounds().map(|(min, _)| min),
                (None, None) => Some(0),
            },
        }
    }

    /// The number that follows the load, if it is that.
    pub fn advanced(&self) -> Option<&AdvancedCount> {
        match self {
            Self::Fixed(_) => None,
            Self::Advanced(count) => Some(count),
        }
    }
}
