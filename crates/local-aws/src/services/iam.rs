//! Identity and Access Management: the roles and policies that stacks make.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::simulation;
use super::tags::{self, Tags};
use crate::core::caller::{Caller, global_arn};
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::http::message::percent_encode;

/// IAM of one account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Iam {
    pub(crate) roles: BTreeMap<String, Role>,
    /// Managed policies of the account by ARN.
    pub(crate) policies: BTreeMap<String, Policy>,
}

/// A role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) path: String,
    pub(crate) description: Option<String>,
    /// The trust policy as text.
    pub(crate) trust: String,
    pub(crate) created: i64,
    /// Longest session in seconds.
    pub(crate) max_session: i64,
    pub(crate) boundary: Option<String>,
    /// Inline policies by name.
    pub(crate) inline: IndexMap<String, String>,
    /// ARNs of managed policies.
    pub(crate) attached: Vec<String>,
    pub(crate) tags: Tags,
}

/// A managed policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) document: String,
    pub(crate) created: i64,
}

/// Whether a trust policy lets `caller` assume the role. Conditions are taken as met.
pub(crate) fn trusts(trust: &str, caller: &Caller) -> bool {
    let Ok(policy) = serde_json::from_str::<Json>(trust) else { return false };
    let root = format!(":iam::{}:root", caller.account);
    let role_arn = caller.role.as_ref().map(|role| format!(":iam::{}:role/{role}", caller.account));
    let covers = |principal: &str| {
        principal == "*"
            || principal == caller.account
            || principal == caller.arn
            || principal.ends_with(&root)
            || role_arn.as_ref().is_some_and(|role| {
                principal.ends_with(role.as_str())
                    // A role with a path has the name at the end all the same.
                    || principal.contains(":role/") && principal.rsplit('/').next() == caller.role.as_deref()
            })
    };
    one_or_many(policy.get("Statement")).into_iter().any(|statement| {
        statement.text("Effect") == Some("Allow")
            && one_or_many(statement.get("Action"))
                .into_iter()
                .filter_map(Json::as_str)
                .any(|action| matches!(action, "sts:AssumeRole" | "sts:*" | "*"))
            && match statement.get("Principal") {
                Some(Json::String(all)) => all == "*",
                Some(principal) => {
                    one_or_many(principal.get("AWS")).into_iter().filter_map(Json::as_str).any(covers)
                }
                None => false,
            }
    })
}

/// The elements of a member that is a list or a single value.
pub(crate) fn one_or_many(value: Option<&Json>) -> Vec<&Json> {
    match value {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
    }
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreateRole" => create_role(world, caller, input),
        "CreateServiceLinkedRole" => create_linked(world, caller, input),
        "GetRole" => {
            let name = input.need("RoleName")?;
            Ok(json!({"Role": shape(name, role(world, caller, input)?)}))
        }
        "ListRoles" => {
            let roles = &world.state.iam(&caller.account).roles;
            let prefix = input.text("PathPrefix").unwrap_or("/");
            let all: Vec<Json> = roles
                .iter()
                .filter(|(_, role)| role.path.starts_with(prefix))
                .map(|(name, role)| shape(name, role))
                .collect();
            let (page, next) = page(&all, input.text("Marker"), page_size(input, "MaxItems", 100));
            Ok(json!({"Roles": page, "IsTruncated": next.is_some(), "Marker": next}))
        }
        "DeleteRole" => delete_role(world, caller, input),
        "UpdateAssumeRolePolicy" => {
            let trust = input.need("PolicyDocument")?.to_owned();
            role(world, caller, input)?.trust = trust;
            Ok(json!({}))
        }
        "TagRole" => {
            let new = tags::read(input.list("Tags"));
            role(world, caller, input)?.tags.extend(new);
            Ok(json!({}))
        }
        "UntagRole" => {
            tags::remove(&mut role(world, caller, input)?.tags, input, "TagKeys");
            Ok(json!({}))
        }
        "ListRoleTags" => {
            Ok(json!({"Tags": tags::write(&role(world, caller, input)?.tags), "IsTruncated": false}))
        }
        "PutRolePolicy" | "GetRolePolicy" | "DeleteRolePolicy" | "ListRolePolicies" => {
            inline_policy(world, caller, operation, input)
        }
        "AttachRolePolicy" | "DetachRolePolicy" | "ListAttachedRolePolicies" => {
            attached_policy(world, caller, operation, input)
        }
        "CreatePolicy" | "GetPolicy" | "DeletePolicy" | "ListPolicies" => {
            managed_policy(world, caller, operation, input)
        }
        "SimulatePrincipalPolicy" => Ok(simulation::simulate(world, input)),
        _ => Err(AwsError::unknown_operation("iam", operation)),
    }
}

fn no_such(what: &str, name: &str) -> AwsError {
    AwsError::new("NoSuchEntity", format!("The {what} with name {name} cannot be found.")).status(404)
}

fn role<'a>(world: &'a mut World, caller: &Caller, input: &Json) -> Result<&'a mut Role, AwsError> {
    let name = input.need("RoleName")?;
    world.state.iam(&caller.account).roles.get_mut(name).ok_or_else(|| no_such("role", name))
}

fn shape(name: &str, role: &Role) -> Json {
    json!({
        "Path": role.path, "RoleName": name, "RoleId": role.id, "Arn": role.arn,
        "CreateDate": timestamp(role.created), "Description": role.description,
        "AssumeRolePolicyDocument": percent_encode(&role.trust, false),
        "MaxSessionDuration": role.max_session,
        "PermissionsBoundary": role.boundary.as_ref().map(|arn| json!({
            "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn,
        })),
        "Tags": tags::write(&role.tags),
    })
}

/// Makes a role; `name` must be free in the account.
pub(crate) fn new_role(
    world: &mut World,
    caller: &Caller,
    name: &str,
    role: Role,
) -> Result<String, AwsError> {
    let (now, id) = (world.now(), format!("AROA{}", world.state.ids.upper(17)));
    let path = if role.path.is_empty() { "/".to_owned() } else { role.path.clone() };
    let roles = &mut world.state.iam(&caller.account).roles;
    if roles.contains_key(name) {
        return Err(AwsError::new("EntityAlreadyExists", format!("Role with name {name} already exists."))
            .status(409));
    }
    let arn = global_arn("iam", &caller.region, &caller.account, &format!("role{path}{name}"));
    let max_session = if role.max_session == 0 { 3600 } else { role.max_session };
    roles.insert(name.to_owned(), Role { id, arn: arn.clone(), path, created: now, max_session, ..role });
    Ok(arn)
}

fn create_role(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let name = input.need("RoleName")?;
    let trust = input.need("AssumeRolePolicyDocument")?;
    if serde_json::from_str::<Json>(trust).is_err() {
        return Err(AwsError::new("MalformedPolicyDocument", "This policy contains invalid Json"));
    }
    let role = Role {
        path: input.text("Path").unwrap_or("/").into(),
        trust: trust.into(),
        description: input.text("Description").map(str::to_owned),
        max_session: input.number("MaxSessionDuration").unwrap_or(3600),
        boundary: input.text("PermissionsBoundary").map(str::to_owned),
        tags: tags::read(input.list("Tags")),
        ..Role::default()
    };
    new_role(world, caller, name, role)?;
    Ok(json!({"Role": shape(name, &world.state.iam(&caller.account).roles[name])}))
}

fn create_linked(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let service = input.need("AWSServiceName")?;
    let short = match service {
        "ecs.amazonaws.com" => "ECS".to_owned(),
        "elasticloadbalancing.amazonaws.com" => "ElasticLoadBalancing".into(),
        _ => service.split('.').next().unwrap_or(service).to_owned(),
    };
    let name = format!("AWSServiceRoleFor{short}");
    if world.state.iam(&caller.account).roles.contains_key(&name) {
        return Err(AwsError::new(
            "InvalidInput",
            format!(
                "Service role name {name} has been taken in this account, please try a different suffix."
            ),
        ));
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}],
    });
    let path = format!("/aws-service-role/{service}/");
    new_role(world, caller, &name, Role { path, trust: trust.to_string(), ..Role::default() })?;
    Ok(json!({"Role": shape(&name, &world.state.iam(&caller.account).roles[&name])}))
}

fn delete_role(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let role = role(world, caller, input)?;
    let conflict = |what| {
        Err(AwsError::new("DeleteConflict", format!("Cannot delete entity, must {what} policies first."))
            .status(409))
    };
    if !role.attached.is_empty() {
        return conflict("detach all");
    }
    if !role.inline.is_empty() {
        return conflict("delete");
    }
    world.state.iam(&caller.account).roles.remove(input.need("RoleName")?);
    Ok(json!({}))
}

fn inline_policy(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let role_name = input.need("RoleName")?;
    let role = role(world, caller, input)?;
    if operation == "ListRolePolicies" {
        return Ok(json!({"PolicyNames": role.inline.keys().collect::<Vec<_>>(), "IsTruncated": false}));
    }
    let name = input.need("PolicyName")?;
    match operation {
        "PutRolePolicy" => {
            role.inline.insert(name.into(), input.need("PolicyDocument")?.into());
            Ok(json!({}))
        }
        "GetRolePolicy" => {
            let document = role.inline.get(name).ok_or_else(|| no_such("role policy", name))?;
            Ok(
                json!({"RoleName": role_name, "PolicyName": name, "PolicyDocument": percent_encode(document, false)}),
            )
        }
        _ => role.inline.shift_remove(name).map(|_| json!({})).ok_or_else(|| no_such("role policy", name)),
    }
}

fn attached_policy(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    if operation == "ListAttachedRolePolicies" {
        let role = role(world, caller, input)?;
        let list: Json = role
            .attached
            .iter()
            .map(|arn| json!({"PolicyArn": arn, "PolicyName": arn.rsplit('/').next()}))
            .collect();
        return Ok(json!({"AttachedPolicies": list, "IsTruncated": false}));
    }
    let arn = input.need("PolicyArn")?.to_owned();
    if operation == "AttachRolePolicy" {
        let known =
            arn.contains(":iam::aws:policy/") || world.state.iam(&caller.account).policies.contains_key(&arn);
        if !known {
            return Err(no_such("policy", &arn));
        }
        let role = role(world, caller, input)?;
        if !role.attached.contains(&arn) {
            role.attached.push(arn);
        }
        return Ok(json!({}));
    }
    let role = role(world, caller, input)?;
    let before = role.attached.len();
    role.attached.retain(|attached| *attached != arn);
    if role.attached.len() == before { Err(no_such("policy", &arn)) } else { Ok(json!({})) }
}

fn managed_policy(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let shape = |arn: &str, policy: &Policy| {
        json!({
            "PolicyName": policy.name, "PolicyId": policy.id, "Arn": arn, "Path": policy.path,
            "DefaultVersionId": "v1", "AttachmentCount": 0, "IsAttachable": true,
            "CreateDate": timestamp(policy.created), "UpdateDate": timestamp(policy.created),
        })
    };
    match operation {
        "CreatePolicy" => {
            let (name, path) = (input.need("PolicyName")?, input.text("Path").unwrap_or("/"));
            let arn = new_policy(world, caller, name, path, input.need("PolicyDocument")?)?;
            Ok(json!({"Policy": shape(&arn, &world.state.iam(&caller.account).policies[&arn])}))
        }
        "ListPolicies" => {
            let policies = &world.state.iam(&caller.account).policies;
            let list: Json = policies.iter().map(|(arn, policy)| shape(arn, policy)).collect();
            Ok(json!({"Policies": list, "IsTruncated": false}))
        }
        _ => {
            let arn = input.need("PolicyArn")?;
            let policies = &mut world.state.iam(&caller.account).policies;
            if operation == "GetPolicy" {
                let policy = policies.get(arn).ok_or_else(|| no_such("policy", arn))?;
                return Ok(json!({"Policy": shape(arn, policy)}));
            }
            policies.remove(arn).map(|_| json!({})).ok_or_else(|| no_such("policy", arn))
        }
    }
}

/// Makes a managed policy and says its ARN.
pub(crate) fn new_policy(
    world: &mut World,
    caller: &Caller,
    name: &str,
    path: &str,
    document: &str,
) -> Result<String, AwsError> {
    let arn = global_arn("iam", &caller.region, &caller.account, &format!("policy{path}{name}"));
    let (created, id) = (world.now(), format!("ANPA{}", world.state.ids.upper(17)));
    let policies = &mut world.state.iam(&caller.account).policies;
    if policies.contains_key(&arn) {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(AwsError::new("EntityAlreadyExists", message).status(409));
    }
    let policy = Policy { name: name.into(), id, path: path.into(), document: document.into(), created };
    policies.insert(arn.clone(), policy);
    Ok(arn)
}
