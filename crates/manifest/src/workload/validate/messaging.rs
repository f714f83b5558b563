//! Topics and queues.

use copilot_yaml::{Node, Resolved, Span, Value};

use super::{choose, exclusive, fail, missing, warn};
use crate::decode::{Context, Spanned};
use crate::workload::{Fifo, Publish, Queue, Subscribe, TopicQueue, TopicSubscription, codes};

pub(super) fn publish(publish: Option<&Publish>, cx: &mut Context<'_>) {
    let topics = publish.and_then(|publish| publish.topics.as_ref());
    cx.within("publish", |cx| {
        for (index, topic) in topics.into_iter().flat_map(|topics| topics.iter()).enumerate() {
            cx.within("topics", |cx| {
                cx.within(index, |cx| topic_name(topic.name.as_ref(), topic.span, "a topic", cx));
            });
        }
    });
}

pub(super) fn subscribe(subscribe: Option<&Spanned<Subscribe>>, cx: &mut Context<'_>) {
    let Some(subscribe) = subscribe else { return };
    cx.within("subscribe", |cx| {
        for (index, topic) in subscribe.topics.iter().flat_map(|topics| topics.iter()).enumerate() {
            cx.within("topics", |cx| cx.within(index, |cx| subscription(topic, cx)));
        }
        let Some(value) = &subscribe.queue else { return };
        cx.within("queue", |cx| {
            queue(value, cx);
            if subscribe.topics.is_none() {
                let message = "the settings of the queue have no effect without `topics`";
                let help = "add `topics: []` to use them";
                let span = super::first_line(cx, value.span);
                warn(cx, &codes::NO_EFFECT, span, message, help);
            }
        });
    });
}

fn subscription(topic: &Spanned<TopicSubscription>, cx: &mut Context<'_>) {
    topic_name(topic.name.as_ref(), topic.span, "a subscription", cx);
    match topic.service.as_ref().filter(|service| !service.is_empty()) {
        None => missing(cx, topic.span, "service", "a subscription"),
        Some(service) if !is_service_name(service) => {
            let message = format!("`{}` is not a service name", service.value);
            let help =
                "names start with a lower-case letter and hold lower-case letters, digits and single hyphens";
            cx.within("service", |cx| fail(cx, &codes::SERVICE_NAME, service.span, message, help));
        }
        Some(_) => {}
    }
    if let Some(TopicQueue::Config(value)) = topic.queue.as_deref() {
        cx.within("queue", |cx| queue(value, cx));
    }
    let policy = topic.filter_policy.iter().flat_map(|policy| policy.iter());
    for value in policy.filter_map(|(_, value)| no_json(&value.value.0)) {
        let message = "a filter policy is JSON, which has neither `.inf` nor `.nan`";
        let help = "write a number, or put it in quotes";
        cx.within("filter_policy", |cx| fail(cx, &crate::codes::WRONG_TYPE, value, message, help));
    }
}

/// Where a number is that JSON can't say.
fn no_json(node: &Node) -> Option<Span> {
    match &node.value {
        Value::Sequence(items) => items.iter().find_map(no_json),
        Value::Mapping(entries) => entries.iter().find_map(|entry| no_json(&entry.value)),
        Value::Scalar(_) => {
            matches!(node.resolve(), Resolved::Float(number) if !number.is_finite()).then_some(node.span)
        }
    }
}

fn topic_name(name: Option<&Spanned<String>>, span: Span, what: &str, cx: &mut Context<'_>) {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return missing(cx, span, "name", what);
    };
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        let message = format!("`{}` is not the name of a topic", name.value);
        let help = match name.strip_suffix(".fifo") {
            Some(name) => format!("write `name: {name}` and `fifo: true`"),
            None => "names hold only letters, digits, `-` and `_`".to_owned(),
        };
        cx.within("name", |cx| fail(cx, &codes::TOPIC_NAME, name.span, message, help));
    }
}

fn is_service_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.contains("--")
        && !name.ends_with('-')
}

fn queue(queue: &Queue, cx: &mut Context<'_>) {
    if let Some(value) = queue.fifo.as_deref() {
        cx.within("fifo", |cx| fifo(value, cx));
    }
}

fn fifo(fifo: &Fifo, cx: &mut Context<'_>) {
    let Some(config) = &fifo.config else { return };
    let (scope, limit) = (config.deduplication_scope.as_ref(), config.throughput_limit.as_ref());
    if let Some(high) = &config.high_throughput {
        for (key, value) in [("throughput_limit", limit), ("deduplication_scope", scope)] {
            if let Some(value) = value {
                exclusive(cx, ("high_throughput", high.span), (key, value.span));
            }
        }
    }
    let scopes = ["messageGroup", "queue"];
    let limits = ["perMessageGroupId", "perQueue"];
    for (key, value, known) in [("deduplication_scope", scope, scopes), ("throughput_limit", limit, limits)] {
        if let Some(value) = value.filter(|value| !known.contains(&value.as_str())) {
            let message = format!("`{}` is no `{key}`; it must be {} or {}", value.value, known[0], known[1]);
            cx.within(key, |cx| fail(cx, &codes::FIFO, value.span, message, choose(value, &known)));
        }
    }
    if let (Some(scope), Some(limit)) = (scope, limit)
        && scope.value == "queue"
        && limit.value == "perMessageGroupId"
    {
        let message = "`throughput_limit` has to be `perQueue` when `deduplication_scope` is `queue`";
        fail(
            cx,
            &codes::FIFO,
            limit.span,
            message,
            "write `perQueue`, or `deduplication_scope: messageGroup`",
        );
    }
    let hidden = fifo.enable.as_ref().filter(|enable| enable.value);
    if let Some(enable) = hidden {
        let message = "these settings have no effect: base and override set both `fifo: true` and settings";
        let problem = cx.warning(&codes::NO_EFFECT, message, super::first_line(cx, config.span), "");
        let problem = problem.at(cx.source(), enable.span, "this hides them");
        cx.report(problem.help("write the settings in both places, or in the base only"));
    } else if let Some(enable) = &fifo.enable {
        let message =
            "`fifo: false` has no effect: the settings of the other place still make it a FIFO queue";
        warn(
            cx,
            &codes::NO_EFFECT,
            enable.span,
            message,
            "move the settings to the environments that want them",
        );
    }
}
