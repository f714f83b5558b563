//! What a pipeline costs a month by its type.
//!
//! Source: <https://aws.amazon.com/codepipeline/pricing/>, read in 2026. CodeBuild, images and what the pipeline deploys cost on
//! their own, whatever the type.

use copilot_cfn::Value;
use copilot_manifest::pipeline::ActionKind;
use serde::Serialize;

use crate::pipeline::LoadedPipeline;

/// Cents for an active pipeline of type V1.
const V1_CENTS: u32 = 100;
/// Tenths of a cent for a minute of an action in a pipeline of type V2.
const V2_TENTHS: u32 = 2;
/// Minutes of type V2 that an account does not pay for.
const FREE: u32 = 100;

/// The type of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum PipelineType {
    /// Paid by the month.
    V1,
    /// Paid by the minute.
    V2,
}

/// What is taken for granted, since only the past tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Assumed {
    /// Executions a month.
    pub executions: u32,
    /// Minutes that an action takes.
    pub minutes: u32,
}

/// What a pipeline costs a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The type as it is deployed; nothing where it is not.
    pub deployed: Option<PipelineType>,
    /// Actions of an execution that are paid for in V2: all but approvals.
    pub actions: u32,
    /// What the sum for V2 rests on.
    pub assumed: Assumed,
    /// Cents as type V1.
    pub v1_cents: u32,
    /// Minutes that would be paid for as type V2, after those that are free.
    pub v2_minutes: u32,
    /// Cents as type V2.
    pub v2_cents: u32,
    /// Executions a month from which on V2 costs more.
    pub even_at: u32,
}

impl Cost {
    /// Of a pipeline that is to be, beside the template of the one that is deployed.
    pub(super) fn of(loaded: &LoadedPipeline, deployed: &Value) -> Self {
        let stages = loaded.pipeline.stage_views(&loaded.application);
        let actions = stages.iter().flat_map(|stage| &stage.actions);
        let paid = actions.filter(|action| !matches!(action.kind, ActionKind::Approval)).count();
        Self::with(u32::try_from(paid).unwrap_or(u32::MAX), type_of(deployed))
    }

    fn with(actions: u32, deployed: Option<PipelineType>) -> Self {
        let assumed = Assumed { executions: 40, minutes: 5 };
        let each = actions.saturating_mul(assumed.minutes);
        let v2_minutes = each.saturating_mul(assumed.executions).saturating_sub(FREE);
        let even = V1_CENTS * 10 / V2_TENTHS + FREE;
        Self {
            deployed,
            actions,
            assumed,
            v1_cents: V1_CENTS,
            v2_minutes,
            v2_cents: v2_minutes.saturating_mul(V2_TENTHS).div_ceil(10),
            even_at: even / each.max(1),
        }
    }
}

/// The type of the pipeline of a stack. `PipelineType` is V1 where a template does not say it.
fn type_of(template: &Value) -> Option<PipelineType> {
    let properties = template.at("Resources/Pipeline/Properties")?;
    match properties.get("PipelineType").and_then(Value::as_str) {
        Some("V2") => Some(PipelineType::V2),
        _ => Some(PipelineType::V1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_counted_beyond_those_that_are_free() {
        // 3 environments × 6 services.
        let cost = Cost::with(18, Some(PipelineType::V1));
        assert_eq!((cost.v1_cents, cost.v2_minutes, cost.v2_cents), (100, 3500, 700));
        assert_eq!(cost.even_at, 6);
        assert_eq!(Cost::with(0, None).v2_cents, 0);
    }
}
