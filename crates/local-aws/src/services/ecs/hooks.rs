//! Hooks of deployments: functions, which count as having succeeded, and pauses in which a person decides.

use serde_json::Value as Json;

use super::model::Hook;
use super::rollout::Work;
use crate::core::input::Input;
use crate::core::options::Pace;

/// How the hooks of a stage are.
pub(super) enum Hooked {
    /// None is left.
    Passed,
    /// One is not over.
    Waits,
    /// One failed, or its time is over: the deployment goes back, for this reason.
    Failed(String),
}

/// Begins the hooks of a stage and takes a step with those that have begun.
pub(super) fn pass(work: &mut Work, stage: &str) -> Hooked {
    let Some(deployment) = work.service.deployments.last() else { return Hooked::Passed };
    if !deployment.hooks.iter().any(|hook| hook.stage == stage) {
        begin(work, stage);
    }
    let states = work.world.state.at(&work.caller.scope()).ecs.hooks.clone();
    let Some(deployment) = work.service.deployments.last_mut() else { return Hooked::Passed };
    let mut waits = false;
    for hook in deployment.hooks.iter_mut().filter(|hook| hook.stage == stage) {
        match hook.status.as_str() {
            "FAILED" => return Hooked::Failed(failed(hook)),
            "IN_PROGRESS" => {
                let target = hook.target.as_deref().unwrap_or_default();
                let told = states.iter().find(|(name, _)| target.contains(name.as_str()));
                hook.status = told.map_or("SUCCEEDED", |(_, status)| status).to_owned();
                waits = true;
            }
            "AWAITING_ACTION" => {
                hook.left = hook.left.saturating_sub(1);
                waits = true;
                if hook.left == 0 {
                    hook.status = "TIMED_OUT".into();
                }
            }
            "TIMED_OUT" if hook.timeout == "ROLLBACK" => return Hooked::Failed(failed(hook)),
            _ => {}
        }
    }
    if waits { Hooked::Waits } else { Hooked::Passed }
}

fn failed(hook: &Hook) -> String {
    let how = if hook.status == "TIMED_OUT" { "timed out" } else { "failed" };
    format!("Service deployment rolled back because a lifecycle hook {how} in stage {}.", hook.stage)
}

fn begin(work: &mut Work, stage: &str) {
    let Some(deployment) = work.service.deployments.last() else { return };
    let wanted: Vec<Json> = deployment
        .configuration
        .list("lifecycleHooks")
        .iter()
        .filter(|hook| hook.texts("lifecycleStages").iter().any(|known| known == stage))
        .cloned()
        .collect();
    for hook in wanted {
        let pauses = hook.text("targetType") == Some("PAUSE");
        let limit = hook.get("timeoutConfiguration");
        let minutes = limit.and_then(|limit| limit.number("timeoutInMinutes")).unwrap_or(1440);
        let left = u32::try_from(minutes).unwrap_or(1).saturating_mul(work.world.options.minute).max(1);
        let step = match work.world.options.pace {
            Pace::Every(time) => i64::try_from(time.as_millis()).unwrap_or(i64::MAX),
            _ => 60_000 / i64::from(work.world.options.minute.max(1)),
        };
        let (now, scope) = (work.world.now(), work.caller.scope());
        let id = work.world.state.at(&scope).ecs.name("hook")[..32].to_owned();
        let hook = Hook {
            id,
            kind: if pauses { "PAUSE" } else { "AWS_LAMBDA" }.into(),
            target: hook.text("hookTargetArn").map(str::to_owned),
            stage: stage.to_owned(),
            status: if pauses { "AWAITING_ACTION" } else { "IN_PROGRESS" }.into(),
            timeout: limit.and_then(|limit| limit.text("action")).unwrap_or("ROLLBACK").to_owned(),
            expires: now.saturating_add(step.saturating_mul(i64::from(left))),
            left,
        };
        if let Some(deployment) = work.service.deployments.last_mut() {
            deployment.hooks.push(hook);
        }
    }
}
