//! `delete`: a deployed pipeline with its stack.

use clap::Args;
use copilot_deployer::pipeline::Deletion;
use copilot_engine::Answers;
use copilot_engine::pipeline::deployed::{self, DeletionOutcome, DeletionPlan, Target};

use crate::answer;
use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::phrases::running;
use crate::remote::{Which, application_name};
use crate::view::View;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Don't ask before deleting the pipeline.
    #[arg(long)]
    yes: bool,
    /// Also delete the secret with the pipeline's GitHub token.
    #[arg(long)]
    delete_secret: bool,
}

pub(crate) fn run(arguments: &Arguments, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let aws = Aws::open(access, io)?;
    let app = application_name(arguments.which.app.as_deref(), &aws, io)?;
    let target = find(arguments, &app, &aws, io)?;
    if let Some(status) = &target.remains {
        io.note(format!("stack {} is left of a failed deployment ({status})", target.stack));
    }
    let plan = aws.wait(deployed::plan_deletion(aws.session(), &app, target))?;
    let answers = agreed(&plan, arguments, io)?;
    let outcome =
        engage(View::at(&aws), io, |host| aws.run(deployed::delete(&plan, answers, aws.cloud(), host)));
    match outcome {
        DeletionOutcome::Deleted(done) => said(&done, &plan.target, io),
        DeletionOutcome::Declined => {
            return Err(Failure::new("pipeline delete cancelled - no changes made"));
        }
        DeletionOutcome::Cancelled { running: what } => {
            return Err(Failure::Interrupted(what.as_ref().map(|what| {
                format!("{} is still running in AWS; the same command waits for it", running(what))
            })));
        }
        DeletionOutcome::Failed(error) => return Err(error.into()),
    }
    aws.close()
}

/// The answers. Where nobody can be asked the secret stays, and that is said.
fn agreed(plan: &DeletionPlan, arguments: &Arguments, io: &mut Io<'_>) -> Result<Answers, Failure> {
    let given = Answers { confirmed: arguments.yes, delete_secret: arguments.delete_secret };
    let answers = answer::ask(&plan.questions, given, io)?;
    if let Some(secret) = plan.secret.as_ref().filter(|_| io.prompt().is_none() && !answers.delete_secret) {
        io.note(format!("the secret {} is kept; `--delete-secret` deletes it too", secret.name));
    }
    Ok(answers)
}

/// The deployed pipeline; else, with a name, the stack that a failed creation or deletion left behind.
fn find(arguments: &Arguments, app: &str, aws: &Aws, io: &mut Io<'_>) -> Result<Target, Failure> {
    let all = arguments.which.deployed(app, aws, io)?;
    let names = arguments.which.asked_for(all.is_empty(), io);
    for name in names.iter().filter(|name| all.iter().all(|pipeline| pipeline.name != **name)) {
        if let Some(target) = aws.wait(deployed::remains(aws.session(), app, name))? {
            return Ok(target);
        }
    }
    let chosen = &all[arguments.which.choose(&all, app, io)?];
    Ok(Target { pipeline: chosen.name.clone(), stack: chosen.stack_name(app), remains: None })
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
