//! What all ways of showing a plan say in the same words.

use copilot_cfn::Value;
use copilot_cfn::diff::{Kind, PARAMETERS, TAGS};
use copilot_cfn::effect::{Cause, Class, Remark};
use copilot_cfn::write::to_yaml;
use copilot_engine::plan::{Cost, Difference, Limit, PipelineType, Plan, Subject};

use super::Group;
use crate::phrases::count;

/// Letters of a value that are shown.
const LONGEST: usize = 60;
/// Percent of a limit from which on it is told.
const NEAR: usize = 80;

pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Text => "text",
        Class::Parameter => "parameter",
        Class::Added => "added",
        Class::InPlace => "in place",
        Class::Revision => "new revision",
        Class::Interruption => "interruption",
        Class::MayReplace => "may replace",
        Class::Structure => "structure",
        Class::Replacement => "replacement",
        Class::Removal => "removal",
        Class::Unknown => "unknown",
    }
}

/// What a class means, for those who meet it for the first time.
pub(super) const fn meaning(class: Class) -> &'static str {
    match class {
        Class::Text => "no resource changes",
        Class::Parameter => "a value or a tag; what it does is told where it acts",
        Class::Added => "it is created",
        Class::InPlace => "it is updated and stays",
        Class::Revision => "a task definition gets its next revision",
        Class::Interruption => "it is updated, with some interruption",
        Class::MayReplace => "it may be created anew",
        Class::Structure => "executions up to now can't be rolled back to any more",
        Class::Replacement => "it is created anew, and the old one is deleted",
        Class::Removal => "it is deleted",
        Class::Unknown => "nobody knows before it is done",
    }
}

pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Pipeline { name } => format!("pipeline {name}"),
        Subject::Environment { name } => format!("environment {name}"),
        Subject::Workload { workload, environment } => format!("{workload} in {environment}"),
        Subject::Addons { workload: Some(workload), environment } => {
            format!("addons of {workload} in {environment}")
        }
        Subject::Addons { workload: None, environment } => format!("addons of environment {environment}"),
    }
}

/// What a group is called.
pub(super) fn title(group: &Group<'_>) -> String {
    match (group.section, group.name, group.kind) {
        (section, "", _) => section.to_owned(),
        (_, name, Some(kind)) => format!("{name} ({kind})"),
        (PARAMETERS | TAGS, name, _) => name.to_owned(),
        (section, name, None) => format!("{section}.{name}"),
    }
}

/// Path, and old and new value of a difference.
pub(super) fn change(difference: &Difference) -> String {
    let change = &difference.effect.change;
    let path = change.path_text();
    let path = path.strip_prefix("Properties.").unwrap_or(&path);
    let values = match (&change.old, &change.new) {
        (Some(_), Some(_)) if change.kind == Kind::Reordered => "in another order".to_owned(),
        (Some(old), Some(new)) => format!("{} -> {}", value(old), value(new)),
        _ if path.is_empty() && !matches!(change.section.as_str(), PARAMETERS | TAGS) => match change.kind {
            Kind::Added => "created".to_owned(),
            _ => "deleted".to_owned(),
        },
        (None, Some(new)) if change.kind == Kind::Added => format!("+ {}", value(new)),
        (None, Some(new)) => value(new),
        (Some(old), None) => format!("- {}", value(old)),
        (None, None) => String::new(),
    };
    if path.is_empty() { values } else { format!("{path}: {values}") }
}

/// A value in a line.
fn value(value: &Value) -> String {
    let yaml = to_yaml(value);
    let text = match (yaml.trim_end(), value) {
        (line, _) if !line.contains('\n') => line.to_owned(),
        (_, Value::Map(map)) => format!("{{{}}}", count(map.len(), "key")),
        (_, Value::List(items)) => format!("[{}]", count(items.len(), "item")),
        (_, Value::String(text)) => format!("{}…", text.lines().next().unwrap_or_default()),
        _ => "…".to_owned(),
    };
    shortened(&text)
}

/// A text that fits a line.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why, and what else there is to say.
pub(super) fn notes(difference: &Difference) -> Vec<String> {
    let mut notes = Vec::new();
    match &difference.effect.cause {
        Some(Cause::Follows(name)) => notes.push(format!("follows {name}")),
        Some(Cause::Values) => notes.push("by values of parameters".to_owned()),
        None => {}
    }
    notes.extend(difference.effect.remark.map(|remark| {
        match remark {
            Remark::Kept => "the old one is kept",
            Remark::Snapshot => "a snapshot of the old one is taken",
            Remark::WithoutEffect => "without effect",
            Remark::TypeChanged => "CloudFormation refuses to change a type",
        }
        .to_owned()
    }));
    notes.extend(difference.since.map(|since| format!("Copilot since {since}")));
    notes
}

/// The line of the manifest.
pub(super) fn place(difference: &Difference) -> Option<String> {
    let place = difference.place.as_ref()?;
    Some(format!("{}:{} {}", place.file, place.line, place.key))
}

/// What happens, in one line.
pub(super) fn summary(plan: &Plan) -> String {
    let summary = plan.summary();
    if plan.is_empty() {
        return format!("Nothing changes in {}.", count(summary.same, "stack"));
    }
    let mut parts = Vec::new();
    let classes: Vec<String> =
        summary.classes.iter().map(|(kind, number)| format!("{}: {number}", class(*kind))).collect();
    if summary.changes > 0 {
        let classes = if classes.is_empty() { String::new() } else { format!(" ({})", classes.join(", ")) };
        parts.push(format!("{} changed{classes}", count(summary.changes, "stack")));
    }
    if summary.creates > 0 {
        parts.push(format!("{} created", count(summary.creates, "stack")));
    }
    if summary.same > 0 {
        parts.push(format!("{} unchanged", count(summary.same, "stack")));
    }
    format!("{}.", parts.join("; "))
}

/// What else there is to know of the plan, a line each.
pub(super) fn remarks(plan: &Plan) -> Vec<String> {
    let mut remarks = super::told::remarks(plan);
    let anyway = plan.stacks.iter().flat_map(|stack| &stack.differences);
    match anyway.filter(|difference| difference.since.is_some()).count() {
        0 => {}
        number => {
            remarks.push(format!("{} would come with a newer Copilot, too.", count(number, "difference")));
        }
    }
    for stack in &plan.stacks {
        let near = stack.budget.limits.iter().filter(|limit| limit.percent() >= NEAR);
        remarks.extend(near.map(|limit| format!("{}: {}.", stack.stack, self::limit(limit))));
    }
    remarks.extend(plan.cost.as_ref().map(cost));
    remarks
}

pub(super) fn limit(limit: &Limit) -> String {
    format!("{} of {} {} ({} %)", limit.used, limit.most, limit.what, limit.percent())
}

/// What the pipeline costs, with the arithmetic.
pub(super) fn cost(cost: &Cost) -> String {
    let deployed = match cost.deployed {
        Some(PipelineType::V1) => " (V1 is deployed)",
        Some(PipelineType::V2) => " (V2 is deployed)",
        None => "",
    };
    format!(
        "The pipeline costs ${} a month as V1, ${} as V2{deployed}: {} × {} min × {} executions - 100 min free = {} min at \
         $0.002. V2 costs more from {} a month on.",
        dollars(cost.v1_cents),
        dollars(cost.v2_cents),
        count(usize::try_from(cost.actions).unwrap_or_default(), "action"),
        cost.assumed.minutes,
        cost.assumed.executions,
        cost.v2_minutes,
        count(usize::try_from(cost.even_at).unwrap_or_default() + 1, "execution"),
    )
}

fn dollars(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
