//! CodePipeline: definitions, and executions that really go from stage to stage.

mod actions;
mod check;
mod control;
mod deploy;
mod describe;
mod run;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::tags::{self, Tags};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

pub(super) use run::tick;

/// A pipeline.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Pipeline {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) version: i64,
    /// As `GetPipeline` shows it.
    pub(crate) definition: Json,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) tags: Tags,
    /// Closed transitions by the stage that they lead into.
    pub(crate) closed: BTreeMap<String, Closed>,
    /// The oldest first.
    pub(crate) executions: Vec<Execution>,
}

/// A transition that was disabled.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) reason: String,
    pub(crate) by: String,
    pub(crate) at: i64,
}

/// An execution.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Execution {
    pub(crate) id: String,
    /// `InProgress`, `Stopping`, `Stopped`, `Succeeded`, `Superseded` or `Failed`.
    pub(crate) status: String,
    pub(crate) summary: Option<String>,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) version: i64,
    pub(crate) trigger: String,
    pub(crate) trigger_detail: String,
    pub(crate) stop_reason: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) revisions: Vec<Revision>,
    /// Files of artifacts, as digests by path, by the artifact's name.
    pub(crate) artifacts: BTreeMap<String, BTreeMap<String, String>>,
    /// Stages that it has entered, in order.
    pub(crate) stages: IndexMap<String, Stage>,
    /// The definition that it started with.
    pub(crate) definition: Json,
}

/// What a source action found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) action: String,
    pub(crate) artifact: String,
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) url: Option<String>,
}

/// A stage that an execution has entered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Stage {
    /// `InProgress`, `Succeeded`, `Failed`, `Stopping` or `Stopped`.
    pub(crate) status: String,
    /// The latest run of each action that has begun.
    pub(crate) actions: IndexMap<String, Action>,
    /// Runs before a retry.
    pub(crate) earlier: Vec<(String, Action)>,
}

/// A run of an action.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Action {
    pub(crate) id: String,
    /// `InProgress`, `Succeeded`, `Failed` or `Abandoned`.
    pub(crate) status: String,
    pub(crate) started: i64,
    pub(crate) updated: i64,
    pub(crate) updated_by: Option<String>,
    pub(crate) summary: Option<String>,
    /// A build's id, a stack's ARN.
    pub(crate) external: Option<String>,
    pub(crate) url: Option<String>,
    /// What an approval must quote.
    pub(crate) token: Option<String>,
    pub(crate) error: Option<(String, String)>,
    /// Ticks since it began.
    pub(crate) age: u32,
}

/// An action that is to fail, of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doom {
    pub(crate) action: String,
    pub(crate) message: String,
    pub(crate) times: u32,
}

pub(crate) fn no_pipeline(caller: &Caller, name: &str) -> AwsError {
    AwsError::new(
        "PipelineNotFoundException",
        format!("Account '{}' does not have a pipeline with name '{name}'", caller.account),
    )
}

/// A pipeline that must be there.
fn find<'a>(world: &'a mut World, caller: &Caller, name: &str) -> Result<&'a mut Pipeline, AwsError> {
    world.state.at(&caller.scope()).pipelines.get_mut(name).ok_or_else(|| no_pipeline(caller, name))
}

/// Makes a pipeline, whose first execution starts by itself.
pub(crate) fn new_pipeline(
    world: &mut World,
    caller: &Caller,
    mut definition: Json,
    tags: Tags,
) -> Result<(), AwsError> {
    let name = definition.need("name")?.to_owned();
    if world.state.at(&caller.scope()).pipelines.contains_key(&name) {
        let message =
            format!("A pipeline with the name '{name}' already exists in account '{}'", caller.account);
        return Err(AwsError::new("PipelineNameInUseException", message));
    }
    check::check(world, caller, &definition)?;
    finish(&mut definition, 1);
    let now = world.now();
    let pipeline = Pipeline {
        arn: caller.arn("codepipeline", &name),
        version: 1,
        definition,
        created: now,
        updated: now,
        tags,
        name: name.clone(),
        ..Pipeline::default()
    };
    world.state.at(&caller.scope()).pipelines.insert(name.clone(), pipeline);
    run::start(world, caller, &name, "CreatePipeline", &caller.arn, None)?;
    Ok(())
}

/// Changes a pipeline; no execution starts. Its new version.
pub(crate) fn set_pipeline(
    world: &mut World,
    caller: &Caller,
    mut definition: Json,
    tags: Option<Tags>,
) -> Result<i64, AwsError> {
    let name = definition.need("name")?.to_owned();
    find(world, caller, &name)?;
    check::check(world, caller, &definition)?;
    let now = world.now();
    let pipeline = find(world, caller, &name)?;
    if let Some(tags) = tags {
        pipeline.tags = tags;
    }
    finish(&mut definition, pipeline.version + 1);
    pipeline.version += 1;
    pipeline.definition = definition;
    pipeline.updated = now;
    Ok(pipeline.version)
}

/// Puts in what a definition may leave out.
fn finish(definition: &mut Json, version: i64) {
    definition["version"] = json!(version);
    let mut default = |key: &str, value: &str| {
        if !definition.has(key) {
            definition[key] = json!(value);
        }
    };
    default("executionMode", "SUPERSEDED");
    default("pipelineType", "V1");
    for stage in definition.get_mut("stages").and_then(Json::as_array_mut).into_iter().flatten() {
        for action in stage.get_mut("actions").and_then(Json::as_array_mut).into_iter().flatten() {
            for (key, value) in [
                ("runOrder", json!(1)),
                ("configuration", json!({})),
                ("inputArtifacts", json!([])),
                ("outputArtifacts", json!([])),
            ] {
                if !action.has(key) {
                    action[key] = value;
                }
            }
        }
    }
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "CreatePipeline" => {
            let definition = input.get("pipeline").cloned().ok_or_else(|| AwsError::missing("pipeline"))?;
            let name = definition.need("name")?.to_owned();
            let tags = tags::read(input.list("tags"));
            new_pipeline(world, caller, definition, tags.clone())?;
            let pipeline = find(world, caller, &name)?;
            Ok(json!({"pipeline": pipeline.definition, "tags": tags::write_lower(&tags)}))
        }
        "UpdatePipeline" => {
            let definition = input.get("pipeline").cloned().ok_or_else(|| AwsError::missing("pipeline"))?;
            let name = definition.need("name")?.to_owned();
            set_pipeline(world, caller, definition, None)?;
            Ok(json!({"pipeline": find(world, caller, &name)?.definition}))
        }
        "DeletePipeline" => {
            world.state.at(&caller.scope()).pipelines.remove(input.need("name")?);
            Ok(json!({}))
        }
        "ListTagsForResource" | "TagResource" | "UntagResource" => {
            let arn = input.need("resourceArn")?;
            let found =
                world.state.at(&caller.scope()).pipelines.values_mut().find(|pipeline| pipeline.arn == arn);
            let pipeline = found.ok_or_else(|| {
                AwsError::new("ResourceNotFoundException", format!("The resource {arn} was not found"))
            })?;
            match operation {
                "TagResource" => pipeline.tags.extend(tags::read(input.list("tags"))),
                "UntagResource" => tags::remove(&mut pipeline.tags, input, "tagKeys"),
                _ => return Ok(json!({"tags": tags::write_lower(&pipeline.tags)})),
            }
            Ok(json!({}))
        }
        "StartPipelineExecution" => {
            let name = input.need("name")?;
            let id = run::start(world, caller, name, "StartPipelineExecution", &caller.arn, None)?;
            Ok(json!({"pipelineExecutionId": id}))
        }
        "StopPipelineExecution"
        | "RetryStageExecution"
        | "PutApprovalResult"
        | "DisableStageTransition"
        | "EnableStageTransition" => control::call(world, caller, operation, input),
        _ => describe::call(world, caller, operation, input),
    }
}
