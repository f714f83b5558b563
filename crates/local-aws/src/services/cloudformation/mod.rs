//! CloudFormation: stacks, change sets and StackSets that go through their states as on AWS.

mod changes;
mod changesets;
mod custom;
mod describe;
mod drift;
mod engine;
mod exports;
mod hierarchy;
mod model;
mod nested;
mod operations;
mod policy;
pub(crate) mod resources;
mod stacks;
mod stacksets;
mod summary;
mod surprises;
mod template;
mod update;

pub(crate) use custom::Invocations;
pub(crate) use engine::Progress;
pub(crate) use model::{Resource, Stack, Stacks};
pub(crate) use stacksets::StackSets;
pub use surprises::Validation;
pub(crate) use surprises::{Drift, Replaced};

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value as Json;

use crate::core::caller::Caller;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use template::evaluate::Evaluator;
use template::parameters::Values;

/// CloudFormation itself, at work in an account and region.
fn acting(scope: &str) -> Caller {
    let (account, region) = State::of_scope(scope);
    Caller::service(account, region, "cloudformation")
}

/// Evaluates pieces of `template` for a stack; `lenient` if what does not exist yet is no error.
fn evaluator<'a>(
    world: &'a World,
    caller: &'a Caller,
    stack: &'a Stack,
    template: &'a Json,
    parameters: &'a Values,
    lenient: bool,
) -> Evaluator<'a> {
    Evaluator {
        world,
        caller,
        stack_name: &stack.name,
        stack_id: &stack.id,
        template,
        parameters,
        resources: &stack.resources,
        lenient,
        replaced: Vec::new(),
        conditions: RefCell::new(HashMap::new()),
    }
}

/// Moves stacks and StackSet operations on by one step; whether there were any.
pub(crate) fn tick(world: &mut World) -> bool {
    let stacks = engine::tick(world);
    changesets::tick(world) | stacksets::tick(world) | stacks
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateStack" => stacks::create(world, caller, input),
        "UpdateStack" => update::update(world, caller, input),
        "DeleteStack" => stacks::delete(world, caller, input),
        "CancelUpdateStack" => update::cancel(world, caller, input),
        "ContinueUpdateRollback" => update::continue_rollback(world, caller, input),
        "UpdateTerminationProtection" => stacks::protect(world, caller, input),
        "SetStackPolicy" | "GetStackPolicy" => stacks::policy(world, caller, operation, input),
        "DescribeStacks"
        | "ListStacks"
        | "DescribeStackEvents"
        | "DescribeStackResources"
        | "DescribeStackResource"
        | "ListStackResources"
        | "ListExports"
        | "ListImports" => describe::call(world, caller, operation, input),
        "GetTemplate" | "GetTemplateSummary" | "ValidateTemplate" => {
            summary::call(world, caller, operation, input)
        }
        "DescribeEvents" => operations::events(world, caller, input),
        "DetectStackDrift" | "DescribeStackDriftDetectionStatus" | "DescribeStackResourceDrifts" => {
            drift::call(world, caller, operation, input)
        }
        "CreateChangeSet" | "DescribeChangeSet" | "ExecuteChangeSet" | "DeleteChangeSet"
        | "ListChangeSets" => changesets::call(world, caller, operation, input),
        _ if operation.contains("StackSet") || operation.contains("StackInstance") => {
            stacksets::call(world, caller, operation, input)
        }
        _ => Err(AwsError::unknown_operation("cloudformation", operation)),
    }
}
