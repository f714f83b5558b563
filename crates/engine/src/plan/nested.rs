//! Stacks of addons, which are nested in those of workloads and environments: planned as stacks of their own.

use std::collections::BTreeMap;

use copilot_cfn::Value;

use super::{Current, Proposed, Subject};

/// The nested stack's name in the template of every workload and environment.
pub(super) const LOGICAL_ID: &str = "AddonsStack";

/// A nested stack as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    pub(super) template: Value,
    pub(super) text: String,
}

impl Nested {
    /// Of the addons of a stack, where it has any.
    pub(super) fn of(template: Option<Value>, text: Option<String>) -> Option<Self> {
        template.zip(text).map(|(template, text)| Self { template, text })
    }
}

/// Which stack another one is nested in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Name of the outer one.
    pub stack: String,
    /// The nested one's name in its template.
    pub logical_id: String,
}

/// The nested stack of a stack, as it is to be and as it is deployed; `None` if there is neither.
pub(super) fn pair(
    parent: &mut Proposed,
    current: Option<&mut Current>,
) -> Option<(Proposed, Option<Current>)> {
    let proposed = parent.nested.take();
    let deployed = current.map(|current| (std::mem::take(&mut current.nested), current.has_nested()));
    let (mut found, has_one) = deployed.unwrap_or_default();
    // Names of nested stacks may be cut, and there is only one.
    let place = found.keys().next().cloned();
    let (logical_id, old) = match place.and_then(|name| found.remove_entry(&name)) {
        Some((_, old)) => (LOGICAL_ID.to_owned(), Some(old)),
        // It is deployed, but what it is made of is not known.
        None if has_one => return None,
        None => (LOGICAL_ID.to_owned(), None),
    };
    if proposed.is_none() && old.is_none() {
        return None;
    }
    let new = proposed.unwrap_or_else(|| Nested { template: Value::Null, text: String::new() });
    let subject = match &parent.subject {
        Subject::Workload { workload, environment } => {
            Subject::Addons { workload: Some(workload.clone()), environment: environment.clone() }
        }
        Subject::Environment { name } => Subject::Addons { workload: None, environment: name.clone() },
        Subject::Pipeline { .. } | Subject::Addons { .. } => return None,
    };
    let stack = old.as_ref().and_then(|old| old.stack.clone());
    let nested = Proposed {
        subject,
        stack: stack.unwrap_or_else(|| format!("{}-{logical_id}", parent.stack)),
        parameters: parameters(parent, &new.template, old.as_ref()),
        // It has those of the outer stack, where a difference is told.
        tags: old.as_ref().and_then(|old| old.tags.clone()).unwrap_or_else(|| parent.tags.clone()),
        template: new.template,
        text: new.text,
        kept: Vec::new(),
        manifest: None,
        pipeline: None,
        nested: None,
        within: Some(Within { stack: parent.stack.clone(), logical_id }),
    };
    Some((nested, old))
}

/// Values of its parameters: what the outer stack gives, as far as that is known before, or else what they are now.
fn parameters(parent: &Proposed, template: &Value, old: Option<&Current>) -> BTreeMap<String, String> {
    let given = parent.template.at(&format!("Resources/{LOGICAL_ID}/Properties/Parameters"));
    let known = old.and_then(|old| old.parameters.as_ref());
    let declared = template.get("Parameters").and_then(Value::as_map).into_iter().flatten();
    let value = |name: &str| {
        let written = given?.get(name)?;
        let referred = written.get("Ref").and_then(Value::as_str);
        match referred {
            Some(parameter) => parent.parameters.get(parameter).cloned(),
            None => written.scalar_text().map(std::borrow::Cow::into_owned),
        }
    };
    declared
        .filter_map(|(name, _)| {
            let value = value(name).or_else(|| known?.get(name).cloned())?;
            Some((name.to_owned(), value))
        })
        .collect()
}
