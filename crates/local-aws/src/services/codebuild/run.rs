//! Builds on their way through the phases.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Build, Phase, log_place};
use crate::core::input::Input;
use crate::core::time::iso;
use crate::core::world::World;
use crate::inspect::StackView;
use crate::services::{logs, s3};

/// What the builds of a project write, and whether they fail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildScript {
    /// Lines written in the `BUILD` phase.
    pub lines: Vec<String>,
    /// The phase that fails, such as `BUILD`.
    pub fails_in: Option<String>,
    /// Why it fails, as the phase's context says.
    pub message: String,
    /// How many builds follow the script before builds succeed again; all without a number.
    pub times: Option<u32>,
}

/// A build that is to be done.
#[derive(Debug)]
#[non_exhaustive]
pub struct BuildJob<'a> {
    /// Name of the project.
    pub project: &'a str,
    /// What [`crate::Region::build_from`] said of it.
    pub source: &'a Json,
    /// The project's environment variables.
    pub variables: BTreeMap<String, String>,
    /// The stacks of all accounts and regions as they are now.
    pub stacks: Vec<StackView>,
}

/// What came of a build.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// Lines of its log.
    pub lines: Vec<String>,
    /// The files that it made, by their path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The objects that it uploads, by bucket and key.
    pub objects: BTreeMap<(String, String), Vec<u8>>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// Does the builds of those projects of which it is known what to build from. It must not ask this AWS for anything, which
/// waits for it.
#[derive(Clone)]
pub struct Builder(Arc<dyn Fn(&BuildJob<'_>) -> Built + Send + Sync>);

impl Builder {
    /// A builder of the caller's own.
    pub fn new(build: impl Fn(&BuildJob<'_>) -> Built + Send + Sync + 'static) -> Self {
        Self(Arc::new(build))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Builder")
    }
}

/// The phases that a build goes through.
const PHASES: [&str; 11] = [
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
    COMPLETED,
];
/// The last of them, in which nothing happens any more.
const COMPLETED: &str = "COMPLETED";
/// Phases that write to the log.
const LOGGED: [&str; 5] = ["DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"];

/// The phase that a build begins with.
pub(super) fn first(now: i64) -> Phase {
    Phase { name: PHASES[0].into(), started: now, ..Phase::default() }
}

/// Moves builds on by one phase; whether there were any.
pub(crate) fn tick(world: &mut World) -> bool {
    let mut busy = Vec::new();
    for (scope, here) in &world.state.regional {
        let running = here.builds.values().filter(|build| build.ended.is_none());
        busy.extend(running.map(|build| (scope.clone(), build.id.clone())));
    }
    for (scope, id) in &busy {
        advance(world, scope, id);
    }
    !busy.is_empty()
}

fn advance(world: &mut World, scope: &str, id: &str) {
    let now = world.now();
    let Some(mut build) = world.state.at(scope).builds.get(id).cloned() else { return };
    let failed_before = build.phases.iter().any(|phase| phase.status.as_deref() == Some("FAILED"));
    let Some(name) = build.phases.last().map(|phase| phase.name.clone()) else { return };
    let Work { mut lines, failure } = work(world, scope, &mut build, &name);
    let state = if failure.is_some() { "FAILED" } else { "SUCCEEDED" };
    if LOGGED.contains(&name.as_str()) {
        let stamp = iso(now).replace('T', " ").replace('Z', "");
        lines.push(format!("[Container] {stamp} Phase complete: {name} State: {state}"));
        if let Some(message) = &failure {
            lines.push(format!(
                "[Container] {stamp} Phase context status code: COMMAND_EXECUTION_ERROR Message: {message}"
            ));
        }
    }
    let failed = failure.is_some();
    if let Some(phase) = build.phases.last_mut() {
        phase.status = Some(state.into());
        phase.ended = Some(now);
        phase.problem = failure;
    }
    let following = next(&name, failed, failed_before);
    build.phases.push(Phase { name: following.into(), started: now, ..Phase::default() });
    if following == COMPLETED {
        build.status = if failed || failed_before { "FAILED" } else { "SUCCEEDED" }.into();
        build.ended = Some(now);
        if let Some(script) = world.state.at(scope).build_scripts.get_mut(&build.project) {
            script.times = script.times.map(|times| times.saturating_sub(1));
        }
    }
    let (group, stream) = log_place(&build);
    let stream = stream.to_owned();
    world.state.at(scope).builds.insert(id.to_owned(), build);
    for line in lines {
        logs::append(world, scope, &group, &stream, &format!("{line}\n"));
    }
}

/// The phase after this one. After a failure only what cleans up still happens.
fn next(name: &str, failed: bool, failed_before: bool) -> &'static str {
    let at = PHASES.iter().position(|phase| *phase == name).unwrap_or(PHASES.len());
    let next = if failed && at < 6 { 9 } else { at + 1 };
    let skipped = PHASES.get(next) == Some(&"UPLOAD_ARTIFACTS") && (failed || failed_before);
    PHASES.get(if skipped { 9 } else { next }).copied().unwrap_or(COMPLETED)
}

/// What a phase wrote, and why it failed.
#[derive(Default)]
struct Work {
    lines: Vec<String>,
    failure: Option<String>,
}

fn work(world: &mut World, scope: &str, build: &mut Build, phase: &str) -> Work {
    let here = world.state.at(scope);
    let script = here.build_scripts.get(&build.project).filter(|script| script.times != Some(0)).cloned();
    if let Some(script) = script {
        let failure = (script.fails_in.as_deref() == Some(phase)).then_some(script.message);
        return Work { lines: if phase == "BUILD" { script.lines } else { Vec::new() }, failure };
    }
    if phase != "BUILD" {
        return Work::default();
    }
    let project = here.projects.get(&build.project).map(|project| Json::Object(project.definition.clone()));
    let project = project.unwrap_or_default();
    let source = here.build_sources.get(&build.project).cloned();
    let (Some(builder), Some(source)) = (world.options.builder.clone(), source) else {
        let buildspec = project.pointer("/source/buildspec").and_then(Json::as_str).unwrap_or_default();
        build.left_out = true;
        return Work { lines: vec![not_run(buildspec)], failure: None };
    };
    let variables = project.pointer("/environment/environmentVariables").and_then(Json::as_array);
    let variables = variables.into_iter().flatten().filter_map(|variable| {
        Some((variable.text("name")?.to_owned(), variable.text("value").unwrap_or_default().to_owned()))
    });
    let variables = variables.collect();
    let job = BuildJob { project: &build.project, source: &source, variables, stacks: world.state.stacks() };
    let Built { lines, files, objects, mut failure } = (builder.0)(&job);
    for (path, content) in files {
        match world.blobs.put(&Bytes::from(content)) {
            Ok(digest) => drop(build.files.insert(path, digest)),
            Err(error) => failure = Some(format!("cannot keep {path}: {error}")),
        }
    }
    for ((bucket, key), content) in objects {
        let there = world.state.buckets.get(&bucket).is_some_and(|bucket| bucket.current(&key).is_some());
        if !there && !s3::put_object(world, &bucket, &key, &Bytes::from(content)) {
            failure = Some(format!("cannot upload s3://{bucket}/{key}"));
        }
    }
    Work { lines, failure }
}

/// What a pipeline says of an action whose build was not done. It counts as one that succeeded, so that the pipeline goes on.
pub const NOT_RUN: &str = "not run: the local AWS runs no containers";

/// What stands in the log of a build that was not done.
fn not_run(buildspec: &str) -> String {
    let what = if buildspec.is_empty() || buildspec.contains('\n') { "its buildspec" } else { buildspec };
    format!("The local AWS runs no containers: the commands of {what} were not run.")
}
