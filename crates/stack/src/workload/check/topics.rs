//! Topics that a worker subscribes to have to exist.

use copilot_manifest::decode::Path;
use copilot_manifest::workload::WorkerService;

use crate::codes;
use crate::workload::context::Context;
use crate::workload::resolve::{Problems, subscriptions};

pub(super) fn check(config: &WorkerService, cx: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(known) = &cx.environment.topics else { return };
    let Some(manifest) = config.subscribe.as_deref() else { return };
    let resolved = subscriptions(Some(manifest)).map(|subscribe| subscribe.topics).unwrap_or_default();
    let written = manifest.topics.as_ref().map(|topics| topics.value.as_slice()).unwrap_or_default();
    for (place, (topic, written)) in resolved.iter().zip(written).enumerate() {
        if known.iter().any(|known| known.split_once('/') == Some((topic.service, topic.topic.as_str()))) {
            continue;
        }
        let name = format!("{}-{}-{}-{}", cx.app, cx.env, topic.service, topic.topic);
        let message = format!("the topic `{name}` does not exist in the environment `{}`", cx.env);
        let help = format!("deploy `{}`, which has to publish it, first", topic.service);
        problems.report(
            &codes::WORKLOAD_TOPIC,
            Path::from(["subscribe", "topics"]).then(place),
            written,
            message,
            help,
        );
    }
}
