//! `delete`: a deployed pipeline with its stack.

use clap::Args;
use copilot_deployer::pipeline::{self, Deletion, Secret};
use copilot_deployer::stack::{Event, Patience};

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::io::Io;
use crate::progress::Progress;
use crate::remote::{Which, application_name};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Doesn't ask whether to delete the pipeline.
    #[arg(long)]
    yes: bool,
    /// Also deletes the secret with the pipeline's GitHub token, if it has one.
    #[arg(long)]
    delete_secret: bool,
}

/// What is to go.
struct Target {
    pipeline: String,
    stack: String,
    /// Why there is a stack but no pipeline.
    remains: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.which.app.as_deref(), &aws, io)?;
    let target = find(arguments, &app, &aws, io)?;
    if let Some(status) = &target.remains {
        io.note(format!("stack {} is left of a failed deployment ({status})", target.stack));
    }
    let question = format!("Delete the pipeline {} of the application {app}?", target.pipeline);
    if !arguments.yes && !confirmed(&question, "--yes", io)? {
        return Err(Failure::new("pipeline delete cancelled - no changes made"));
    }
    let secret = aws.wait(pipeline::find_secret(aws.session(), &app, &target.pipeline))?;
    let secret = match secret {
        Some(secret) if arguments.delete_secret || keeps_not(&secret, io)? => Some(secret),
        _ => None,
    };
    let mut progress = Progress::new(io);
    let (session, patience) = (aws.session(), aws.patience(Patience::STACK));
    let (stacks, gone) = (std::slice::from_ref(&target.stack), secret.as_ref());
    let result = aws.follow(
        |events| async move {
            pipeline::delete(session, stacks, gone, patience, &|event| drop(events.send(event))).await
        },
        |event: Option<Event>| progress.show(event, io),
    );
    let running = progress
        .running()
        .map(|what| format!("{what} is still running in AWS; the same command waits for it"));
    progress.end(io);
    match result {
        Ok(done) => said(&done, &target, io),
        Err(Failure::Interrupted(_)) => return Err(Failure::Interrupted(running)),
        Err(failure) => return Err(failure),
    }
    aws.close()
}

/// The deployed pipeline; else, with a name, the stack that a failed creation or deletion left behind.
fn find(arguments: &Arguments, app: &str, aws: &Aws, io: &mut Io<'_>) -> Result<Target, Failure> {
    let all = arguments.which.deployed(app, aws, io)?;
    let names = arguments.which.asked_for(all.is_empty(), io);
    for name in names.iter().filter(|name| all.iter().all(|pipeline| pipeline.name != **name)) {
        if let Some(stack) = aws.wait(pipeline::named_stack(aws.session(), app, name))? {
            return Ok(Target { pipeline: name.clone(), stack: stack.name, remains: Some(stack.status) });
        }
    }
    let chosen = &all[arguments.which.choose(&all, app, io)?];
    Ok(Target { pipeline: chosen.name.clone(), stack: chosen.stack_name(app), remains: None })
}

fn confirmed(question: &str, flag: &str, io: &mut Io<'_>) -> Result<bool, Failure> {
    match io.prompt() {
        Some(prompt) => Ok(prompt.confirm(question)?),
        None => Err(Failure::with_hint(
            format!("cannot prompt: not a terminal ({question})"),
            format!("pass `{flag}` to confirm"),
        )),
    }
}

/// Whether the secret goes too. Where nobody can be asked it stays.
fn keeps_not(secret: &Secret, io: &mut Io<'_>) -> Result<bool, Failure> {
    let name = &secret.name;
    if let Some(prompt) = io.prompt() {
        return Ok(prompt.confirm(&format!("Delete the secret {name} with its GitHub token too?"))?);
    }
    io.note(format!("the secret {name} is kept; `--delete-secret` deletes it too"));
    Ok(false)
}

fn said(done: &Deletion, target: &Target, io: &mut Io<'_>) {
    match &done.stacks[..] {
        [] => io.done(&format!("stack {} is gone already", target.stack)),
        stacks => io.done(&format!("deleted stack {}", stacks.join(", "))),
    }
    if let Some(secret) = &done.secret {
        io.done(&format!("deleted secret {secret}"));
    }
}
