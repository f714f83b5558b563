//! From a task's definition to what the engine is told.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::model::Task;
use super::archive::Archive;
use super::{LABEL, Network, Setup};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::core::state::State;
use crate::core::world::World;
use crate::services::{secrets, ssm};

/// A container to be made.
#[derive(Debug)]
pub(super) struct Plan {
    /// The engine's name for it.
    pub(super) name: String,
    /// The image's name: in its registry, or, with an archive, in the engine.
    pub(super) image: String,
    /// The image, if the registry of the local AWS has it.
    pub(super) archive: Option<Archive>,
    /// What `create` is told before the image, and after it.
    pub(super) options: Vec<String>,
    pub(super) arguments: Vec<String>,
    /// Values of variables, which stand in no argument.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) ports: Vec<i64>,
    /// Whether the engine says of it how it is.
    pub(super) checked: bool,
}

/// What is to be made for a task, or why that can't be.
pub(super) fn of(world: &mut World, scope: &str, task: &Task, setup: &Setup) -> Result<Vec<Plan>, String> {
    let definition = world.state.at(scope).ecs.definitions.get(&task.definition);
    let definition = definition.map(|found| found.shape.clone()).unwrap_or_default();
    let containers = definition.list("containerDefinitions");
    let name = |at: usize| {
        let name = containers[at].text("name").unwrap_or_default();
        format!("copilot-local-{}-{}", &task.id[..12.min(task.id.len())], plain(name))
    };
    let ports: Vec<i64> = containers
        .iter()
        .flat_map(|container| container.list("portMappings"))
        .filter_map(|port| port.number("containerPort"))
        .collect();
    let mut plans = Vec::new();
    for (at, container) in containers.iter().enumerate() {
        let mut options = vec!["--name".to_owned(), name(at)];
        for label in [format!("{LABEL}={}", setup.mark), format!("{LABEL}.task={}", task.arn)] {
            options.extend(["--label".to_owned(), label]);
        }
        match setup.network {
            Network::Host => options.extend(["--network".to_owned(), "host".to_owned()]),
            Network::Bridge if at > 0 => {
                options.extend(["--network".to_owned(), format!("container:{}", name(0))]);
            }
            Network::Bridge => {
                options.extend(
                    ports.iter().flat_map(|port| ["--publish".to_owned(), format!("127.0.0.1::{port}")]),
                );
            }
        }
        let changed = overrides(task, container.text("name").unwrap_or_default());
        let variables = variables(world, scope, container, &changed)?;
        options.extend(variables.keys().flat_map(|key| ["--env".to_owned(), key.clone()]));
        let arguments = command(container, &changed, &mut options);
        settings(container, &mut options);
        let image = container.text("image").unwrap_or_default();
        let archive = super::archive::of(world, scope, image, &setup.architecture)?;
        plans.push(Plan {
            name: name(at),
            image: archive.as_ref().map_or_else(|| image.to_owned(), |archive| archive.name.clone()),
            archive,
            options,
            arguments,
            variables,
            ports: container
                .list("portMappings")
                .iter()
                .filter_map(|port| port.number("containerPort"))
                .collect(),
            checked: container.has("healthCheck"),
        });
    }
    Ok(plans)
}

/// A name as the engine takes it.
fn plain(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

/// What a task changes of a container.
fn overrides(task: &Task, name: &str) -> Json {
    let all = task.shape.pointer("/overrides/containerOverrides").and_then(Json::as_array);
    all.into_iter().flatten().find(|one| one.text("name") == Some(name)).cloned().unwrap_or_default()
}

/// The command: its first word becomes the entry point if the definition has one.
fn command(container: &Json, changed: &Json, options: &mut Vec<String>) -> Vec<String> {
    let own = container.texts("command");
    let given = changed.texts("command");
    let command = if given.is_empty() { own } else { given };
    let mut entry = container.texts("entryPoint").into_iter();
    match entry.next() {
        Some(first) => {
            options.extend(["--entrypoint".to_owned(), first]);
            entry.chain(command).collect()
        }
        None => command,
    }
}

/// What else of a definition an engine knows.
fn settings(container: &Json, options: &mut Vec<String>) {
    for (key, option) in [("user", "--user"), ("workingDirectory", "--workdir")] {
        if let Some(value) = container.text(key) {
            options.extend([option.to_owned(), value.to_owned()]);
        }
    }
    if container.flag("readonlyRootFilesystem") {
        options.push("--read-only".into());
    }
    if container.get("linuxParameters").is_some_and(|parameters| parameters.flag("initProcessEnabled")) {
        options.push("--init".into());
    }
    let Some(check) = container.get("healthCheck") else { return };
    let mut words = check.texts("command");
    let shell = words.first().is_some_and(|first| first == "CMD-SHELL");
    if shell || words.first().is_some_and(|first| first == "CMD") {
        words.remove(0);
    }
    let line = if shell {
        words.join(" ")
    } else {
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    };
    options.extend(["--health-cmd".to_owned(), line]);
    for (key, option) in [
        ("interval", "--health-interval"),
        ("timeout", "--health-timeout"),
        ("startPeriod", "--health-start-period"),
    ] {
        if let Some(seconds) = check.number(key).filter(|seconds| *seconds > 0) {
            options.extend([option.to_owned(), format!("{seconds}s")]);
        }
    }
    if let Some(retries) = check.number("retries") {
        options.extend(["--health-retries".to_owned(), retries.to_string()]);
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Variables of a container, with those from files and with secrets.
fn variables(
    world: &mut World,
    scope: &str,
    container: &Json,
    changed: &Json,
) -> Result<BTreeMap<String, String>, String> {
    let (account, region) = State::of_scope(scope);
    let caller = Caller::service(account, region, "ecs");
    let mut all: BTreeMap<String, String> =
        [("AWS_REGION", region), ("AWS_DEFAULT_REGION", region), ("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
    for file in container.list("environmentFiles") {
        let arn = file.text("value").unwrap_or_default();
        let path = arn.split_once(":::").map_or(arn, |(_, path)| path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let blob = world
            .state
            .buckets
            .get(bucket)
            .and_then(|bucket| bucket.current(key))
            .map(|found| found.blob.clone());
        let content = blob.and_then(|digest| world.blobs.get(&digest));
        let content = content.ok_or_else(|| {
            format!("ResourceInitializationError: failed to download env files: file download command: non empty error stream: {arn}")
        })?;
        for line in
            String::from_utf8_lossy(&content).lines().filter(|line| !line.trim_start().starts_with('#'))
        {
            if let Some((key, value)) = line.split_once('=') {
                all.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    let pairs = container.list("environment").iter().chain(changed.list("environment"));
    all.extend(pairs.map(|pair| {
        (pair.text("name").unwrap_or_default().to_owned(), pair.text("value").unwrap_or_default().to_owned())
    }));
    for secret in container.list("secrets") {
        let from = secret.text("valueFrom").unwrap_or_default();
        let value = if from.contains(":secretsmanager:") {
            secrets::value(world, &caller, from)
        } else {
            ssm::value(world, &caller, from)
        };
        let value = value.ok_or_else(|| {
            format!("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from {from}")
        })?;
        all.insert(secret.text("name").unwrap_or_default().to_owned(), value);
    }
    Ok(all)
}

/// The name of an image in the engine that came from the registry of the local AWS.
pub(super) fn image_name(repository: &str, digest: &str) -> String {
    format!("copilot-local-aws/{repository}:{}", &sha256_hex(digest.as_bytes())[..16])
}
