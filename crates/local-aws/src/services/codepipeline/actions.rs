//! What actions do: sources look, builds build, approvals wait, deployments take a while.

use serde_json::{Value as Json, json};

use super::{Action, Execution, Revision, deploy};
use crate::core::caller::Caller;
use crate::core::input::Input;
use crate::core::world::World;
use crate::services::{codebuild, connections};

/// Ticks that an action takes of which nothing else is known.
pub(super) const TICKS: u32 = 3;

pub(super) fn fail(run: &mut Action, code: &str, message: impl Into<String>) {
    let message = message.into();
    run.status = "Failed".into();
    run.summary = Some(message.clone());
    run.error = Some((code.to_owned(), message));
}

fn provider(action: &Json) -> (&str, &str) {
    let kind = action.get("actionTypeId");
    let text = |key| kind.and_then(|kind| kind.text(key)).unwrap_or_default();
    (text("category"), text("provider"))
}

pub(super) fn configured<'a>(action: &'a Json, key: &str) -> &'a str {
    action.get("configuration").and_then(|configuration| configuration.text(key)).unwrap_or_default()
}

/// Whether an action does nothing by itself: somebody has to answer it.
pub(super) fn waits(action: &Json) -> bool {
    provider(action).0 == "Approval"
}

/// Begins an action.
pub(super) fn begin(
    world: &mut World,
    caller: &Caller,
    pipeline: &str,
    execution: &Execution,
    action: &Json,
    run: &mut Action,
) {
    match provider(action) {
        ("Build" | "Test", "CodeBuild") => {
            let project = configured(action, "ProjectName").to_owned();
            let initiator = format!("codepipeline/{pipeline}");
            match codebuild::start(world, caller, &project, &initiator, Vec::new()) {
                Ok(id) => {
                    run.url = Some(codebuild::console(&caller.account, &caller.region, &id));
                    run.external = Some(id);
                }
                Err(error) => {
                    let message = format!("Error calling startBuild: {}", error.message);
                    fail(run, "JobFailed", message);
                }
            }
        }
        ("Approval", _) => run.token = Some(world.state.ids.uuid()),
        ("Deploy", "CloudFormation") => deploy::begin(world, caller, execution, action, run),
        _ => {}
    }
}

/// Moves a running action on.
pub(super) fn advance(
    world: &mut World,
    caller: &Caller,
    pipeline: &str,
    execution: &mut Execution,
    action: &Json,
    run: &mut Action,
) {
    let name = action.text("name").unwrap_or_default();
    if let Some(message) = doomed(world, caller, pipeline, name) {
        return fail(run, "JobFailed", message);
    }
    match provider(action) {
        ("Source", provider) => source(world, caller, provider, execution, action, run),
        ("Build" | "Test", "CodeBuild") => {
            let id = run.external.clone().unwrap_or_default();
            match codebuild::outcome(world, &caller.scope(), &id) {
                Some((status, _)) if status == "IN_PROGRESS" => {}
                Some((status, _)) if status == "SUCCEEDED" => {
                    run.status = "Succeeded".into();
                    if codebuild::left_out(world, &caller.scope(), &id) {
                        run.summary = Some(codebuild::NOT_RUN.to_owned());
                    }
                    let made = codebuild::files(world, &caller.scope(), &id);
                    if let Some(artifact) = action.list("outputArtifacts").first() {
                        let artifact = artifact.text("name").unwrap_or_default();
                        execution.artifacts.insert(artifact.to_owned(), made);
                    }
                }
                Some((_, problem)) => {
                    fail(
                        run,
                        "JobFailed",
                        problem.unwrap_or_else(|| "Build terminated with state: STOPPED".into()),
                    );
                }
                None => fail(run, "JobFailed", "The build does not exist"),
            }
        }
        ("Approval", _) => {}
        ("Deploy", "CloudFormation") => deploy::advance(world, caller, execution, action, run),
        _ if run.age >= TICKS => run.status = "Succeeded".into(),
        _ => {}
    }
}

/// Why a test wants this action to fail now.
fn doomed(world: &mut World, caller: &Caller, pipeline: &str, action: &str) -> Option<String> {
    let here = world.state.at(&caller.scope());
    let doom =
        here.dooms.get_mut(pipeline)?.iter_mut().find(|doom| doom.action == action && doom.times > 0)?;
    doom.times -= 1;
    Some(doom.message.clone())
}

fn source(
    world: &mut World,
    caller: &Caller,
    provider: &str,
    execution: &mut Execution,
    action: &Json,
    run: &mut Action,
) {
    match provider {
        "CodeStarSourceConnection" => {
            let connection = configured(action, "ConnectionArn");
            match connections::status(world, &caller.scope(), connection).as_deref() {
                Some("AVAILABLE") => {}
                Some(status) => {
                    return fail(
                        run,
                        "ConfigurationError",
                        format!(
                            "The connection {connection} is not available: its status is {status}. Complete the connection in the console, then retry."
                        ),
                    );
                }
                None => {
                    return fail(
                        run,
                        "ConfigurationError",
                        format!("Unable to use Connection: {connection}. The connection does not exist."),
                    );
                }
            }
        }
        "S3" => {
            let (bucket, key) = (configured(action, "S3Bucket"), configured(action, "S3ObjectKey"));
            let there = world.state.buckets.get(bucket).is_some_and(|bucket| bucket.current(key).is_some());
            if !there {
                let message = format!(
                    "The Amazon S3 object with key '{key}' in bucket '{bucket}' could not be found, or the pipeline's role may not read it."
                );
                return fail(run, "ConfigurationError", message);
            }
        }
        _ => {}
    }
    let commit = world.state.ids.hex(40);
    let message = execution.message.clone().unwrap_or_else(|| "Local commit".into());
    let repository = ["FullRepositoryId", "RepositoryName", "Repo", "S3ObjectKey"]
        .iter()
        .map(|key| configured(action, key))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let (summary, url) = match provider {
        "CodeStarSourceConnection" => (
            json!({"ProviderType": "GitHub", "CommitMessage": message}).to_string(),
            Some(format!(
                "https://{}.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn={}&referenceType=COMMIT&FullRepositoryId={repository}&Commit={commit}",
                caller.region,
                configured(action, "ConnectionArn")
            )),
        ),
        "GitHub" => {
            let owner = configured(action, "Owner");
            (message, Some(format!("https://github.com/{owner}/{repository}/commit/{commit}")))
        }
        _ => (message, None),
    };
    let artifact =
        action.list("outputArtifacts").first().and_then(|artifact| artifact.text("name")).unwrap_or_default();
    let name = action.text("name").unwrap_or_default();
    execution.revisions.retain(|revision| revision.action != name);
    execution.revisions.push(Revision {
        action: name.into(),
        artifact: artifact.into(),
        id: commit.clone(),
        summary: summary.clone(),
        url: url.clone(),
    });
    run.external = Some(commit);
    run.summary = Some(summary);
    run.url = url;
    run.status = "Succeeded".into();
}
