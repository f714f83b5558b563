//! Making, changing and describing StackSets.

use serde_json::{Value as Json, json};

use super::{StackSet, operate, set, tags_or};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::cloudformation::stacks;
use crate::services::cloudformation::template::{self, check};
use crate::services::tags::{self, Tags};

pub(super) fn shape(set: &StackSet) -> Json {
    let parameters: Vec<Json> = set.given.clone();
    json!({
        "StackSetName": set.name, "StackSetId": set.id, "Description": set.description, "Status": "ACTIVE",
        "TemplateBody": set.body, "Parameters": parameters, "Capabilities": set.capabilities,
        "Tags": tags::write(&set.tags),
        "StackSetARN": set.id, "AdministrationRoleARN": set.admin_role,
        "ExecutionRoleName": set.execution_role, "PermissionModel": "SELF_MANAGED",
    })
}

pub(super) fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let name = input.need("StackSetName")?.to_owned();
    if world.state.at(&scope).stack_sets.contains_key(&name) {
        return Err(AwsError::new("NameAlreadyExistsException", format!("The Name {name} already exists"))
            .status(409));
    }
    let (body, template) = stacks::source(world, input)?
        .ok_or_else(|| AwsError::validation("Either Template URL or Template Body must be specified."))?;
    check::check(&template)?;
    let capabilities = input.texts("Capabilities");
    template::acknowledged(&template, &capabilities)?;
    // The id of a StackSet is its name and a UUID; its ARN is the same behind `stackset/`.
    let id = format!("{name}:{}", world.state.ids.uuid());
    let set = StackSet {
        id: id.clone(),
        name: name.clone(),
        description: input.text("Description").map(str::to_owned),
        body,
        template,
        given: input.list("Parameters").to_vec(),
        capabilities,
        tags: tags_or(input, &Tags::new()),
        admin_role: input.text("AdministrationRoleARN").map(str::to_owned),
        execution_role: input.text("ExecutionRoleName").map(str::to_owned),
        ..StackSet::default()
    };
    world.state.at(&scope).stack_sets.insert(name, set);
    Ok(json!({"StackSetId": id}))
}

pub(super) fn update(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let name = input.need("StackSetName")?;
    let brought = stacks::source(world, input)?;
    let id = input.text("OperationId").map_or_else(|| world.state.ids.uuid(), str::to_owned);
    let created = world.now();
    let set = set(world, &scope, name)?;
    operate::idle(set)?;
    operate::unused(set, &id)?;
    let (body, template) = match brought {
        Some(brought) => brought,
        None if input.flag("UsePreviousTemplate") => (set.body.clone(), set.template.clone()),
        None => return Err(AwsError::validation("Either Template URL or Template Body must be specified.")),
    };
    check::check(&template)?;
    let capabilities = input.texts("Capabilities");
    template::acknowledged(&template, &capabilities)?;
    set.body = body;
    set.template = template;
    set.capabilities = capabilities;
    set.tags = tags_or(input, &set.tags);
    if input.has("Parameters") {
        // `UsePreviousValue` stands for what was given before.
        let before = std::mem::take(&mut set.given);
        let kept = |parameter: &Json| {
            let key = parameter.text("ParameterKey");
            before.iter().find(|old| old.text("ParameterKey") == key).cloned()
        };
        set.given = input
            .list("Parameters")
            .iter()
            .filter_map(|parameter| {
                if parameter.flag("UsePreviousValue") { kept(parameter) } else { Some(parameter.clone()) }
            })
            .collect();
    }
    if let Some(role) = input.text("AdministrationRoleARN") {
        set.admin_role = Some(role.to_owned());
    }
    if let Some(role) = input.text("ExecutionRoleName") {
        set.execution_role = Some(role.to_owned());
    }
    if let Some(text) = input.text("Description") {
        set.description = Some(text.to_owned());
    }
    let targets =
        set.instances.iter().map(|instance| (instance.account.clone(), instance.region.clone())).collect();
    operate::enqueue(set, "UPDATE", &id, created, targets, input);
    Ok(json!({"OperationId": id}))
}
