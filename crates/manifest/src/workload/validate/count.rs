//! Numbers of tasks and their scaling.

use copilot_yaml::Span;

use super::{exclusive, fail, first_line, missing};
use crate::decode::{Blank, Context, Spanned};
use crate::workload::value::Scaling;
use crate::workload::{AdvancedCount, Count, QueueDelay, Range, WorkloadType, codes};

/// The targets that a type of workload can scale on; none for jobs.
fn targets(kind: WorkloadType) -> &'static [&'static str] {
    match kind {
        WorkloadType::LoadBalancedWebService | WorkloadType::BackendService => {
            &["cpu_percentage", "memory_percentage", "requests", "response_time"]
        }
        WorkloadType::WorkerService => &["cpu_percentage", "memory_percentage", "queue_delay"],
        _ => &[],
    }
}

pub(super) fn check(kind: WorkloadType, count: &Spanned<Count>, cx: &mut Context<'_>) {
    let Count::Advanced(advanced) = &count.value else { return };
    let targets = targets(kind);
    let span = first_line(cx, count.span);
    if targets.is_empty() {
        let message = format!("a {kind} can't scale: `count` takes only a number");
        return fail(cx, &codes::SCALING_KEY, span, message, "write a number, or leave `count` out");
    }
    wrong_targets(kind, advanced, targets, cx);
    if let (Some(spot), true) = (&advanced.spot, has_scaling(advanced, targets)) {
        let other = advanced.range.as_ref().map_or(count.span, |range| range.span);
        let keys = format!("range` or `{}", targets.join("` or `"));
        exclusive(cx, ("spot", spot.span), (&keys, other));
    }
    if let Some(value) = &advanced.range {
        cx.within("range", |cx| range(value, cx));
    }
    complete(advanced, targets, span, cx);
    if let Some(value) = advanced.queue_delay.as_ref().filter(|value| !value.is_blank()) {
        cx.within("queue_delay", |cx| queue_delay(value, cx));
    }
    percentage("cpu_percentage", advanced.cpu_percentage.as_ref(), cx);
    percentage("memory_percentage", advanced.memory_percentage.as_ref(), cx);
}

/// Whether a target is set, and where.
fn target(count: &AdvancedCount, name: &str) -> Option<Span> {
    fn set<T: Blank>(value: Option<&Spanned<T>>) -> Option<Span> {
        value.filter(|value| !value.is_blank()).map(|value| value.span)
    }
    match name {
        "cpu_percentage" => set(count.cpu_percentage.as_ref()),
        "memory_percentage" => set(count.memory_percentage.as_ref()),
        "requests" => set(count.requests.as_ref()),
        "response_time" => set(count.response_time.as_ref()),
        "queue_delay" => set(count.queue_delay.as_ref()),
        _ => None,
    }
}

fn has_scaling(count: &AdvancedCount, targets: &[&str]) -> bool {
    count.range.is_some() || targets.iter().any(|name| target(count, name).is_some())
}

fn wrong_targets(kind: WorkloadType, count: &AdvancedCount, targets: &[&str], cx: &mut Context<'_>) {
    for name in ["requests", "response_time", "queue_delay"] {
        if targets.contains(&name) {
            continue;
        }
        if let Some(span) = target(count, name) {
            let message = format!("a {kind} can't scale on `{name}`");
            let help = format!("the targets of a {kind} are {}", super::one_of(targets));
            cx.within(name, |cx| fail(cx, &codes::SCALING_KEY, span, message, help));
        }
    }
}

/// A range needs a target, and the other way round; a cooldown needs a target.
fn complete(count: &AdvancedCount, targets: &[&str], span: Span, cx: &mut Context<'_>) {
    let set = targets.iter().find_map(|name| Some((*name, target(count, name)?)));
    match (&count.range, set) {
        (None, Some((name, at))) => {
            let message = format!("`{name}` needs a `range`");
            fail(cx, &codes::SCALING_INCOMPLETE, at, message, "add a range, such as `range: 1-10`");
        }
        (Some(range), None) => {
            let message = format!("`range` needs a target: {}", super::one_of(targets));
            fail(
                cx,
                &codes::SCALING_INCOMPLETE,
                range.span,
                message,
                "add one, such as `cpu_percentage: 70`",
            );
        }
        _ => {}
    }
    if set.is_none() && count.range.is_none() && !count.cooldown.is_blank() {
        let message = format!("`cooldown` needs a target: {}", super::one_of(targets));
        let span = count.cooldown.as_ref().map_or(span, |cooldown| cooldown.span);
        fail(cx, &codes::SCALING_INCOMPLETE, span, message, "add a range and a target, or remove `cooldown`");
    }
}

fn range(range: &Spanned<Range>, cx: &mut Context<'_>) {
    let wrong = |cx: &mut Context<'_>, span, message: String| {
        fail(cx, &codes::RANGE, span, message, "write the fewest and the most tasks, such as `1-10`");
    };
    match &range.value {
        Range::Text(text) => match range.bounds() {
            None => wrong(cx, range.span, format!("`{text}` is not a range")),
            Some((min, max)) if min > max => {
                wrong(cx, range.span, format!("min value {min} is above max value {max}"));
            }
            Some(_) => {}
        },
        Range::Bounds(bounds) => {
            let (Some(min), Some(max)) = (&bounds.min, &bounds.max) else {
                let key = if bounds.min.is_none() { "min" } else { "max" };
                return missing(cx, range.span, key, "a range");
            };
            let values = [("min", Some(min)), ("max", Some(max)), ("spot_from", bounds.spot_from.as_ref())];
            for (key, value) in values {
                if let Some(value) = value.filter(|value| value.value < 0) {
                    wrong(cx, value.span, format!("`{key}` is negative: {}", value.value));
                }
            }
            if min.value > max.value {
                wrong(cx, min.span, format!("min value {} is above max value {}", min.value, max.value));
            }
        }
    }
}

fn queue_delay(delay: &Spanned<QueueDelay>, cx: &mut Context<'_>) {
    let (Some(latency), Some(processing)) = (&delay.acceptable_latency, &delay.msg_processing_time) else {
        for (key, set) in [
            ("acceptable_latency", delay.acceptable_latency.is_some()),
            ("msg_processing_time", delay.msg_processing_time.is_some()),
        ] {
            if !set {
                missing(cx, delay.span, key, "scaling on the queue's delay");
            }
        }
        return;
    };
    let help = "write how long a message may wait, and how long one takes, such as `10s` and `250ms`";
    for (key, value) in [("acceptable_latency", latency), ("msg_processing_time", processing)] {
        if value.as_nanos() == 0 {
            fail(cx, &codes::QUEUE_DELAY, value.span, format!("`{key}` can't be 0"), help);
        }
    }
    if processing.value > latency.value {
        let message = "`msg_processing_time` can't be longer than `acceptable_latency`";
        fail(cx, &codes::QUEUE_DELAY, processing.span, message, help);
    }
}

fn percentage(key: &str, scaling: Option<&Spanned<Scaling<i64>>>, cx: &mut Context<'_>) {
    let Some(scaling) = scaling else { return };
    cx.within(key, |cx| {
        let Some(&value) = scaling.value.value() else {
            return missing(cx, scaling.span, "value", "a target with its own cooldown");
        };
        if !(0..=100).contains(&value) {
            let span = match &scaling.value {
                Scaling::Config(config) => config.value.as_ref().map_or(scaling.span, |value| value.span),
                Scaling::Value(_) => scaling.span,
            };
            let message = format!("`{key}` is {value}, which is not a percentage");
            fail(cx, &codes::PERCENTAGE, span, message, "write a number from 0 to 100");
        }
    });
}
