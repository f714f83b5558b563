//! Functions that only work something out.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::Answer;
use crate::core::input::Input;
use crate::services::cloudformation::engine::Work;
use crate::services::cloudformation::model::Resource;
use crate::services::cloudformation::template::scalar;

/// Rules for the root path get priorities from here on, so that all others come before them.
const ROOT: i64 = 48_000;
/// The last priority that a rule can have.
const LAST: i64 = 50_000;

/// Aliases of workloads: JSON text of a map from workload to list.
pub(super) fn aliases(text: &str) -> Result<Map<String, Json>, String> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text)
        .map_err(|_| format!("the aliases are not a map from workload to aliases: {text}"))
}

/// The items of a list.
pub(super) fn items(list: &Json) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(scalar).filter(|item| !item.is_empty()).collect()
}

/// The distinct aliases of the workloads that are asked for, and of what is given besides.
pub(super) fn unique(properties: &Json) -> Result<Vec<String>, String> {
    let all = aliases(properties.text("Aliases").unwrap_or_default())?;
    let asked: Vec<&str> = properties.text("FilterFor").unwrap_or_default().split(',').collect();
    let of_workloads =
        all.iter().filter(|(name, _)| asked.contains(&name.as_str())).flat_map(|(_, list)| items(list));
    let besides = properties.get("AdditionalStrings").map(items).unwrap_or_default();
    let values: BTreeSet<String> = of_workloads.chain(besides).collect();
    Ok(values.into_iter().collect())
}

/// Free priorities on a listener, one for each path.
pub(super) fn priorities(work: &Work, resource: &Resource) -> Answer {
    let listener = resource.properties.text("ListenerArn").unwrap_or_default();
    let taken = taken(work, listener);
    let mut next = taken.iter().copied().filter(|priority| *priority < ROOT).max().unwrap_or(0);
    let mut next_root = taken.iter().copied().filter(|priority| *priority >= ROOT).min().unwrap_or(LAST + 1);
    let mut answer = Answer::of(format!("alb-rule-priority-{}", resource.logical_id));
    for (at, path) in resource.properties.texts("RulePath").iter().enumerate() {
        let priority = if path == "/" {
            next_root -= 1;
            next_root
        } else {
            next += 1;
            next
        };
        let name = if at == 0 { "Priority".to_owned() } else { format!("Priority{at}") };
        answer = answer.with(name, priority);
    }
    answer
}

/// The priorities of a listener's rules in all stacks.
fn taken(work: &Work, listener: &str) -> Vec<i64> {
    let here = work.world.state.regional.get(&work.caller.scope());
    let others = here.into_iter().flat_map(|here| here.stacks.live());
    others
        .chain(std::iter::once(&*work.stack))
        .flat_map(|stack| stack.resources.values())
        .filter(|rule| rule.kind == "AWS::ElasticLoadBalancingV2::ListenerRule" && rule.physical_id.is_some())
        .filter(|rule| rule.properties.text("ListenerArn") == Some(listener))
        .filter_map(|rule| rule.properties.get("Priority").and_then(scalar)?.parse().ok())
        .collect()
}
