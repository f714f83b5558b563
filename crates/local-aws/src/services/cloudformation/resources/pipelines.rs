//! CodeBuild projects, pipelines and connections.

use serde_json::{Map, Value as Json};

use super::Place;
use super::naming::{named, tags};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::AwsError;
use crate::services::{codebuild, codepipeline, connections};

/// Keys whose members are the user's own and keep their spelling.
const VERBATIM: [&str; 2] = ["Configuration", "EnvironmentVariablesByName"];

/// `BuildSpec` as the API spells it, and otherwise the first letter in lower case.
fn camel(key: &str) -> String {
    match key {
        "BuildSpec" => return "buildspec".into(),
        "ActionTypeId" => return "actionTypeId".into(),
        _ => {}
    }
    let mut chars = key.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// A property as the service's own API spells it; scalars of `Configuration` are text there.
fn api(value: &Json) -> Json {
    match value {
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(key, member)| {
                    let member = if VERBATIM.contains(&key.as_str()) { texts(member) } else { api(member) };
                    (camel(key), member)
                })
                .collect(),
        ),
        Json::Array(items) => items.iter().map(api).collect(),
        other => other.clone(),
    }
}

fn texts(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), texts(value))).collect::<Map<_, _>>().into()
        }
        Json::Number(number) => Json::from(number.to_string()),
        Json::Bool(flag) => Json::from(flag.to_string()),
        other => other.clone(),
    }
}

/// A pipeline's definition as `CreatePipeline` takes it.
fn pipeline(name: &str, properties: &Json) -> Json {
    let mut definition = api(properties);
    let Some(members) = definition.as_object_mut() else { return definition };
    members.insert("name".into(), Json::from(name));
    for key in ["tags", "disableInboundStageTransitions", "restartExecutionOnUpdate"] {
        members.remove(key);
    }
    // A list of regions with their stores is a map by region in the API.
    if let Some(Json::Array(stores)) = members.remove("artifactStores") {
        let by_region: Map<String, Json> = stores
            .into_iter()
            .filter_map(|store| Some((store.text("region")?.to_owned(), store.get("artifactStore")?.clone())))
            .collect();
        members.insert("artifactStores".into(), by_region.into());
    }
    // `Version: 1` is the text "1".
    for stage in members.get_mut("stages").and_then(Json::as_array_mut).into_iter().flatten() {
        for action in stage.get_mut("actions").and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(kind) = action.get_mut("actionTypeId") {
                *kind = texts(kind);
            }
            if let Some(order) = action.get_mut("runOrder")
                && let Some(number) = order.as_str().and_then(|text| text.parse::<i64>().ok())
            {
                *order = Json::from(number);
            }
        }
    }
    definition
}

pub(super) fn create(
    world: &mut World,
    caller: &Caller,
    place: &Place,
    kind: &str,
    properties: &Json,
) -> Result<String, AwsError> {
    let tags = tags(place, properties);
    match kind {
        "AWS::CodeBuild::Project" => {
            let name = properties.text("Name").map(str::to_owned);
            let name = name.unwrap_or_else(|| {
                let random = world
                    .state
                    .ids
                    .chars(12, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
                format!("{}-{random}", place.logical_id)
            });
            codebuild::new_project(world, caller, &name, &api(properties), tags)?;
            Ok(name)
        }
        "AWS::CodePipeline::Pipeline" => {
            let name = named(world, place, properties, "Name", 100);
            codepipeline::new_pipeline(world, caller, pipeline(&name, properties), tags)?;
            Ok(name)
        }
        _ => {
            let service =
                if kind.contains("CodeConnections") { "codeconnections" } else { "codestar-connections" };
            let (provider, host) = (properties.text("ProviderType"), properties.text("HostArn"));
            connections::new_connection(
                world,
                caller,
                service,
                properties.need("ConnectionName")?,
                provider,
                host,
                tags,
            )
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
    let tags = tags(place, properties);
    match kind {
        "AWS::CodeBuild::Project" => codebuild::set_project(world, caller, physical, &api(properties), tags),
        "AWS::CodePipeline::Pipeline" => {
            codepipeline::set_pipeline(world, caller, pipeline(physical, properties), Some(tags)).map(drop)
        }
        _ => Ok(()),
    }
}

pub(super) fn delete(world: &mut World, caller: &Caller, kind: &str, physical: &str) {
    let here = world.state.at(&caller.scope());
    match kind {
        "AWS::CodeBuild::Project" => drop(here.projects.remove(physical)),
        "AWS::CodePipeline::Pipeline" => drop(here.pipelines.remove(physical)),
        _ => here.connections.retain(|_, connection| connection.arn != physical),
    }
}
