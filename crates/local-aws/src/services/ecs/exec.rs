//! `ExecuteCommand`: what a client needs to open a session with.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::engine::{self, Session};
use super::{clusters, last};
use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::Input;
use crate::core::world::World;
use crate::error::{Answer, AwsError};

fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

pub(super) fn execute(world: &mut World, caller: &Caller, input: &Json) -> Answer {
    let cluster = clusters::of(world, caller, input)?;
    let arn = caller.arn("ecs", &format!("task/{cluster}/{}", last(input.need("task")?)));
    let command = input.need("command")?.to_owned();
    if !input.flag("interactive") {
        return Err(invalid("Interactive is the only mode supported currently."));
    }
    let number = world.state.at(&caller.scope()).ecs.name("session");
    let tasks = &world.state.at(&caller.scope()).ecs.tasks;
    let task = tasks.get(&arn).filter(|task| task.status == "RUNNING").ok_or_else(|| {
        invalid("The execute command failed because the task is not running. Wait for the task to start and try again.")
    })?;
    if !task.shape.flag("enableExecuteCommand") {
        return Err(invalid(
            "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.",
        ));
    }
    let container = match input.text("container") {
        Some(name) => task.containers.iter().find(|container| container.name == name),
        None if task.containers.len() == 1 => task.containers.first(),
        None => return Err(invalid("A container name is needed: the task has more than one container.")),
    };
    let container = container.ok_or_else(|| invalid("The container is not one of the task's."))?;
    let real = container.runtime.clone().filter(|_| task.real);
    let opened = Session { container: real, command: command.clone() };
    let id = sha256_hex(format!("{} {}", task.arn, container.name).as_bytes());
    let token = sha256_hex(format!("{number} {command}").as_bytes());
    let session = format!("ecs-execute-command-{}", &number[..17]);
    let stream = format!("wss://ssmmessages.{}.amazonaws.com/v1/data-channel/{session}", caller.region);
    let answer = json!({
        "clusterArn": caller.arn("ecs", &format!("cluster/{cluster}")), "taskArn": task.arn,
        "containerArn": caller.arn("ecs", &format!("container/{cluster}/{}/{}", task.id, &id[..32])),
        "containerName": container.name, "interactive": true,
        "session": {"sessionId": session, "streamUrl": stream, "tokenValue": token},
    });
    world.state.at(&caller.scope()).ecs.sessions.insert(token, opened);
    Ok(answer)
}

/// What runs the command of the session with this token, or why it can't be run. A token is good for once.
pub(crate) fn session(world: &mut World, token: &str) -> Result<Command, String> {
    let mut all = world.state.regional.values_mut();
    let found = all.find_map(|here| here.ecs.sessions.remove(token)).ok_or("there is no such session")?;
    world.dirty = true;
    let pretended = || {
        let why = world.containers.about().err();
        why.unwrap_or_else(|| "a script stands in for the task's containers".to_owned())
    };
    let container = found.container.ok_or_else(|| format!("the container is not run: {}", pretended()))?;
    engine::exec(world, &container, &found.command)
}
