//! Scheduled jobs.

use copilot_yaml::Span;

use super::{fail, missing, network, service};
use crate::decode::Context;
use crate::workload::value::Duration;
use crate::workload::{EcsWorkload, ScheduledJob, WorkloadType, codes};

pub(super) fn check(name: &str, config: &ScheduledJob, whole: Span, cx: &mut Context<'_>) {
    let image_span = config.image.as_ref().map_or(whole, |image| image.span);
    let ecs = EcsWorkload::from(config);
    service::common(WorkloadType::ScheduledJob, &ecs, image_span, cx);
    let on = config.on.as_ref();
    if on.is_none_or(|on| on.schedule.as_ref().is_none_or(|schedule| schedule.is_empty())) {
        cx.within("on", |cx| missing(cx, on.map_or(whole, |on| on.span), "schedule", "a job"));
    }
    if let Some(timeout) = &config.timeout {
        let duration = Duration::parse(timeout);
        let fits =
            duration.is_some_and(|d| d.as_nanos() >= 1_000_000_000 && d.as_nanos() % 1_000_000_000 == 0);
        if !fits {
            let message = match duration {
                None => format!("`timeout` is no duration: `{}`", timeout.value),
                Some(_) => {
                    format!("`timeout` has to be whole seconds, at least one, not `{}`", timeout.value)
                }
            };
            let help = "write a number and a unit, such as `90s` or `1h30m`";
            cx.within("timeout", |cx| fail(cx, &codes::JOB_TIMEOUT, timeout.span, message, help));
        }
    }
    if let Some(retries) = config.retries.as_ref().filter(|retries| retries.value < 0) {
        let message = format!("`retries` can't be negative: {}", retries.value);
        cx.within("retries", |cx| fail(cx, &codes::JOB_RETRIES, retries.span, message, "write 0 or more"));
    }
    network::denies_all(config.network.as_deref(), cx);
    service::containers(name, &ecs, None, None, None, cx);
}
