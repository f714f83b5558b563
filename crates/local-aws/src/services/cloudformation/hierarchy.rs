//! Change sets of nested stacks, which belong to that of their parent.

use serde_json::{Value as Json, json};

use super::changes::{Wanted, changes, outputs_differ};
use super::model::{ChangeSet, Stack};
use super::template::parameters;
use super::template::section;
use super::{acting, evaluator, nested, stacks};
use crate::core::caller::arn;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;

/// The type of a nested stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// Makes the change sets of nested stacks that a change set concerns, and names them in it.
///
/// # Errors
/// Why one can't be made.
pub(super) fn spread(
    world: &mut World,
    scope: &str,
    stack: &Stack,
    set: &mut ChangeSet,
) -> Result<(), String> {
    for (place, properties) in concerned(world, scope, stack, set)? {
        let change = &set.changes[place]["ResourceChange"];
        let logical = change.text("LogicalResourceId").unwrap_or_default().to_owned();
        let there = change.text("PhysicalResourceId").map(str::to_owned);
        let made = below(world, scope, (stack, set), &logical, there.as_deref(), &properties)?;
        if let Some(id) = made {
            set.changes[place]["ResourceChange"]["ChangeSetId"] = json!(id);
        }
    }
    Ok(())
}

/// The nested stacks that are added or changed: the place of the change, and the properties as they would be.
fn concerned(
    world: &World,
    scope: &str,
    stack: &Stack,
    set: &ChangeSet,
) -> Result<Vec<(usize, Json)>, String> {
    let caller = acting(scope);
    let evaluator = evaluator(world, &caller, stack, &set.template, &set.parameters, true);
    let mut found = Vec::new();
    for (place, change) in set.changes.iter().enumerate() {
        let change = &change["ResourceChange"];
        if change.text("ResourceType") != Some(NESTED) || change.text("Action") == Some("Remove") {
            continue;
        }
        let name = change.text("LogicalResourceId");
        let declared = section(&set.template, "Resources").find(|(id, _)| Some(id.as_str()) == name);
        if let Some((_, declared)) = declared {
            found.push((place, evaluator.properties(declared)?));
        }
    }
    Ok(found)
}

/// The change set of one nested stack; none if nothing changes in it.
fn below(
    world: &mut World,
    scope: &str,
    (stack, set): (&Stack, &ChangeSet),
    logical: &str,
    there: Option<&str>,
    properties: &Json,
) -> Result<Option<String>, String> {
    let url = properties.need("TemplateURL").map_err(|error| error.message)?;
    let (body, template) = stacks::from_url(world, url).map_err(|error| error.message)?;
    let known = there.and_then(|id| world.state.at(scope).stacks.by_id.get(id).cloned());
    let is_new = known.is_none();
    let mut child = if let Some(known) = known {
        known
    } else {
        let name = format!("{}-{logical}-{}", stack.name, world.state.ids.upper(12));
        let mut child = stacks::blank(world, scope, &name);
        let time = world.now();
        child.turn(time, "REVIEW_IN_PROGRESS", Some("User Initiated"));
        child.parent = Some(stack.id.clone());
        child.root = Some(stack.root.clone().unwrap_or_else(|| stack.id.clone()));
        child
    };
    let before = (!is_new).then_some(&child.parameters);
    let given = nested::parameters(properties);
    let values =
        parameters::resolve(world, scope, &template, &given, before).map_err(|error| error.message)?;
    let tags = nested::tags(&Stack { tags: set.tags.clone(), ..Stack::default() }, properties);
    let wanted = Wanted { template: &template, parameters: &values, tags: &tags };
    let found = changes(world, scope, &child, &wanted)?;
    if !is_new && found.is_empty() && !outputs_differ(world, scope, &child, &wanted) && child.tags == tags {
        return Ok(None);
    }
    let (account, region) = State::of_scope(scope);
    let name = format!("{}-{logical}-{}", set.name, world.state.ids.upper(8));
    let id = arn("cloudformation", region, account, &format!("changeSet/{name}/{}", world.state.ids.uuid()));
    let made = ChangeSet {
        id: id.clone(),
        name,
        kind: if is_new { "CREATE".into() } else { "UPDATE".into() },
        status: "CREATE_COMPLETE".into(),
        execution: "AVAILABLE".into(),
        created: world.now(),
        body,
        template,
        parameters: values,
        tags,
        capabilities: set.capabilities.clone(),
        role: set.role.clone(),
        nested: true,
        changes: found,
        parent: Some(set.id.clone()),
        root: Some(set.root.clone().unwrap_or_else(|| set.id.clone())),
        ..ChangeSet::default()
    };
    child.change_sets.insert(id.clone(), made);
    world.state.at(scope).stacks.by_id.insert(child.id.clone(), child);
    Ok(Some(id))
}

/// Takes away what belongs to a change set that is deleted or executed. Nested stacks that it was to create stay behind in
/// review, unless it is `executed`: then they are made for real under names of their own.
pub(super) fn forget(world: &mut World, scope: &str, root: &str, executed: bool) {
    let stacks = &mut world.state.at(scope).stacks.by_id;
    let mut concerned = Vec::new();
    for stack in stacks.values_mut() {
        let before = stack.change_sets.len();
        stack.change_sets.retain(|_, set| set.root.as_deref() != Some(root));
        if stack.change_sets.len() < before && stack.status == "REVIEW_IN_PROGRESS" {
            concerned.push(stack.id.clone());
        }
    }
    if executed {
        stacks.retain(|id, _| !concerned.contains(id));
    }
}
