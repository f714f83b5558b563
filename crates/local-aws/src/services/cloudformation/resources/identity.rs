//! Roles and policies.

use serde_json::Value as Json;

use super::Place;
use super::naming::{named, physical, tags};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::iam::{self, Role};

/// Refuses what IAM refuses in a policy of identities or of trust.
fn valid(document: &Json, trust: bool) -> Result<(), AwsError> {
    let malformed = |message: &str| Err(AwsError::new("MalformedPolicyDocument", message));
    let statements = iam::one_or_many(document.get("Statement"));
    if statements.is_empty() {
        return malformed("Policy document must contain at least one statement.");
    }
    for statement in statements {
        if !matches!(statement.text("Effect"), Some("Allow" | "Deny")) {
            return malformed("Syntax errors in policy.");
        }
        let action =
            ["Action", "NotAction"].iter().any(|key| !iam::one_or_many(statement.get(key)).is_empty());
        if !action {
            return malformed("Policy statement must contain actions.");
        }
        let resource =
            ["Resource", "NotResource"].iter().any(|key| !iam::one_or_many(statement.get(key)).is_empty());
        if !trust && !resource {
            return malformed("Policy statement must contain resources.");
        }
        if trust && statement.get("Principal").is_none() {
            return malformed("Missing required field Principal");
        }
    }
    Ok(())
}

fn trust(properties: &Json) -> Result<String, AwsError> {
    let document = properties.get("AssumeRolePolicyDocument").unwrap_or(&Json::Null);
    valid(document, true)?;
    Ok(document.to_string())
}

fn configure_role(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    name: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    let mut inline = indexmap::IndexMap::new();
    for policy in properties.list("Policies") {
        let document = policy.get("PolicyDocument").unwrap_or(&Json::Null);
        valid(document, false)?;
        inline.insert(policy.need("PolicyName")?.to_owned(), document.to_string());
    }
    let trust = trust(properties)?;
    let gone = || AwsError::new("NoSuchEntity", format!("The role with name {name} cannot be found."));
    let kept = place_policies(world, caller, name);
    let role = world.state.iam(&caller.account).roles.get_mut(name).ok_or_else(gone)?;
    role.trust = trust;
    role.inline.retain(|policy, _| kept.contains(policy));
    role.inline.extend(inline);
    role.attached = properties.texts("ManagedPolicyArns");
    role.description = properties.text("Description").map(str::to_owned);
    role.boundary = properties.text("PermissionsBoundary").map(str::to_owned);
    role.max_session = properties.number("MaxSessionDuration").unwrap_or(3600);
    role.tags = tags(place, properties);
    Ok(())
}

/// Names of inline policies that other resources (`AWS::IAM::Policy`) put into a role.
fn place_policies(world: &World, caller: &Caller, role: &str) -> Vec<String> {
    let Some(here) = world.state.regional.get(&caller.scope()) else { return Vec::new() };
    here.stacks
        .live()
        .flat_map(|stack| stack.resources.values())
        .filter(|resource| {
            resource.kind == "AWS::IAM::Policy"
                && resource.properties.texts("Roles").iter().any(|name| name == role)
        })
        .filter_map(|resource| resource.properties.text("PolicyName").map(str::to_owned))
        .collect()
}

/// Puts a policy into the roles that it names, or takes it out of them.
fn spread(world: &mut World, caller: &Caller, properties: &Json, put: bool) -> Result<(), AwsError> {
    let name = properties.need("PolicyName")?;
    let document = properties.get("PolicyDocument").unwrap_or(&Json::Null);
    if put {
        valid(document, false)?;
    }
    for role in properties.texts("Roles") {
        let found = world.state.iam(&caller.account).roles.get_mut(&role);
        match found {
            Some(found) if put => drop(found.inline.insert(name.to_owned(), document.to_string())),
            Some(found) => drop(found.inline.shift_remove(name)),
            None if put => {
                return Err(AwsError::new(
                    "NoSuchEntity",
                    format!("The role with name {role} cannot be found."),
                ));
            }
            None => {}
        }
    }
    Ok(())
}

fn attach(world: &mut World, caller: &Caller, arn: &str, properties: &Json, put: bool) {
    for role in properties.texts("Roles") {
        if let Some(role) = world.state.iam(&caller.account).roles.get_mut(&role) {
            role.attached.retain(|attached| attached != arn);
            if put {
                role.attached.push(arn.to_owned());
            }
        }
    }
}

pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> Result<String, AwsError> {
    match kind {
        "AWS::IAM::Role" => {
            let name = named(world, place, properties, "RoleName", 64);
            if let Some(arn) = properties.texts("ManagedPolicyArns").into_iter().find(|arn| {
                !arn.contains(":iam::aws:policy/")
                    && !world.state.iam(&caller.account).policies.contains_key(arn)
            }) {
                return Err(AwsError::new(
                    "NoSuchEntity",
                    format!("Policy {arn} does not exist or is not attachable."),
                ));
            }
            let role = Role {
                path: properties.text("Path").unwrap_or("/").to_owned(),
                trust: trust(properties)?,
                ..Role::default()
            };
            iam::new_role(world, caller, &name, role)?;
            if let Err(error) = configure_role(world, caller, place, &name, properties) {
                world.state.iam(&caller.account).roles.remove(&name);
                return Err(error);
            }
            Ok(name)
        }
        "AWS::IAM::Policy" => {
            spread(world, caller, properties, true)?;
            Ok(physical(world, place, 128))
        }
        _ => {
            let document = properties.get("PolicyDocument").unwrap_or(&Json::Null);
            valid(document, false)?;
            let name = named(world, place, properties, "ManagedPolicyName", 128);
            let path = properties.text("Path").unwrap_or("/");
            let arn = iam::new_policy(world, caller, &name, path, &document.to_string())?;
            attach(world, caller, &arn, properties, true);
            Ok(arn)
        }
    }
}

pub(super) fn update(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    match kind {
        "AWS::IAM::Role" => configure_role(world, caller, place, physical, properties),
        "AWS::IAM::Policy" => spread(world, caller, properties, true),
        _ => {
            let document = properties.get("PolicyDocument").unwrap_or(&Json::Null);
            valid(document, false)?;
            if let Some(policy) = world.state.iam(&caller.account).policies.get_mut(physical) {
                policy.document = document.to_string();
            }
            attach(world, caller, physical, properties, true);
            Ok(())
        }
    }
}

pub(super) fn delete(
    world: &mut World,
    caller: &Caller,
    kind: &str,
    physical: &str,
    properties: &Json,
) -> Result<(), AwsError> {
    match kind {
        "AWS::IAM::Role" => {
            // Policies that the stack did not make keep the role from being deleted.
            let role = world.state.iam(&caller.account).roles.get(physical);
            let own: Vec<&str> =
                properties.list("Policies").iter().filter_map(|policy| policy.text("PolicyName")).collect();
            if let Some(foreign) =
                role.and_then(|role| role.inline.keys().find(|name| !own.contains(&name.as_str())))
            {
                let message = format!("Cannot delete entity, must delete policies first. ({foreign})");
                return Err(AwsError::new("DeleteConflict", message));
            }
            world.state.iam(&caller.account).roles.remove(physical);
            Ok(())
        }
        "AWS::IAM::Policy" => spread(world, caller, properties, false),
        _ => {
            attach(world, caller, physical, properties, false);
            world.state.iam(&caller.account).policies.remove(physical);
            Ok(())
        }
    }
}
