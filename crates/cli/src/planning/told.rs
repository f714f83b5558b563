//! What CloudFormation says of a stack besides the plan: that it refuses a change, that it judges otherwise, that somebody has
//! changed something behind its back.

use std::fmt::Write as _;

use copilot_cfn::effect::Class;
use copilot_deployer::stack::{Drifted, DriftedProperty, Invalid, PropertyChange};
use copilot_engine::plan::{Disagreement, Fate, Plan, StackPlan};

use crate::phrases::count;

/// Something that is said of a stack.
pub(super) struct Told {
    /// In a word.
    pub(super) label: &'static str,
    /// As bad as a difference of this class.
    pub(super) class: Class,
    /// In a sentence.
    pub(super) text: String,
}

/// All that is said of a stack, the worst first.
pub(super) fn of(stack: &StackPlan) -> Vec<Told> {
    let mut all = Vec::new();
    if let Some(remote) = &stack.remote {
        let refused = remote.refused.iter().map(|reason| Told {
            label: "refused",
            class: Class::Removal,
            text: format!("CloudFormation refuses the change: {}", one_line(reason)),
        });
        all.extend(refused);
        all.extend(remote.findings.iter().map(finding));
        all.extend(remote.disagreements.iter().map(disagreement));
    }
    if let Some(drift) = &stack.drift {
        all.extend(drift.resources.iter().flat_map(drifted));
        all.extend(drift.incomplete.iter().map(|reason| Told {
            label: "drift",
            class: Class::Unknown,
            text: format!("not everything could be looked at: {}", one_line(reason)),
        }));
    }
    all
}

/// What is said of the plan as a whole.
pub(super) fn remarks(plan: &Plan) -> Vec<String> {
    let mut remarks = Vec::new();
    let asked = plan.stacks.iter().filter_map(|stack| stack.remote.as_ref());
    let unread = asked.clone().find_map(|remote| remote.unread.as_ref());
    remarks.extend(unread.map(|why| format!("What CloudFormation has validated can't be read: {why}.")));
    let (number, differing) = (asked.clone().count(), asked.filter(|remote| !remote.is_quiet()).count());
    if number > 0 && differing == 0 {
        remarks.push(format!("CloudFormation says the same of {}.", count(number, "stack")));
    }
    let looked: Vec<_> = plan.stacks.iter().filter_map(|stack| stack.drift.as_ref()).collect();
    let resources = looked.iter().map(|drift| drift.resources.len()).sum();
    match (looked.len(), resources) {
        (0, _) => {}
        (stacks, 0) => remarks.push(format!("Nothing has drifted in {}.", count(stacks, "stack"))),
        (stacks, _) => remarks.push(format!(
            "{} of {} changed outside of CloudFormation.",
            count(resources, "resource"),
            count(stacks, "stack")
        )),
    }
    remarks
}

fn finding(found: &Invalid) -> Told {
    let (label, class) =
        if found.fails { ("invalid", Class::Removal) } else { ("warning", Class::Interruption) };
    let text = Invalid { reason: one_line(&found.reason), ..found.clone() }.to_string();
    Told { label, class, text }
}

fn disagreement(found: &Disagreement) -> Told {
    let mut text = format!(
        "{}: CloudFormation says that it {}, this plan that it {}",
        titled(&found.resource, &found.resource_type),
        fate(found.theirs),
        fate(found.ours)
    );
    let causes: Vec<String> = found.causes.iter().map(cause).collect();
    if !causes.is_empty() {
        let _ = write!(text, " ({})", causes.join("; "));
    }
    Told { label: "disagreement", class: found.theirs.class().unwrap_or(Class::Unknown), text }
}

const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Unchanged => "stays as it is",
        Fate::Changed => "is updated in place",
        Fate::Added => "is created",
        Fate::MayBeReplaced => "may be replaced",
        Fate::Replaced => "is replaced",
        Fate::Removed => "is deleted",
    }
}

fn cause(change: &PropertyChange) -> String {
    let path = change.path.trim_start_matches("/Properties/");
    match (&change.old, &change.new) {
        (None, None) => path.to_owned(),
        (old, new) => format!("{path}: {} -> {}", value(old.as_ref()), value(new.as_ref())),
    }
}

fn drifted(resource: &Drifted) -> Vec<Told> {
    let title = titled(&resource.logical_id, &resource.kind);
    let told = |text: String| Told { label: "drift", class: Class::Interruption, text };
    if resource.deleted {
        return vec![told(format!("{title}: was deleted outside of CloudFormation"))];
    }
    let property = |property: &DriftedProperty| {
        told(format!(
            "{title} {}: {} expected, {} found",
            property.path.trim_start_matches('/'),
            value(property.expected.as_ref()),
            value(property.actual.as_ref())
        ))
    };
    resource.properties.iter().map(property).collect()
}

fn titled(name: &str, kind: &str) -> String {
    if kind.is_empty() { name.to_owned() } else { format!("{name} ({kind})") }
}

fn value(value: Option<&String>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| super::words::shortened(&one_line(value)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
