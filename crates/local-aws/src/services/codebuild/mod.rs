//! CodeBuild: projects, and builds that go through their phases without running a container.

mod run;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

pub(crate) use run::tick;
pub use run::{BuildJob, BuildScript, Builder, Built, NOT_RUN};

use super::tags::{self, Tags};
use crate::core::caller::{Caller, arn};
use crate::core::input::{Input, page, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Project {
    pub(crate) arn: String,
    /// As `CreateProject` takes it.
    pub(crate) definition: Map<String, Json>,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) tags: Tags,
    /// Number of builds so far.
    pub(crate) builds: u32,
}

/// A build.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Build {
    /// `project:uuid`.
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) number: u32,
    /// `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `STOPPED`.
    pub(crate) status: String,
    pub(crate) initiator: String,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) environment: Vec<Json>,
    /// What it made: digests of files by their path.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// Whether its commands were left out, because nothing here runs them.
    #[serde(default)]
    pub(crate) left_out: bool,
}

/// A phase of a build that has begun.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Phase {
    pub(crate) name: String,
    pub(crate) status: Option<String>,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) problem: Option<String>,
}

/// Makes a project.
pub(crate) fn new_project(
    world: &mut World,
    caller: &Caller,
    name: &str,
    definition: &Json,
    tags: Tags,
) -> Result<(), AwsError> {
    if world.state.at(&caller.scope()).projects.contains_key(name) {
        let arn = caller.arn("codebuild", &format!("project/{name}"));
        return Err(AwsError::new(
            "ResourceAlreadyExistsException",
            format!("Project already exists: {arn}"),
        ));
    }
    let image = definition.pointer("/environment/image").and_then(Json::as_str).unwrap_or_default();
    if image.is_empty() {
        return Err(AwsError::new("InvalidInputException", "Project environment image is required"));
    }
    let now = world.now();
    let project = Project {
        arn: caller.arn("codebuild", &format!("project/{name}")),
        definition: defined(definition),
        created: now,
        modified: now,
        tags,
        builds: 0,
    };
    world.state.at(&caller.scope()).projects.insert(name.to_owned(), project);
    Ok(())
}

/// Changes a project.
pub(crate) fn set_project(
    world: &mut World,
    caller: &Caller,
    name: &str,
    definition: &Json,
    tags: Tags,
) -> Result<(), AwsError> {
    let now = world.now();
    let project =
        world.state.at(&caller.scope()).projects.get_mut(name).ok_or_else(|| no_project(caller, name))?;
    project.definition = defined(definition);
    project.modified = now;
    project.tags = tags;
    Ok(())
}

/// A definition without what is kept elsewhere, its environment variables with their default type.
fn defined(definition: &Json) -> Map<String, Json> {
    let mut members = definition.as_object().cloned().unwrap_or_default();
    members.remove("tags");
    members.remove("name");
    members.remove("triggers");
    let variables =
        members.get_mut("environment").and_then(|environment| environment.get_mut("environmentVariables"));
    for variable in variables.and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(variable) = variable.as_object_mut() {
            variable.entry("type").or_insert_with(|| json!("PLAINTEXT"));
        }
    }
    for key in ["timeoutInMinutes", "queuedTimeoutInMinutes", "concurrentBuildLimit"] {
        if let Some(number) =
            members.get(key).and_then(Json::as_str).and_then(|text| text.parse::<i64>().ok())
        {
            members.insert(key.into(), json!(number));
        }
    }
    members.entry("timeoutInMinutes").or_insert_with(|| json!(60));
    members
}

fn no_project(caller: &Caller, name: &str) -> AwsError {
    let arn = caller.arn("codebuild", &format!("project/{name}"));
    AwsError::new("ResourceNotFoundException", format!("Project cannot be found: {arn}"))
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    let scope = caller.scope();
    match operation {
        "CreateProject" => {
            let name = input.need("name")?;
            new_project(world, caller, name, input, tags::read(input.list("tags")))?;
            Ok(json!({"project": shape(name, &world.state.at(&scope).projects[name])}))
        }
        "UpdateProject" => {
            let name = input.need("name")?;
            let project =
                world.state.at(&scope).projects.get_mut(name).ok_or_else(|| no_project(caller, name))?;
            let tags = if input.has("tags") { tags::read(input.list("tags")) } else { project.tags.clone() };
            let mut definition = project.definition.clone();
            definition.extend(input.as_object().cloned().unwrap_or_default());
            set_project(world, caller, name, &Json::Object(definition), tags)?;
            Ok(json!({"project": shape(name, &world.state.at(&scope).projects[name])}))
        }
        "DeleteProject" => {
            world.state.at(&scope).projects.remove(input.need("name")?);
            Ok(json!({}))
        }
        "BatchGetProjects" => {
            let projects = &world.state.at(&scope).projects;
            let (mut found, mut missing) = (Vec::new(), Vec::new());
            for asked in input.texts("names") {
                let name = asked.rsplit_once(":project/").map_or(asked.as_str(), |(_, name)| name);
                match projects.get(name) {
                    Some(project) => found.push(shape(name, project)),
                    None => missing.push(asked),
                }
            }
            Ok(json!({"projects": found, "projectsNotFound": missing}))
        }
        "ListProjects" => {
            let names: Vec<String> = world.state.at(&scope).projects.keys().cloned().collect();
            let (page, next) = page(&names, input.text("nextToken"), 100);
            Ok(json!({"projects": page, "nextToken": next}))
        }
        "StartBuild" => {
            let variables = input.list("environmentVariablesOverride").to_vec();
            let id = start(world, caller, input.need("projectName")?, &caller.arn, variables)?;
            Ok(json!({"build": build_shape(world, caller, &id)}))
        }
        "BatchGetBuilds" => {
            let (mut found, mut missing) = (Vec::new(), Vec::new());
            for asked in input.texts("ids") {
                let id = asked.rsplit_once(":build/").map_or(asked.as_str(), |(_, id)| id);
                match build_shape(world, caller, id) {
                    Json::Null => missing.push(asked),
                    shape => found.push(shape),
                }
            }
            Ok(json!({"builds": found, "buildsNotFound": missing}))
        }
        "ListBuildsForProject" | "ListBuilds" => {
            let project = input.text("projectName");
            let here = world.state.at(&scope);
            if let Some(name) = project.filter(|name| !here.projects.contains_key(*name)) {
                return Err(no_project(caller, name));
            }
            let mut builds: Vec<&Build> = here
                .builds
                .values()
                .filter(|build| project.is_none_or(|name| name == build.project))
                .collect();
            builds.sort_by_key(|build| (-build.started, std::cmp::Reverse(build.number)));
            let ids: Vec<String> = builds.into_iter().map(|build| build.id.clone()).collect();
            let (page, next) = page(&ids, input.text("nextToken"), 100);
            Ok(json!({"ids": page, "nextToken": next}))
        }
        "StopBuild" => {
            let id = input.need("id")?.to_owned();
            let now = world.now();
            if let Some(build) =
                world.state.at(&scope).builds.get_mut(&id).filter(|build| build.ended.is_none())
            {
                build.status = "STOPPED".into();
                build.ended = Some(now);
            }
            Ok(json!({"build": build_shape(world, caller, &id)}))
        }
        _ => Err(AwsError::unknown_operation("codebuild", operation)),
    }
}

fn shape(name: &str, project: &Project) -> Json {
    let mut shape = project.definition.clone();
    shape.insert("name".into(), json!(name));
    shape.insert("arn".into(), json!(project.arn));
    shape.insert("created".into(), timestamp(project.created));
    shape.insert("lastModified".into(), timestamp(project.modified));
    shape.insert("tags".into(), tags::write_lower(&project.tags));
    shape.into()
}

/// Starts a build and says its id.
pub(crate) fn start(
    world: &mut World,
    caller: &Caller,
    project: &str,
    initiator: &str,
    environment: Vec<Json>,
) -> Result<String, AwsError> {
    let (now, uuid) = (world.now(), world.state.ids.uuid());
    let here = world.state.at(&caller.scope());
    let found = here.projects.get_mut(project).ok_or_else(|| no_project(caller, project))?;
    found.builds += 1;
    let id = format!("{project}:{uuid}");
    let build = Build {
        id: id.clone(),
        project: project.to_owned(),
        number: found.builds,
        status: "IN_PROGRESS".into(),
        initiator: initiator.to_owned(),
        started: now,
        ended: None,
        phases: vec![run::first(now)],
        environment,
        files: BTreeMap::new(),
        left_out: false,
    };
    here.builds.insert(id.clone(), build);
    Ok(id)
}

/// Log group and stream of a build.
fn log_place(build: &Build) -> (String, &str) {
    (format!("/aws/codebuild/{}", build.project), build.id.rsplit(':').next().unwrap_or(&build.id))
}

/// A build in a console of AWS, as links show it.
pub(crate) fn console(account: &str, region: &str, id: &str) -> String {
    let project = id.split(':').next().unwrap_or(id);
    format!(
        "https://console.aws.amazon.com/codesuite/codebuild/{account}/projects/{project}/build/{id}/?region={region}"
    )
}

fn build_shape(world: &World, caller: &Caller, id: &str) -> Json {
    let Some(here) = world.state.regional.get(&caller.scope()) else { return Json::Null };
    let Some(build) = here.builds.get(id) else { return Json::Null };
    let definition = here.projects.get(&build.project).map(|project| &project.definition);
    let (group, stream) = log_place(build);
    let phases: Vec<Json> = build
        .phases
        .iter()
        .map(|phase| {
            json!({
                "phaseType": phase.name, "phaseStatus": phase.status, "startTime": timestamp(phase.started),
                "endTime": phase.ended.map(timestamp),
                "durationInSeconds": phase.ended.map(|ended| (ended - phase.started) / 1000),
                "contexts": phase.problem.as_ref().map(|problem| json!([{"statusCode": "COMMAND_EXECUTION_ERROR", "message": problem}])),
            })
        })
        .collect();
    let part = |key: &str| definition.and_then(|definition| definition.get(key)).cloned();
    // A stream exists only once something has been written.
    let logs = here.logs.get(&group).filter(|found| found.streams.contains_key(stream)).map(|_| {
        json!({
            "groupName": group, "streamName": stream,
            "deepLink": format!("https://console.aws.amazon.com/cloudwatch/home?region={}#logsV2:log-groups/log-group/{group}/log-events/{stream}", caller.region),
            "cloudWatchLogsArn": caller.arn("logs", &format!("log-group:{group}:log-stream:{stream}")),
        })
    });
    json!({
        "id": build.id, "arn": arn("codebuild", &caller.region, &caller.account, &format!("build/{}", build.id)),
        "buildNumber": build.number, "projectName": build.project, "buildStatus": build.status,
        "buildComplete": build.ended.is_some(), "currentPhase": build.phases.last().map(|phase| &phase.name),
        "startTime": timestamp(build.started), "endTime": build.ended.map(timestamp), "phases": phases,
        "initiator": build.initiator, "logs": logs, "source": part("source"), "artifacts": {"location": ""},
        "environment": part("environment"), "serviceRole": part("serviceRole"), "timeoutInMinutes": 60,
    })
}

/// Digests of the files that a build made, by their path.
pub(crate) fn files(world: &World, scope: &str, id: &str) -> BTreeMap<String, String> {
    let build = world.state.regional.get(scope).and_then(|here| here.builds.get(id));
    build.map(|build| build.files.clone()).unwrap_or_default()
}

/// Whether the commands of a build were left out.
pub(crate) fn left_out(world: &World, scope: &str, id: &str) -> bool {
    world.state.regional.get(scope).and_then(|here| here.builds.get(id)).is_some_and(|build| build.left_out)
}

/// Status of a build and, once it has failed, why.
pub(crate) fn outcome(world: &World, scope: &str, id: &str) -> Option<(String, Option<String>)> {
    let build = world.state.regional.get(scope)?.builds.get(id)?;
    let problem = build.phases.iter().find_map(|phase| {
        phase.problem.as_ref().map(|problem| format!("Build terminated with state: FAILED. Phase: {}, Code: COMMAND_EXECUTION_ERROR, Message: {problem}", phase.name))
    });
    Some((build.status.clone(), problem))
}
