//! Carrying out operations on stacks, one step per tick.

mod action;
mod backward;
mod forward;

use std::collections::BTreeSet;

pub(crate) use action::{Progress, differing, takes_tags};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::acting;
use super::model::{Output, Resource, Stack};
use super::template::parameters::Values;
use crate::core::caller::Caller;
use crate::core::world::World;
use crate::services::tags::Tags;

/// Where an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Resources of a new stack are made.
    Create,
    /// Resources of an existing stack are changed, new ones made.
    Update,
    /// After an update, what is no longer needed is removed.
    Cleanup,
    /// After a failed creation, everything is removed.
    RollbackCreate,
    /// After a failed update, what was changed is changed back.
    RollbackUpdate,
    /// After that, what had been made is removed.
    RollbackCleanup,
    /// Everything is removed.
    Delete,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    /// Nothing.
    Keep,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// A new one takes its place.
    Replace,
}

/// How far a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// It waits for others.
    Waiting,
    /// It is being worked on.
    Running(Change),
    /// It is as it should be.
    Done(Change),
    /// It could not be done.
    Failed(Change),
}

/// What a stack was before an update.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Previous {
    pub(crate) body: String,
    pub(crate) template: Json,
    pub(crate) parameters: Values,
    pub(crate) tags: Tags,
    pub(crate) capabilities: Vec<String>,
    pub(crate) resources: IndexMap<String, Resource>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) change_set_id: Option<String>,
}

/// Something under way on a stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) phase: Phase,
    pub(crate) begun: bool,
    /// Resources by logical id, in the order of the template.
    pub(crate) steps: IndexMap<String, Step>,
    pub(crate) previous: Option<Box<Previous>>,
    /// Resources that the stack no longer has but that still exist.
    pub(crate) leftovers: Vec<Resource>,
    /// Whether deleting them has begun.
    pub(crate) sweeping: bool,
    /// Logical ids to leave alone when the stack is deleted.
    pub(crate) retain: Vec<String>,
    /// Whether someone asked to cancel the update.
    pub(crate) cancelled: bool,
    /// Logical ids of custom resources that have another stack updated.
    #[serde(default)]
    pub(crate) asked: BTreeSet<String>,
}

impl Operation {
    pub(crate) fn new(phase: Phase) -> Self {
        Self {
            phase,
            begun: false,
            steps: IndexMap::new(),
            previous: None,
            leftovers: Vec::new(),
            sweeping: false,
            retain: Vec::new(),
            cancelled: false,
            asked: BTreeSet::new(),
        }
    }
}

/// A stack that is being worked on, taken out of the world for the time of a step.
pub(crate) struct Work<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) caller: &'a Caller,
    pub(crate) stack: &'a mut Stack,
    pub(crate) operation: &'a mut Operation,
}

/// Moves every operation on by one step; whether there was any.
pub(crate) fn tick(world: &mut World) -> bool {
    let busy: Vec<(String, String)> = world
        .state
        .regional
        .iter()
        .flat_map(|(scope, here)| {
            here.stacks
                .by_id
                .values()
                .filter(|stack| stack.operation.is_some())
                .map(move |stack| (scope.clone(), stack.id.clone()))
        })
        .collect();
    world.invocations.keep(&busy);
    for (scope, id) in &busy {
        step(world, scope, id);
    }
    !busy.is_empty()
}

fn step(world: &mut World, scope: &str, id: &str) {
    let Some(mut stack) = world.state.at(scope).stacks.by_id.get(id).cloned() else { return };
    let Some(mut operation) = stack.operation.take() else { return };
    let caller = acting(scope);
    let work = Work { world, caller: &caller, stack: &mut stack, operation: &mut operation };
    let goes_on = match work.operation.phase {
        Phase::Create | Phase::Update => forward::step(work),
        Phase::RollbackCreate | Phase::Delete => backward::remove_all(work),
        Phase::RollbackUpdate => backward::change_back(work),
        Phase::Cleanup | Phase::RollbackCleanup => backward::sweep(work),
    };
    stack.operation = goes_on.then_some(operation);
    world.state.at(scope).stacks.by_id.insert(id.to_owned(), stack);
}
