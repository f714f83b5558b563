//! Scheduled jobs.

use copilot_yaml::Span;

use super::{fail, missing, network, service};
use crate::decode::{Context, Spanned};
use crate::workload::scheduled_job::whole_seconds;
use crate::workload::value::Duration;
use crate::workload::{EcsWorkload, Schedule, ScheduledJob, Trigger, WorkloadType, codes};

pub(super) fn check(name: &str, config: &ScheduledJob, whole: Span, cx: &mut Context<'_>) {
    let image_span = config.image.as_ref().map_or(whole, |image| image.span);
    let ecs = EcsWorkload::from(config);
    service::common(WorkloadType::ScheduledJob, &ecs, image_span, cx);
    schedule(config.on.as_ref(), whole, cx);
    if let Some(timeout) = config.timeout.as_ref().filter(|timeout| whole_seconds(timeout).is_none()) {
        let message = match Duration::parse(timeout) {
            None => format!("`timeout` is not a duration: `{}`", timeout.value),
            Some(_) => format!("`timeout` has to be whole seconds, at least one, not `{}`", timeout.value),
        };
        let help = "write a number and a unit, such as `90s` or `1h30m`";
        cx.within("timeout", |cx| fail(cx, &codes::JOB_TIMEOUT, timeout.span, message, help));
    }
    if let Some(retries) = config.retries.as_ref().filter(|retries| retries.value < 0) {
        let message = format!("`retries` can't be negative: {}", retries.value);
        cx.within("retries", |cx| fail(cx, &codes::JOB_RETRIES, retries.span, message, "write 0 or more"));
    }
    network::denies_all(config.network.as_deref(), cx);
    service::containers(name, &ecs, None, None, None, cx);
}

fn schedule(on: Option<&Spanned<Trigger>>, whole: Span, cx: &mut Context<'_>) {
    let text = on.and_then(|on| on.schedule.as_ref()).filter(|text| !text.is_empty());
    cx.within("on", |cx| {
        let Some(text) = text else {
            return missing(cx, on.map_or(whole, |on| on.span), "schedule", "a job");
        };
        if let Err(problem) = Schedule::parse(text) {
            let help = "write five fields such as `0 9 * * MON-FRI`, a preset such as `@daily` or `@every 2h`, \
                        `rate(…)`, `cron(…)`, or `none`";
            cx.within("schedule", |cx| fail(cx, &codes::SCHEDULE, text.span, problem.to_string(), help));
        }
    });
}
