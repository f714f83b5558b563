//! How many tasks run.

use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::{Duration, Scaling as ScalingManifest};
use copilot_manifest::workload::{
    AdvancedCount, Cooldown as CooldownManifest, Count as CountManifest, QueueDelay as QueueDelayManifest,
    defaults,
};

use crate::workload::model::{Autoscaling, Cooldown, Count, QueueDelay, Scaling};

pub(super) fn count(manifest: Option<&CountManifest>) -> Count {
    match manifest {
        None => Count::Fixed(defaults::TASKS),
        Some(CountManifest::Fixed(tasks)) => Count::Fixed(*tasks),
        Some(CountManifest::Advanced(count)) => match &count.spot {
            Some(tasks) => Count::Spot(tasks.value),
            None => Count::Auto(Box::new(autoscaling(count))),
        },
    }
}

fn autoscaling(count: &AdvancedCount) -> Autoscaling {
    let (min, max) = count.range.as_ref().and_then(|range| range.bounds()).unwrap_or_default();
    let general = cooldown(
        count.cooldown.as_deref(),
        Cooldown {
            scale_in: defaults::COOLDOWN_IN.as_secs_f64(),
            scale_out: defaults::COOLDOWN_OUT.as_secs_f64(),
        },
    );
    Autoscaling {
        min,
        max,
        spot_from: count.range.as_ref().and_then(|range| range.spot_from()),
        cpu: scaling(count.cpu_percentage.as_ref(), general, whole),
        memory: scaling(count.memory_percentage.as_ref(), general, whole),
        requests: scaling(count.requests.as_ref(), general, whole),
        response_time: scaling(count.response_time.as_ref(), general, Duration::as_secs_f64),
        queue_delay: count.queue_delay.as_deref().and_then(|delay| queue_delay(delay, general)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "targets are percentages and request counts, far below 2^53")]
fn whole(number: i64) -> f64 {
    number as f64
}

/// A target without a value makes no policy.
fn scaling<T: Copy>(
    manifest: Option<&Spanned<ScalingManifest<T>>>,
    general: Cooldown,
    number: impl Fn(T) -> f64,
) -> Option<Scaling> {
    let manifest = manifest?;
    Some(Scaling {
        target: number(*manifest.value.value()?),
        cooldown: cooldown(manifest.value.cooldown(), general),
    })
}

fn cooldown(manifest: Option<&CooldownManifest>, general: Cooldown) -> Cooldown {
    let seconds =
        |value: Option<&Spanned<Duration>>, general| value.map_or(general, |time| time.as_secs_f64());
    Cooldown {
        scale_in: seconds(manifest.and_then(|own| own.scale_in.as_ref()), general.scale_in),
        scale_out: seconds(manifest.and_then(|own| own.scale_out.as_ref()), general.scale_out),
    }
}

fn queue_delay(manifest: &QueueDelayManifest, general: Cooldown) -> Option<QueueDelay> {
    let latency = manifest.acceptable_latency.as_ref()?.as_nanos();
    let processing = manifest.msg_processing_time.as_ref()?.as_nanos();
    let backlog_per_task =
        latency.checked_div(processing)? + i64::from(latency.checked_rem(processing)? != 0);
    Some(QueueDelay { backlog_per_task, cooldown: cooldown(manifest.cooldown.as_deref(), general) })
}
