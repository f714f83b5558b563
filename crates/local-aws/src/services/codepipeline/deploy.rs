//! Actions that create or update a stack from files of an artifact.
//!
//! Where nothing was built, because nobody said how, the artifact is empty and the action only takes its time.

use serde_json::{Value as Json, json};

use super::actions::{TICKS, configured, fail};
use super::{Action, Execution};
use crate::core::caller::{Caller, arn};
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::cloudformation::{self, Stack};

/// Account and region that an action works in: those of its role.
fn place(caller: &Caller, action: &Json) -> (String, String) {
    let account = action.text("roleArn").and_then(|arn| arn.split(':').nth(4)).unwrap_or(&caller.account);
    (account.to_owned(), action.text("region").unwrap_or(&caller.region).to_owned())
}

/// Begins the change of the stack.
pub(super) fn begin(
    world: &mut World,
    caller: &Caller,
    execution: &Execution,
    action: &Json,
    run: &mut Action,
) {
    let (account, region) = place(caller, action);
    let stack = configured(action, "StackName");
    run.url = Some(format!("https://console.aws.amazon.com/cloudformation/home?region={region}#/"));
    let built = artifacts(execution, action).any(|(_, files)| !files.is_empty());
    if !built {
        let id = world.state.ids.uuid();
        run.external = Some(arn("cloudformation", &region, &account, &format!("stack/{stack}/{id}")));
        return;
    }
    match change(world, execution, action, &Caller::service(&account, &region, "codepipeline")) {
        Ok(id) => run.external = Some(id),
        Err(error) => fail(run, "ConfigurationError", error.message),
    }
}

/// The artifacts that an action takes.
fn artifacts<'a>(
    execution: &'a Execution,
    action: &'a Json,
) -> impl Iterator<Item = (&'a str, &'a std::collections::BTreeMap<String, String>)> {
    let names = action.list("inputArtifacts").iter().filter_map(|artifact| artifact.text("name"));
    names.filter_map(|name| Some((name, execution.artifacts.get(name)?)))
}

/// The text of a file that is named as `Artifact::path`.
fn file(world: &World, execution: &Execution, action: &Json, key: &str) -> Result<Option<String>, AwsError> {
    let named = configured(action, key);
    if named.is_empty() {
        return Ok(None);
    }
    let (artifact, path) = named.split_once("::").unwrap_or(("", named));
    let found = artifacts(execution, action).find(|(name, _)| *name == artifact);
    let bytes = found.and_then(|(_, files)| world.blobs.get(files.get(path)?));
    let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    text.map(Some)
        .ok_or_else(|| AwsError::invalid(format!("File [{path}] does not exist in artifact [{artifact}]")))
}

/// Starts to create or update the stack; its ARN.
fn change(
    world: &mut World,
    execution: &Execution,
    action: &Json,
    caller: &Caller,
) -> Result<String, AwsError> {
    let name = configured(action, "StackName");
    let template = file(world, execution, action, "TemplatePath")?
        .ok_or_else(|| AwsError::invalid("TemplatePath is required"))?;
    let configuration: Json = match file(world, execution, action, "TemplateConfiguration")? {
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            AwsError::invalid(format!("The template configuration is not valid JSON: {error}"))
        })?,
        None => json!({}),
    };
    let pairs = |key: &str, names: [&str; 2]| -> Vec<Json> {
        let members = configuration.get(key).and_then(Json::as_object);
        let pair = |(key, value): (&String, &Json)| json!({names[0]: key, names[1]: value});
        members.into_iter().flatten().map(pair).collect()
    };
    let mut input = json!({
        "StackName": name, "TemplateBody": template,
        "Parameters": pairs("Parameters", ["ParameterKey", "ParameterValue"]),
        "Tags": pairs("Tags", ["Key", "Value"]),
        "Capabilities": configured(action, "Capabilities").split(',').map(str::trim).collect::<Vec<_>>(),
    });
    let role = configured(action, "RoleArn");
    if !role.is_empty() {
        input["RoleARN"] = json!(role);
    }
    let live = find(world, caller, name).filter(|stack| stack.status != "REVIEW_IN_PROGRESS");
    let id = live.map(|stack| stack.id.clone());
    let operation = if id.is_some() { "UpdateStack" } else { "CreateStack" };
    match (cloudformation::call(world, caller, operation, &input), id) {
        (Ok(answer), _) => Ok(answer.text("StackId").unwrap_or_default().to_owned()),
        // A stack that already is as it should be has been deployed.
        (Err(error), Some(id)) if error.message.starts_with("No updates are to be performed") => Ok(id),
        (Err(error), _) => Err(error),
    }
}

fn find<'a>(world: &'a World, caller: &Caller, name: &str) -> Option<&'a Stack> {
    let stacks = &world.state.regional.get(&State::scope(&caller.account, &caller.region))?.stacks;
    stacks.by_id.get(stacks.find(name)?)
}

/// Looks whether the stack is done.
pub(super) fn advance(
    world: &World,
    caller: &Caller,
    execution: &Execution,
    action: &Json,
    run: &mut Action,
) {
    let name = configured(action, "StackName");
    let (account, region) = place(caller, action);
    let caller = Caller::service(&account, &region, "codepipeline");
    let built = artifacts(execution, action).any(|(_, files)| !files.is_empty());
    let stack = find(world, &caller, run.external.as_deref().unwrap_or_default());
    let done = |run: &mut Action| {
        run.status = "Succeeded".into();
        run.summary = Some(format!("Deployment of {name} succeeded."));
    };
    match stack.map(|stack| (stack, stack.status.as_str())) {
        Some((_, status)) if status.ends_with("_IN_PROGRESS") => {}
        Some((_, "CREATE_COMPLETE" | "UPDATE_COMPLETE")) => done(run),
        Some((stack, status)) => {
            fail(run, "JobFailed", format!("Stack {name} is in {status}.{}", reason(stack)));
        }
        None if built => fail(run, "JobFailed", format!("Stack {name} does not exist any more.")),
        None if run.age >= TICKS => done(run),
        None => {}
    }
}

/// Which resource failed first, and why.
fn reason(stack: &Stack) -> String {
    let failed =
        stack.events.iter().rev().take_while(|event| event.reason.as_deref() != Some("User Initiated"));
    let first = failed.filter(|event| event.status.ends_with("_FAILED")).last();
    let reason = first.and_then(|event| Some(format!(" {}: {}", event.logical_id, event.reason.as_ref()?)));
    reason.unwrap_or_default()
}
