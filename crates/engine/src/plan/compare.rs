//! A stack as it is to be beside the one that is deployed.

use std::collections::BTreeMap;

use copilot_cfn::Value;
use copilot_cfn::diff::Side;
use copilot_cfn::effect::effects;
use copilot_yaml::Source;

use super::against::hash;
use super::{Budget, Cost, Current, Difference, Proposed, StackPlan, Subject, attribution, nested, since};
use crate::difference::parse;
use crate::error::Error;

/// Parameters whose values are only known once images are built and files are uploaded.
fn is_made(name: &str) -> bool {
    name == "ContainerImage" || name == "AddonsTemplateURL" || name.contains("EnvFileARN")
}

/// Compares a stack, and the one that is nested in it; for a pipeline, also says what it costs.
pub(super) fn compare(
    mut proposed: Proposed,
    mut current: Option<Current>,
) -> Result<(Vec<StackPlan>, Option<Cost>), Error> {
    keep(&mut proposed, current.as_ref());
    let nested = nested::pair(&mut proposed, current.as_mut());
    let (stack, cost) = one(&proposed, current)?;
    let mut stacks = vec![stack];
    if let Some((proposed, current)) = nested {
        stacks.push(one(&proposed, current)?.0);
    }
    Ok((stacks, cost))
}

fn one(proposed: &Proposed, current: Option<Current>) -> Result<(StackPlan, Option<Cost>), Error> {
    let proposed_hash = hash(&proposed.text, Some(&proposed.parameters), Some(&proposed.tags));
    let deployed_hash = current.as_ref().map(Current::hash);
    let budget = Budget::of(proposed);
    let mut stack = StackPlan {
        subject: proposed.subject.clone(),
        stack: proposed.stack.clone(),
        creates: current.is_none(),
        version: None,
        differences: Vec::new(),
        budget,
        deployed_hash,
        proposed_hash,
        remote: None,
        drift: None,
        within: proposed.within.clone(),
    };
    let Some(current) = current else {
        let cost = proposed.pipeline.as_ref().map(|loaded| Cost::of(loaded, &Value::Null));
        stack.differences = differences(proposed, &Value::Null, &BTreeMap::new(), &BTreeMap::new(), None);
        return Ok((stack, cost));
    };
    let parameters = current.parameters.as_ref().unwrap_or(&proposed.parameters);
    let tags = current.tags.as_ref().unwrap_or(&proposed.tags);
    let is_pipeline = matches!(proposed.subject, Subject::Pipeline { .. });
    // What is the same to the byte need not be read.
    let same = current.text == proposed.text && *parameters == proposed.parameters && *tags == proposed.tags;
    if same && !is_pipeline {
        return Ok((stack, None));
    }
    let template = parse(&Source::new(current.name.as_str(), current.text.as_str()))?;
    stack.version = since::version_of(&template).map(str::to_owned);
    let cost = proposed.pipeline.as_ref().map(|loaded| Cost::of(loaded, &template));
    if !same {
        stack.differences = differences(proposed, &template, parameters, tags, stack.version.as_deref());
    }
    Ok((stack, cost))
}

/// Takes over what stays as it is deployed, and what can't be known before something is built.
pub(super) fn keep(proposed: &mut Proposed, current: Option<&Current>) {
    let Some(deployed) = current.and_then(|current| current.parameters.as_ref()) else { return };
    for name in &proposed.kept {
        if let Some(value) = deployed.get(*name) {
            proposed.parameters.insert((*name).to_owned(), value.clone());
        }
    }
    for (name, value) in &mut proposed.parameters {
        if value.is_empty()
            && is_made(name)
            && let Some(known) = deployed.get(name)
        {
            value.clone_from(known);
        }
    }
}

fn differences(
    proposed: &Proposed,
    template: &Value,
    parameters: &BTreeMap<String, String>,
    tags: &BTreeMap<String, String>,
    version: Option<&str>,
) -> Vec<Difference> {
    let old = Side { template, parameters, tags };
    let new = Side { template: &proposed.template, parameters: &proposed.parameters, tags: &proposed.tags };
    let lines =
        proposed.manifest.as_ref().map(|manifest| attribution::Lines::new(&proposed.subject, manifest));
    let of = |effect| Difference {
        place: lines.as_ref().and_then(|lines| lines.place(&effect)),
        since: version.and_then(|version| since::since(&proposed.subject, &effect, version)),
        effect,
    };
    effects(old, new).into_iter().map(of).collect()
}
