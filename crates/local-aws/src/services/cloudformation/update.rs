//! Updating stacks.

use serde_json::{Value as Json, json};

use super::changes::{Wanted, changes, outputs_differ};
use super::engine::{Operation, Phase, Previous, Step};
use super::template::{self, check, parameters, section};
use super::{acting, evaluator, stacks};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags::{self, Tags};

/// What a stack is to become.
pub(super) struct Target {
    pub(super) body: String,
    pub(super) template: Json,
    /// Parameters as a request gives them.
    pub(super) given: Vec<Json>,
    pub(super) tags: Tags,
    pub(super) capabilities: Vec<String>,
    pub(super) change_set_id: Option<String>,
}

/// Refuses a stack that is not in a state to be updated.
pub(super) fn updatable(id: &str, status: &str) -> Result<(), AwsError> {
    let fine = matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "UPDATE_FAILED"
            | "IMPORT_COMPLETE"
    );
    if fine {
        Ok(())
    } else {
        Err(AwsError::validation(format!("Stack:{id} is in {status} state and can not be updated.")))
    }
}

/// Starts an update, or says that there is nothing to update.
pub(super) fn begin(world: &mut World, scope: &str, id: &str, target: Target) -> Result<(), AwsError> {
    check::check(&target.template)?;
    template::acknowledged(&target.template, &target.capabilities)?;
    let old = stacks::stack(world, scope, id)?.clone();
    updatable(&old.id, &old.status)?;
    let values = parameters::resolve(world, scope, &target.template, &target.given, Some(&old.parameters))?;
    let retyped = section(&target.template, "Resources").find(|(name, resource)| {
        let kept = old.resources.get(*name).filter(|old| old.physical_id.is_some());
        kept.is_some_and(|kept| resource.text("Type") != Some(kept.kind.as_str()))
    });
    if let Some((name, _)) = retyped {
        return Err(AwsError::validation(format!(
            "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{name}]"
        )));
    }
    let wanted = Wanted { template: &target.template, parameters: &values, tags: &target.tags };
    // What cannot be evaluated now fails later, as an event.
    let none = changes(world, scope, &old, &wanted).is_ok_and(|changes| changes.is_empty());
    if none && !outputs_differ(world, scope, &old, &wanted) && old.tags == target.tags {
        return Err(AwsError::validation("No updates are to be performed."));
    }
    let mut operation = Operation::new(Phase::Update);
    {
        let caller = acting(scope);
        let evaluator = evaluator(world, &caller, &old, &target.template, &values, true);
        for (name, resource) in section(&target.template, "Resources") {
            if evaluator.applies(resource).map_err(AwsError::validation)? {
                operation.steps.insert(name.clone(), Step::Waiting);
            }
        }
    }
    let time = world.now();
    let stack = stacks::stack(world, scope, id)?;
    // What an earlier failed update left without a resource behind it counts for nothing.
    stack.resources.retain(|_, resource| resource.physical_id.is_some());
    operation.previous = Some(Box::new(Previous {
        body: std::mem::replace(&mut stack.body, target.body),
        template: std::mem::replace(&mut stack.template, target.template),
        parameters: std::mem::replace(&mut stack.parameters, values),
        tags: std::mem::replace(&mut stack.tags, target.tags),
        capabilities: std::mem::replace(&mut stack.capabilities, target.capabilities),
        resources: stack.resources.clone(),
        outputs: stack.outputs.clone(),
        change_set_id: stack.change_set_id.clone(),
    }));
    if target.change_set_id.is_some() {
        stack.change_set_id = target.change_set_id;
    }
    stack.updated = Some(time);
    stack.turn(time, "UPDATE_IN_PROGRESS", Some("User Initiated"));
    stack.operation = Some(operation);
    Ok(())
}

pub(super) fn update(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let name = input.need("StackName")?;
    let missing = || AwsError::validation(format!("Stack [{name}] does not exist"));
    let id = world.state.at(&scope).stacks.find(name).map(str::to_owned).ok_or_else(missing)?;
    let brought = stacks::source(world, input)?;
    stacks::usable_role(world, input.text("RoleARN"))?;
    let stack = stacks::stack(world, &scope, &id)?;
    updatable(&stack.id, &stack.status)?;
    let (body, template) = match brought {
        Some(brought) => brought,
        None if input.flag("UsePreviousTemplate") => (stack.body.clone(), stack.template.clone()),
        None => return Err(AwsError::validation("Either Template URL or Template Body must be specified.")),
    };
    let target = Target {
        body,
        template,
        given: input.list("Parameters").to_vec(),
        // Without tags in the request the stack keeps its own.
        tags: if input.has("Tags") { tags::read(input.list("Tags")) } else { stack.tags.clone() },
        capabilities: input.texts("Capabilities"),
        change_set_id: None,
    };
    stack.token = input.text("ClientRequestToken").map(str::to_owned);
    stack.disable_rollback = input.flag("DisableRollback");
    begin(world, &scope, &id, target)?;
    Ok(json!({"StackId": id}))
}

pub(super) fn cancel(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let stack = stacks::stack(world, &caller.scope(), input.need("StackName")?)?;
    match &mut stack.operation {
        Some(operation) if stack.status == "UPDATE_IN_PROGRESS" => {
            operation.cancelled = true;
            Ok(json!({}))
        }
        _ => Err(AwsError::validation(format!(
            "CancelUpdateStack cannot be called from current stack status {}",
            stack.status
        ))),
    }
}

pub(super) fn continue_rollback(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let time = world.now();
    let stack = stacks::stack(world, &caller.scope(), input.need("StackName")?)?;
    if stack.status != "UPDATE_ROLLBACK_FAILED" {
        let message =
            format!("Stack:{} is in {} state and can not continue rollback.", stack.id, stack.status);
        return Err(AwsError::validation(message));
    }
    let Some(mut operation) = stack.rollback.take() else {
        return Err(AwsError::validation("There is nothing to roll back."));
    };
    for name in input.texts("ResourcesToSkip") {
        operation.steps.shift_remove(&name);
    }
    operation.begun = false;
    stack.turn(time, "UPDATE_ROLLBACK_IN_PROGRESS", Some("User Initiated"));
    stack.operation = Some(operation);
    Ok(json!({}))
}
