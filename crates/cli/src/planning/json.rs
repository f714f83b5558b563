//! A plan for programs.

use copilot_cfn::classes::SCHEMA_DATE;
use copilot_cfn::effect::{Cause, Class, Remark};
use copilot_cfn::{Value, diff::Kind};
use copilot_deployer::stack::Drift;
use copilot_engine::plan::{Cost, Limit, Place, Plan, Remote, StackPlan, Subject};
use serde::Serialize;

/// The whole plan.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    application: &'a str,
    pipeline: &'a str,
    changes: bool,
    worst: Option<Class>,
    stacks: Vec<Stack<'a>>,
    cost: Option<&'a Cost>,
    /// Of the registry's schemas that the classes come from.
    schema_date: &'static str,
}

#[expect(clippy::struct_field_names, reason = "a key of the output")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stack<'a> {
    stack: &'a str,
    subject: &'a Subject,
    creates: bool,
    worst: Option<Class>,
    version: Option<&'a str>,
    differences: Vec<Difference<'a>>,
    limits: &'a [Limit],
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'a Remote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<&'a Drift>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Difference<'a> {
    class: Class,
    section: &'a str,
    name: &'a str,
    resource_type: Option<&'a str>,
    path: String,
    kind: Kind,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
    cause: Option<&'a Cause>,
    remark: Option<Remark>,
    manifest: Option<&'a Place>,
    since: Option<&'a str>,
}

impl<'a> Document<'a> {
    pub(super) fn of(plan: &'a Plan, pipeline: &'a str) -> Self {
        Self {
            application: &plan.application,
            pipeline,
            changes: !plan.is_empty(),
            worst: plan.worst(),
            stacks: plan.stacks.iter().map(Stack::of).collect(),
            cost: plan.cost.as_ref(),
            schema_date: SCHEMA_DATE,
        }
    }
}

impl<'a> Stack<'a> {
    fn of(stack: &'a StackPlan) -> Self {
        let differences = stack.differences.iter().map(|difference| {
            let (effect, change) = (&difference.effect, &difference.effect.change);
            Difference {
                class: effect.class,
                section: &change.section,
                name: &change.name,
                resource_type: change.resource_type.as_deref(),
                path: change.path_text(),
                kind: change.kind,
                old: change.old.as_ref(),
                new: change.new.as_ref(),
                cause: effect.cause.as_ref(),
                remark: effect.remark,
                manifest: difference.place.as_ref(),
                since: difference.since,
            }
        });
        Self {
            stack: &stack.stack,
            subject: &stack.subject,
            creates: stack.creates,
            worst: stack.worst(),
            version: stack.version.as_deref(),
            differences: differences.collect(),
            limits: &stack.budget.limits,
            remote: stack.remote.as_ref(),
            drift: stack.drift.as_ref(),
        }
    }
}
