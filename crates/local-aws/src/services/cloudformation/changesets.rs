//! Change sets.

use serde_json::{Value as Json, json};

use super::changes::{Wanted, changes, outputs_differ};
use super::model::{ChangeSet, Stack};
use super::template::{self, check, parameters};
use super::{hierarchy, stacks, update};
use crate::core::caller::Caller;
use crate::core::input::{Input, page, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags;

/// Why an empty change set fails.
const EMPTY: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

pub(super) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateChangeSet" => create(world, caller, input),
        "DescribeChangeSet" => describe(world, caller, input),
        "ExecuteChangeSet" => execute(world, caller, input),
        "DeleteChangeSet" => {
            let (stack_id, id) = find(world, caller, input)?;
            let stack = stacks::stack(world, &caller.scope(), &stack_id)?;
            let running = stack.change_sets[&id].execution == "EXECUTE_IN_PROGRESS";
            if running {
                return Err(AwsError::new(
                    "InvalidChangeSetStatus",
                    format!("ChangeSet [{id}] is being executed"),
                ));
            }
            let set = &stack.change_sets[&id];
            if set.status == "CREATE_PENDING" || set.status == "CREATE_IN_PROGRESS" {
                let message = format!(
                    "Cannot delete ChangeSet in status {}; wait until it is made: [{id}]",
                    set.status
                );
                return Err(AwsError::new("InvalidChangeSetStatus", message));
            }
            if set.parent.is_some() {
                let message =
                    format!("Cannot delete ChangeSet [{id}] as it is nested; delete the root ChangeSet");
                return Err(AwsError::new("InvalidChangeSetStatus", message));
            }
            stack.change_sets.shift_remove(&id);
            hierarchy::forget(world, &caller.scope(), &id, false);
            Ok(json!({}))
        }
        _ => {
            let stack = stacks::stack(world, &caller.scope(), input.need("StackName")?)?;
            let list: Vec<Json> = stack
                .change_sets
                .values()
                .map(|set| {
                    json!({
                        "StackId": stack.id, "StackName": stack.name, "ChangeSetId": set.id,
                        "ChangeSetName": set.name, "Status": set.status, "ExecutionStatus": set.execution,
                        "StatusReason": set.reason, "CreationTime": timestamp(set.created),
                        "Description": set.description, "IncludeNestedStacks": set.nested,
                    })
                })
                .collect();
            Ok(json!({"Summaries": list}))
        }
    }
}

/// The stack and change set that a request names: by ARN, or by name within a stack.
pub(super) fn find(world: &mut World, caller: &Caller, input: &Json) -> Result<(String, String), AwsError> {
    let name = input.need("ChangeSetName")?;
    let scope = caller.scope();
    let missing =
        || AwsError::new("ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")).status(404);
    let stacks = &world.state.at(&scope).stacks;
    if name.starts_with("arn:") {
        let stack =
            stacks.by_id.values().find(|stack| stack.change_sets.contains_key(name)).ok_or_else(missing)?;
        return Ok((stack.id.clone(), name.to_owned()));
    }
    let stack_name = input.text("StackName").ok_or_else(|| {
        AwsError::validation("StackName must be specified if ChangeSetName is not specified as an ARN.")
    })?;
    let id = stacks
        .find(stack_name)
        .ok_or_else(|| AwsError::validation(format!("Stack [{stack_name}] does not exist")))?;
    let set = stacks.by_id[id].change_sets.values().find(|set| set.name == name).ok_or_else(missing)?;
    Ok((id.to_owned(), set.id.clone()))
}

fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let stack_name = input.need("StackName")?;
    let set_name = input.need("ChangeSetName")?;
    let kind = input.text("ChangeSetType").unwrap_or("UPDATE");
    let brought = stacks::source(world, input)?;
    stacks::usable_role(world, input.text("RoleARN"))?;
    let existing = world.state.at(&scope).stacks.find(stack_name).map(str::to_owned);
    let old = existing.as_ref().map(|id| world.state.at(&scope).stacks.by_id[id].clone());
    let review = old.as_ref().is_some_and(|old| old.status == "REVIEW_IN_PROGRESS");
    match (kind, &old) {
        ("CREATE", Some(old)) if !review => {
            let message = format!(
                "Stack [{}] already exists and cannot be created again with the changeSet [{set_name}].",
                old.name
            );
            return Err(AwsError::validation(message));
        }
        ("UPDATE", None) => return Err(AwsError::validation(format!("Stack [{stack_name}] does not exist"))),
        ("UPDATE", Some(old)) => update::updatable(&old.id, &old.status)?,
        _ => {}
    }
    let (body, template) = match (brought, &old) {
        (Some(brought), _) => brought,
        (None, Some(old)) if input.flag("UsePreviousTemplate") => (old.body.clone(), old.template.clone()),
        _ => return Err(AwsError::validation("Either Template URL or Template Body must be specified.")),
    };
    check::check(&template)?;
    let capabilities = input.texts("Capabilities");
    template::acknowledged(&template, &capabilities)?;
    let before = old.as_ref().map(|old| &old.parameters);
    let values = parameters::resolve(world, &scope, &template, input.list("Parameters"), before)?;
    if old.as_ref().is_some_and(|old| old.change_sets.values().any(|set| set.name == set_name)) {
        return Err(AwsError::new(
            "AlreadyExistsException",
            format!(
                "ChangeSet {set_name} cannot be created due to a mismatch with existing attribute Template"
            ),
        ));
    }
    let mut stack = if let Some(old) = old {
        old
    } else {
        let mut stack = stacks::blank(world, &scope, stack_name);
        let time = world.now();
        stack.turn(time, "REVIEW_IN_PROGRESS", Some("User Initiated"));
        stack
    };
    let id = caller.arn("cloudformation", &format!("changeSet/{set_name}/{}", world.state.ids.uuid()));
    let own_tags = || stack.tags.clone();
    let set = ChangeSet {
        id: id.clone(),
        name: set_name.to_owned(),
        kind: kind.to_owned(),
        status: "CREATE_PENDING".into(),
        execution: "UNAVAILABLE".into(),
        reason: None,
        description: input.text("Description").map(str::to_owned),
        created: world.now(),
        body,
        template,
        parameters: values,
        tags: if input.has("Tags") { tags::read(input.list("Tags")) } else { own_tags() },
        capabilities,
        role: input.text("RoleARN").map(str::to_owned),
        on_failure: input.text("OnStackFailure").map(str::to_owned),
        nested: input.flag("IncludeNestedStacks"),
        ..ChangeSet::default()
    };
    stack.change_sets.insert(id.clone(), set);
    let stack_id = stack.id.clone();
    world.state.at(&scope).stacks.by_id.insert(stack_id.clone(), stack);
    Ok(json!({"Id": id, "StackId": stack_id}))
}

/// Works change sets out; whether there were any to work on.
pub(super) fn tick(world: &mut World) -> bool {
    let mut waiting = Vec::new();
    for (scope, here) in &world.state.regional {
        for stack in here.stacks.live() {
            for set in stack
                .change_sets
                .values()
                .filter(|set| set.status.starts_with("CREATE_") && set.status != "CREATE_COMPLETE")
            {
                waiting.push((scope.clone(), stack.id.clone(), set.id.clone()));
            }
        }
    }
    for (scope, stack, set) in &waiting {
        advance(world, scope, stack, set);
    }
    !waiting.is_empty()
}

fn advance(world: &mut World, scope: &str, stack_id: &str, set_id: &str) {
    let Some(stack) = world.state.at(scope).stacks.by_id.get(stack_id).cloned() else { return };
    let Some(mut set) = stack.change_sets.get(set_id).cloned() else { return };
    if set.status == "CREATE_PENDING" {
        set.status = "CREATE_IN_PROGRESS".into();
    } else {
        work_out(world, scope, &stack, &mut set);
        if set.nested && set.status == "CREATE_COMPLETE" {
            let spread = hierarchy::spread(world, scope, &stack, &mut set);
            spread.unwrap_or_else(|reason| set.fail(reason));
        }
    }
    if let Some(stack) = world.state.at(scope).stacks.by_id.get_mut(stack_id) {
        stack.change_sets.insert(set_id.to_owned(), set);
    }
}

fn work_out(world: &World, scope: &str, stack: &Stack, set: &mut ChangeSet) {
    let wanted = Wanted { template: &set.template, parameters: &set.parameters, tags: &set.tags };
    let outcome = changes(world, scope, stack, &wanted).and_then(|found| {
        let same =
            found.is_empty() && !outputs_differ(world, scope, stack, &wanted) && stack.tags == set.tags;
        if same && set.kind != "CREATE" { Err(EMPTY.to_owned()) } else { Ok(found) }
    });
    match outcome {
        Ok(found) => {
            set.changes = found;
            set.status = "CREATE_COMPLETE".into();
            set.execution = "AVAILABLE".into();
        }
        Err(reason) => set.fail(reason),
    }
    let Some(here) = world.state.regional.get(scope) else { return };
    let found = here.stacks.surprises.validations_of(&stack.name);
    set.validations = found.filter(|found| set.concerns(&found.resource)).cloned().collect();
    if let Some(found) = set.validations.iter().find(|found| found.fails) {
        let name = &found.name;
        set.fail(format!(
            "The following hook(s)/validation failed: [{name}]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information."
        ));
    }
}

fn describe(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let (stack_id, id) = find(world, caller, input)?;
    let stack = stacks::stack(world, &caller.scope(), &stack_id)?;
    let set = &stack.change_sets[&id];
    let shown = |change: &Json| {
        if input.flag("IncludePropertyValues") { change.clone() } else { without_values(change.clone()) }
    };
    let all: Vec<Json> = set.changes.iter().map(shown).collect();
    let (changes, next) = page(&all, input.text("NextToken"), 100);
    Ok(json!({
        "ChangeSetName": set.name, "ChangeSetId": set.id, "StackId": stack.id, "StackName": stack.name,
        "Description": set.description, "Parameters": parameters::shape(&set.parameters),
        "CreationTime": timestamp(set.created), "ExecutionStatus": set.execution, "Status": set.status,
        "StatusReason": set.reason, "Capabilities": set.capabilities, "Tags": tags::write(&set.tags),
        "Changes": changes, "NextToken": next, "IncludeNestedStacks": set.nested,
        "OnStackFailure": set.on_failure, "NotificationARNs": [],
        "ParentChangeSetId": set.parent, "RootChangeSetId": set.root,
    }))
}

/// A change without what only `IncludePropertyValues` asks for.
fn without_values(mut change: Json) -> Json {
    let Some(resource) = change.get_mut("ResourceChange").and_then(Json::as_object_mut) else {
        return change;
    };
    resource.remove("BeforeContext");
    resource.remove("AfterContext");
    let details = resource.get_mut("Details").and_then(Json::as_array_mut);
    for target in details.into_iter().flatten().filter_map(|detail| detail.get_mut("Target")?.as_object_mut())
    {
        target.retain(|key, _| ["Attribute", "Name", "RequiresRecreation"].contains(&key.as_str()));
    }
    change
}

fn execute(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let (stack_id, id) = find(world, caller, input)?;
    let stack = stacks::stack(world, &scope, &stack_id)?;
    let set = stack.change_sets[&id].clone();
    if set.parent.is_some() {
        let message = format!("ChangeSet [{id}] is nested and cannot be executed by itself");
        return Err(AwsError::new("InvalidChangeSetStatus", message));
    }
    if set.execution != "AVAILABLE" {
        let message =
            format!("ChangeSet [{id}] cannot be executed in its current status of [{}]", set.status);
        return Err(AwsError::new("InvalidChangeSetStatus", message));
    }
    if set.kind == "CREATE" {
        let mut stack = stack.clone();
        stack.body.clone_from(&set.body);
        stack.template.clone_from(&set.template);
        stack.parameters.clone_from(&set.parameters);
        stack.tags.clone_from(&set.tags);
        stack.capabilities.clone_from(&set.capabilities);
        stack.role.clone_from(&set.role);
        stack.on_failure.clone_from(&set.on_failure);
        stack.disable_rollback = input.flag("DisableRollback");
        stack.token = input.text("ClientRequestToken").map(str::to_owned);
        stack.change_set_id = Some(id.clone());
        stack.change_sets.clear();
        stacks::begin_creation(world, &scope, &mut stack)?;
        executed(&mut stack, set);
        world.state.at(&scope).stacks.by_id.insert(stack_id, stack);
        hierarchy::forget(world, &scope, &id, true);
        return Ok(json!({}));
    }
    update::updatable(&stack.id, &stack.status)?;
    let given = set
        .parameters
        .iter()
        .map(|(key, value)| json!({"ParameterKey": key, "ParameterValue": value.given}))
        .collect();
    let target = update::Target {
        body: set.body.clone(),
        template: set.template.clone(),
        given,
        tags: set.tags.clone(),
        capabilities: set.capabilities.clone(),
        change_set_id: Some(id.clone()),
    };
    stack.disable_rollback = input.flag("DisableRollback");
    stack.token = input.text("ClientRequestToken").map(str::to_owned);
    update::begin(world, &scope, &stack_id, target)?;
    let stack = stacks::stack(world, &scope, &stack_id)?;
    stack.change_sets.clear();
    executed(stack, set);
    hierarchy::forget(world, &scope, &id, true);
    Ok(json!({}))
}

/// An executed change set stays to be described as it was made; the others of the stack are void.
fn executed(stack: &mut Stack, set: ChangeSet) {
    let set = ChangeSet {
        status: "CREATE_COMPLETE".into(),
        execution: "EXECUTE_COMPLETE".into(),
        template: Json::Null,
        ..set
    };
    stack.change_sets.insert(set.id.clone(), set);
}
