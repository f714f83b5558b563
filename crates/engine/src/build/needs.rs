//! What a run has to know of AWS, as its manifests tell.

use std::collections::BTreeSet;

use copilot_deployer::facts::{Question, Wanted};
use copilot_manifest::workload::{Network, Placement, Subnets, WorkloadConfig};
use copilot_stack::Facts;

use super::units::Unit;
use crate::environment::LoadedManifest;

/// Only questions whose answers matter are asked: each costs calls in every environment.
pub(crate) fn wanted(units: &[Unit], loaded: &[LoadedManifest]) -> Wanted {
    let any = |test: fn(&WorkloadConfig) -> bool| units.iter().any(|unit| test(&unit.workload.config));
    let mut questions = vec![Question::EnvironmentStacks];
    if any(looks_up_subnets) {
        questions.push(Question::Subnets);
    }
    if any(subscribes) {
        questions.push(Question::Topics);
    }
    for question in loaded.iter().flat_map(LoadedManifest::questions) {
        if !questions.contains(&question) {
            questions.push(question);
        }
    }
    let own = loaded.iter().map(|environment| environment.name.clone());
    let environments: BTreeSet<_> =
        units.iter().map(|unit| unit.pair.environment.clone()).chain(own).collect();
    let load_balancers: BTreeSet<_> = units.iter().filter_map(load_balancer).collect();
    Wanted {
        environments: Some(environments.into_iter().collect()),
        questions,
        load_balancers: load_balancers.into_iter().collect(),
        connections: Vec::new(),
    }
}

/// A topic that the same run brings into an environment counts as being there: a worker and the service that it listens to
/// could never be deployed together for the first time otherwise.
pub(crate) fn expect_topics(facts: &mut Facts, units: &[Unit]) {
    for unit in units {
        let environment = facts.environments.get_mut(&unit.pair.environment);
        let Some(known) = environment.and_then(|environment| environment.topics.as_mut()) else { continue };
        for topic in published(&unit.workload.config) {
            let topic = format!("{}/{topic}", unit.pair.workload);
            if !known.contains(&topic) {
                known.push(topic);
            }
        }
    }
}

fn published(config: &WorkloadConfig) -> impl Iterator<Item = String> {
    let topics = config.publish().and_then(|publish| publish.topics.as_deref());
    topics.into_iter().flatten().filter_map(|topic| {
        let name = topic.name.as_deref()?;
        Some(if topic.is_fifo() { format!("{name}.fifo") } else { name.clone() })
    })
}

fn subscribes(config: &WorkloadConfig) -> bool {
    let WorkloadConfig::WorkerService(config) = config else { return false };
    let topics = config.subscribe.as_deref().and_then(|subscribe| subscribe.topics.as_deref());
    topics.is_some_and(|topics| !topics.is_empty())
}

fn looks_up_subnets(config: &WorkloadConfig) -> bool {
    let network = config.ecs().and_then(|shared| shared.network);
    let placement = |network: &Network| -> Option<bool> {
        let Placement::Fields(fields) = network.vpc.as_deref()?.placement.as_deref()? else { return None };
        Some(matches!(fields.subnets.as_deref()?, Subnets::FromTags(_)))
    };
    network.and_then(placement).unwrap_or_default()
}

/// The environment and the load balancer that a service brings along.
fn load_balancer(unit: &Unit) -> Option<(String, String)> {
    let http = match &unit.workload.config {
        WorkloadConfig::LoadBalancedWebService(config) => config.http.as_deref()?.http()?,
        WorkloadConfig::BackendService(config) => config.http.as_deref()?,
        _ => return None,
    };
    let name = http.alb.as_deref().filter(|name| !name.is_empty())?;
    Some((unit.pair.environment.clone(), name.clone()))
}
