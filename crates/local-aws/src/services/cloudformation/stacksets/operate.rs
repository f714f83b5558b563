//! Operations on the instances of a StackSet, step by step.

use serde_json::{Value as Json, json};

use super::{Instance, StackSet, Target, Work, set};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::cloudformation::engine::{Operation, Phase};
use crate::services::cloudformation::{stacks, update};

/// Refuses a StackSet that is being worked on.
pub(super) fn idle(set: &StackSet) -> Result<(), AwsError> {
    let busy =
        set.operations.iter().find(|work| matches!(work.status.as_str(), "QUEUED" | "RUNNING" | "STOPPING"));
    match busy {
        None => Ok(()),
        Some(work) => Err(AwsError::new(
            "OperationInProgressException",
            format!("Another Operation on StackSet {} is in progress: {}", set.id, work.id),
        )
        .status(409)),
    }
}

/// Refuses an operation id that was used before.
pub(super) fn unused(set: &StackSet, id: &str) -> Result<(), AwsError> {
    if set.operations.iter().any(|work| work.id == id) {
        return Err(AwsError::new(
            "OperationIdAlreadyExistsException",
            format!("The operation id {id} already exists"),
        )
        .status(409));
    }
    Ok(())
}

/// Adds an operation to the StackSet.
pub(super) fn enqueue(
    set: &mut StackSet,
    action: &str,
    id: &str,
    created: i64,
    targets: Vec<(String, String)>,
    input: &Json,
) {
    let parallel =
        input.get("OperationPreferences").and_then(|preferences| preferences.text("RegionConcurrencyType"))
            == Some("PARALLEL");
    for (account, region) in &targets {
        if let Some(instance) = set.instance(account, region) {
            instance.operation = Some(id.to_owned());
            instance.detail = "PENDING".into();
            instance.status = "OUTDATED".into();
        }
    }
    set.operations.push(Work {
        id: id.to_owned(),
        action: action.to_owned(),
        status: "RUNNING".into(),
        created,
        parallel,
        retain: input.flag("RetainStacks"),
        targets: targets
            .into_iter()
            .map(|(account, region)| Target { account, region, status: "PENDING".into(), reason: None })
            .collect(),
        ..Work::default()
    });
}

/// `CreateStackInstances`, `UpdateStackInstances`, `DeleteStackInstances`.
pub(super) fn start(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let scope = caller.scope();
    let id = input.text("OperationId").map_or_else(|| world.state.ids.uuid(), str::to_owned);
    let created = world.now();
    let set = set(world, &scope, input.need("StackSetName")?)?;
    idle(set)?;
    unused(set, &id)?;
    let accounts = match input.get("DeploymentTargets") {
        Some(targets) => targets.texts("Accounts"),
        None => input.texts("Accounts"),
    };
    let mut targets = Vec::new();
    for region in input.texts("Regions") {
        for account in &accounts {
            targets.push((account.clone(), region.clone()));
        }
    }
    if targets.is_empty() {
        return Err(AwsError::validation("Accounts and regions must be specified"));
    }
    if operation != "CreateStackInstances"
        && let Some((account, region)) =
            targets.iter().find(|(account, region)| set.instance(account, region).is_none())
    {
        let message = format!("Stack Instance {account}/{region} not found");
        return Err(AwsError::new("StackInstanceNotFoundException", message).status(404));
    }
    let action = match operation {
        "CreateStackInstances" => "CREATE",
        "UpdateStackInstances" => "UPDATE",
        _ => "DELETE",
    };
    for (account, region) in &targets {
        if set.instance(account, region).is_none() {
            set.instances.push(Instance {
                account: account.clone(),
                region: region.clone(),
                ..Instance::default()
            });
        }
        if let Some(instance) = set.instance(account, region)
            && input.has("ParameterOverrides")
        {
            instance.overrides = input.list("ParameterOverrides").to_vec();
        }
    }
    enqueue(set, action, &id, created, targets, input);
    Ok(json!({"OperationId": id}))
}

/// Moves operations on by one step; whether there were any.
pub(crate) fn tick(world: &mut World) -> bool {
    let mut busy = Vec::new();
    for (scope, here) in &world.state.regional {
        for set in here.stack_sets.values() {
            if set.operations.last().is_some_and(|work| work.status == "RUNNING") {
                busy.push((scope.clone(), set.name.clone()));
            }
        }
    }
    for (scope, name) in &busy {
        // Worked on as a copy: the stacks of the instances live in the same world.
        let Some(mut set) = world.state.at(scope).stack_sets.get(name).cloned() else { continue };
        let Some(mut work) = set.operations.pop() else { continue };
        step(world, scope, &mut set, &mut work);
        set.operations.push(work);
        world.state.at(scope).stack_sets.insert(name.clone(), set);
    }
    !busy.is_empty()
}

fn step(world: &mut World, scope: &str, set: &mut StackSet, work: &mut Work) {
    let failed = work.targets.iter().any(|target| target.status == "FAILED");
    for index in 0..work.targets.len() {
        let mut target = work.targets[index].clone();
        match target.status.as_str() {
            "RUNNING" => follow(world, set, work, &mut target),
            "PENDING" if work.stopping || failed && !work.parallel => {
                target.status = "CANCELLED".into();
                target.reason = Some("Cancelled since failure tolerance has exceeded".into());
            }
            "PENDING" => {
                let others = work.targets.iter().any(|other| other.status == "RUNNING");
                if work.parallel || !others {
                    begin(world, scope, set, work, &mut target);
                }
            }
            _ => {}
        }
        work.targets[index] = target;
    }
    let ended = work
        .targets
        .iter()
        .all(|target| matches!(target.status.as_str(), "SUCCEEDED" | "FAILED" | "CANCELLED"));
    if ended {
        work.ended = Some(world.now());
        let bad = work.targets.iter().any(|target| target.status == "FAILED");
        work.status = if work.stopping {
            "STOPPED"
        } else if bad {
            "FAILED"
        } else {
            "SUCCEEDED"
        }
        .into();
        if bad {
            work.reason = work.targets.iter().find_map(|target| target.reason.clone());
        }
    }
}

/// Why the roles of a StackSet do not let it into an account.
fn locked_out(world: &World, admin_account: &str, set: &StackSet, account: &str) -> Option<String> {
    let admin = set
        .admin_role
        .as_deref()
        .and_then(|arn| arn.rsplit('/').next())
        .unwrap_or("AWSCloudFormationStackSetAdministrationRole");
    let execution = set.execution_role.as_deref().unwrap_or("AWSCloudFormationStackSetExecutionRole");
    let has = |account: &str, role: &str| {
        world.state.iam.get(account).is_some_and(|iam| iam.roles.contains_key(role))
    };
    (!has(admin_account, admin) || !has(account, execution)).then(|| {
        format!("Account {account} should have '{execution}' role with trust relationship to Role '{admin}'.")
    })
}

fn begin(world: &mut World, scope: &str, set: &mut StackSet, work: &Work, target: &mut Target) {
    let there = State::scope(&target.account, &target.region);
    let result = match locked_out(world, State::of_scope(scope).0, set, &target.account) {
        Some(reason) => Err(reason),
        None => begin_stack(world, &there, set, work, target).map_err(|error| error.message),
    };
    let (status, reason) = match result {
        Ok(true) => ("RUNNING", None),
        Ok(false) => ("SUCCEEDED", None),
        Err(reason) => ("FAILED", Some(reason)),
    };
    settle(set, work, target, status, reason);
}

/// Starts on the stack of an instance; whether there is something to wait for.
fn begin_stack(
    world: &mut World,
    there: &str,
    set: &mut StackSet,
    work: &Work,
    target: &Target,
) -> Result<bool, AwsError> {
    let Some(instance) = set.instance(&target.account, &target.region).cloned() else { return Ok(false) };
    let alive = |world: &World, id: &str| {
        let stack = world.state.regional.get(there).and_then(|here| here.stacks.by_id.get(id));
        stack.is_some_and(|stack| stack.status != "DELETE_COMPLETE")
    };
    let stack = instance.stack.clone().filter(|id| alive(world, id));
    let mut given = set.given.clone();
    given.retain(|old| {
        !instance.overrides.iter().any(|new| new.text("ParameterKey") == old.text("ParameterKey"))
    });
    given.extend(instance.overrides.iter().cloned());
    match (work.action.as_str(), stack) {
        ("DELETE", None) => Ok(false),
        ("DELETE", Some(_)) if work.retain => Ok(false),
        ("DELETE", Some(id)) => {
            let time = world.now();
            let stack = stacks::stack(world, there, &id)?;
            stack.turn(time, "DELETE_IN_PROGRESS", None);
            stack.operation = Some(Operation::new(Phase::Delete));
            Ok(true)
        }
        (_, None) => {
            let new = stacks::NewStack {
                name: format!("StackSet-{}-{}", set.name, world.state.ids.uuid()),
                body: set.body.clone(),
                template: set.template.clone(),
                given,
                tags: set.tags.clone(),
                capabilities: set.capabilities.clone(),
                ..stacks::NewStack::default()
            };
            let id = stacks::launch(world, there, new)?;
            if let Some(instance) = set.instance(&target.account, &target.region) {
                instance.stack = Some(id);
            }
            Ok(true)
        }
        (_, Some(id)) => {
            let wanted = update::Target {
                body: set.body.clone(),
                template: set.template.clone(),
                given,
                tags: set.tags.clone(),
                capabilities: set.capabilities.clone(),
                change_set_id: None,
            };
            match update::begin(world, there, &id, wanted) {
                Err(error) if error.message.starts_with("No updates") => Ok(false),
                other => other.map(|()| true),
            }
        }
    }
}

/// Looks how far the stack of an instance is.
fn follow(world: &mut World, set: &mut StackSet, work: &Work, target: &mut Target) {
    let there = State::scope(&target.account, &target.region);
    let id = set.instance(&target.account, &target.region).and_then(|instance| instance.stack.clone());
    let stack = id.and_then(|id| world.state.at(&there).stacks.by_id.get(&id).cloned());
    let Some(stack) = stack else { return settle(set, work, target, "SUCCEEDED", None) };
    if stack.busy() {
        return;
    }
    let wanted: &[&str] = match work.action.as_str() {
        "DELETE" => &["DELETE_COMPLETE"],
        _ => &["CREATE_COMPLETE", "UPDATE_COMPLETE"],
    };
    if wanted.contains(&stack.status.as_str()) {
        settle(set, work, target, "SUCCEEDED", None);
    } else {
        let why = first_failure(&stack).or(stack.reason).unwrap_or(stack.status);
        settle(set, work, target, "FAILED", Some(why));
    }
}

/// The reason of the first resource that failed.
fn first_failure(stack: &crate::services::cloudformation::Stack) -> Option<String> {
    let begun =
        stack.events.iter().rposition(|event| event.reason.as_deref() == Some("User Initiated")).unwrap_or(0);
    let failed = stack.events[begun..]
        .iter()
        .find(|event| event.status.ends_with("_FAILED") && event.logical_id != stack.name)?;
    Some(format!(
        "ResourceLogicalId:{}, ResourceType:{}, ResourceStatusReason:{}.",
        failed.logical_id,
        failed.kind,
        failed.reason.clone()?
    ))
}

fn settle(set: &mut StackSet, work: &Work, target: &mut Target, status: &str, reason: Option<String>) {
    status.clone_into(&mut target.status);
    target.reason.clone_from(&reason);
    if status == "SUCCEEDED" && work.action == "DELETE" {
        set.instances
            .retain(|instance| instance.account != target.account || instance.region != target.region);
        return;
    }
    let Some(instance) = set.instance(&target.account, &target.region) else { return };
    status.clone_into(&mut instance.detail);
    instance.reason = reason;
    instance.status = match (status, work.action.as_str()) {
        ("SUCCEEDED", _) => "CURRENT",
        ("FAILED", "DELETE") => "INOPERABLE",
        _ => "OUTDATED",
    }
    .into();
}
