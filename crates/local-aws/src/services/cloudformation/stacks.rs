//! Creating and deleting stacks, and their settings.

use serde_json::{Value as Json, json};

use super::engine::{Operation, Phase, Step};
use super::model::Stack;
use super::template::{self, check, parameters, section};
use super::{acting, evaluator};
use crate::core::caller::{Caller, arn};
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::tags::{self, Tags};
use crate::services::{iam, s3, sts};

/// Longest template in a request, in bytes.
const BODY: usize = 51_200;
/// Longest template in a bucket, in bytes.
const OBJECT: usize = 1 << 20;

/// The text and content of the template at a URL.
pub(super) fn from_url(world: &World, url: &str) -> Result<(String, Json), AwsError> {
    let (bucket, key) = s3::object_url(url, &world.endpoint)
        .ok_or_else(|| AwsError::validation("TemplateURL must be a supported URL."))?;
    let bucket = world.state.buckets.get(&bucket);
    let bucket =
        bucket.ok_or_else(|| AwsError::validation("S3 error: The specified bucket does not exist"))?;
    let object = bucket.current(&key);
    let object = object.ok_or_else(|| AwsError::validation("S3 error: The specified key does not exist."))?;
    let bytes = world.blobs.get(&object.blob).unwrap_or_default();
    if bytes.len() > OBJECT {
        return Err(AwsError::validation(format!("Template may not exceed {OBJECT} bytes in size.")));
    }
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| AwsError::validation("Template format error: the template is not UTF-8."))?;
    let template = template::read(&text)?;
    Ok((text, template))
}

/// The template that a request brings along; none if it brings none.
pub(super) fn source(world: &World, input: &Json) -> Result<Option<(String, Json)>, AwsError> {
    if let Some(url) = input.text("TemplateURL") {
        return from_url(world, url).map(Some);
    }
    let Some(body) = input.text("TemplateBody") else { return Ok(None) };
    if body.len() > BODY {
        return Err(AwsError::validation(format!(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to {BODY}"
        )));
    }
    Ok(Some((body.to_owned(), template::read(body)?)))
}

/// The ARN of a stack that must be there.
pub(super) fn find(world: &mut World, scope: &str, name: &str) -> Result<String, AwsError> {
    let found = world.state.at(scope).stacks.find(name).map(str::to_owned);
    found.ok_or_else(|| AwsError::validation(format!("Stack with id {name} does not exist")))
}

/// A stack that must be there.
pub(super) fn stack<'a>(world: &'a mut World, scope: &str, name: &str) -> Result<&'a mut Stack, AwsError> {
    let id = find(world, scope, name)?;
    let found = world.state.at(scope).stacks.by_id.get_mut(&id);
    found.ok_or_else(|| AwsError::validation(format!("Stack with id {name} does not exist")))
}

/// Refuses a role that CloudFormation cannot take on.
pub(super) fn usable_role(world: &World, role: Option<&str>) -> Result<(), AwsError> {
    let Some(role) = role else { return Ok(()) };
    let found = sts::role_of(role).and_then(|(account, name)| world.state.iam.get(account)?.roles.get(name));
    let trusted = found.is_some_and(|found| {
        let trust: Json = serde_json::from_str(&found.trust).unwrap_or_default();
        let services = |statement: &Json| {
            let principal = statement.get("Principal").cloned().unwrap_or_default();
            iam::one_or_many(principal.get("Service"))
                .into_iter()
                .any(|service| service == "cloudformation.amazonaws.com")
        };
        iam::one_or_many(trust.get("Statement")).into_iter().any(services)
    });
    if trusted && !world.state.refused_roles.contains(role) {
        return Ok(());
    }
    Err(AwsError::validation(format!("Role {role} is invalid or cannot be assumed")))
}

/// A stack to be made.
#[derive(Default)]
pub(super) struct NewStack<'a> {
    pub(super) name: String,
    pub(super) body: String,
    pub(super) template: Json,
    /// Parameters as a request gives them.
    pub(super) given: Vec<Json>,
    pub(super) tags: Tags,
    pub(super) capabilities: Vec<String>,
    pub(super) role: Option<String>,
    pub(super) disable_rollback: bool,
    pub(super) on_failure: Option<String>,
    pub(super) protected: bool,
    pub(super) policy: Option<String>,
    pub(super) notifications: Vec<String>,
    pub(super) token: Option<String>,
    pub(super) parent: Option<&'a Stack>,
}

/// A stack that is only a name yet.
pub(super) fn blank(world: &mut World, scope: &str, name: &str) -> Stack {
    let (account, region) = State::of_scope(scope);
    let id = arn("cloudformation", region, account, &format!("stack/{name}/{}", world.state.ids.uuid()));
    Stack { id, name: name.to_owned(), created: world.now(), ..Stack::default() }
}

fn valid_name(name: &str) -> Result<(), AwsError> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && name.len() <= 128 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(());
    }
    Err(AwsError::validation(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

/// Checks a new stack and starts to create it; its ARN.
pub(super) fn launch(world: &mut World, scope: &str, new: NewStack) -> Result<String, AwsError> {
    valid_name(&new.name)?;
    check::check(&new.template)?;
    template::acknowledged(&new.template, &new.capabilities)?;
    usable_role(world, new.role.as_deref())?;
    let values = parameters::resolve(world, scope, &new.template, &new.given, None)?;
    let stacks = &world.state.at(scope).stacks;
    if let Some(old) = stacks.find(&new.name) {
        let old = &stacks.by_id[old];
        if old.status != "REVIEW_IN_PROGRESS" {
            return Err(AwsError::new(
                "AlreadyExistsException",
                format!("Stack [{}] already exists", new.name),
            ));
        }
    }
    let mut stack = blank(world, scope, &new.name);
    stack.body = new.body;
    stack.template = new.template;
    stack.parameters = values;
    stack.tags = new.tags;
    stack.capabilities = new.capabilities;
    stack.role = new.role;
    stack.disable_rollback = new.disable_rollback;
    stack.on_failure = new.on_failure;
    stack.protected = new.protected;
    stack.policy = new.policy;
    stack.notifications = new.notifications;
    stack.token = new.token;
    stack.parent = new.parent.map(|parent| parent.id.clone());
    stack.root = new.parent.map(|parent| parent.root.clone().unwrap_or_else(|| parent.id.clone()));
    begin_creation(world, scope, &mut stack)?;
    let id = stack.id.clone();
    world.state.at(scope).stacks.by_id.insert(id.clone(), stack);
    Ok(id)
}

/// Lays out the steps that create a stack.
pub(super) fn begin_creation(world: &mut World, scope: &str, stack: &mut Stack) -> Result<(), AwsError> {
    let mut operation = Operation::new(Phase::Create);
    {
        let caller = acting(scope);
        let evaluator = evaluator(world, &caller, stack, &stack.template, &stack.parameters, true);
        for (id, resource) in section(&stack.template, "Resources") {
            if evaluator.applies(resource).map_err(AwsError::validation)? {
                operation.steps.insert(id.clone(), Step::Waiting);
            }
        }
    }
    let time = world.now();
    stack.turn(time, "CREATE_IN_PROGRESS", Some("User Initiated"));
    stack.operation = Some(operation);
    Ok(())
}

pub(super) fn create(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let (body, template) = source(world, input)?
        .ok_or_else(|| AwsError::validation("Either Template URL or Template Body must be specified."))?;
    let new = NewStack {
        name: input.need("StackName")?.to_owned(),
        body,
        template,
        given: input.list("Parameters").to_vec(),
        tags: tags::read(input.list("Tags")),
        capabilities: input.texts("Capabilities"),
        role: input.text("RoleARN").map(str::to_owned),
        disable_rollback: input.flag("DisableRollback"),
        on_failure: input.text("OnFailure").map(str::to_owned),
        protected: input.flag("EnableTerminationProtection"),
        policy: input.text("StackPolicyBody").map(str::to_owned),
        notifications: input.texts("NotificationARNs"),
        token: input.text("ClientRequestToken").map(str::to_owned),
        parent: None,
    };
    if new.disable_rollback && new.on_failure.is_some() {
        return Err(AwsError::validation(
            "You may specify either DisableRollback or OnFailure, but not both.",
        ));
    }
    let id = launch(world, &caller.scope(), new)?;
    Ok(json!({"StackId": id}))
}

pub(super) fn delete(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let scope = caller.scope();
    let name = input.need("StackName")?;
    // Deleting what is not there is no error.
    let Some(id) = world.state.at(&scope).stacks.find(name).map(str::to_owned) else { return Ok(json!({})) };
    usable_role(world, input.text("RoleARN"))?;
    let time = world.now();
    let retain = input.texts("RetainResources");
    let stack = stack(world, &scope, &id)?;
    if stack.status == "DELETE_COMPLETE" || stack.status == "DELETE_IN_PROGRESS" {
        return Ok(json!({}));
    }
    if stack.protected {
        let message =
            format!("Stack [{}] cannot be deleted while TerminationProtection is enabled", stack.name);
        return Err(AwsError::validation(message));
    }
    if stack.status.starts_with("UPDATE") && stack.busy() {
        let message = format!("Stack [{}] cannot be deleted while in status {}", stack.id, stack.status);
        return Err(AwsError::validation(message));
    }
    if !retain.is_empty() && stack.status != "DELETE_FAILED" {
        let message = format!(
            "Invalid operation on stack [{}]. Specify RetainResources only for a stack in the DELETE_FAILED state.",
            stack.id
        );
        return Err(AwsError::validation(message));
    }
    stack.token = input.text("ClientRequestToken").map(str::to_owned);
    stack.turn(time, "DELETE_IN_PROGRESS", Some("User Initiated"));
    let mut operation = Operation::new(Phase::Delete);
    operation.retain = retain;
    stack.operation = Some(operation);
    Ok(json!({}))
}

pub(super) fn protect(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let stack = stack(world, &caller.scope(), input.need("StackName")?)?;
    stack.protected = input.flag("EnableTerminationProtection");
    Ok(json!({"StackId": stack.id}))
}

pub(super) fn policy(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let stack = stack(world, &caller.scope(), input.need("StackName")?)?;
    if operation == "GetStackPolicy" {
        return Ok(json!({"StackPolicyBody": stack.policy}));
    }
    let text = input.need("StackPolicyBody")?;
    if serde_json::from_str::<Json>(text).is_err() {
        return Err(AwsError::validation("Error validating stack policy: Invalid stack policy"));
    }
    stack.policy = Some(text.to_owned());
    Ok(json!({}))
}
