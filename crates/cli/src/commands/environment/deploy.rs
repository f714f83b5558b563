//! `env deploy`: renders an environment's stack as `env package` does, and deploys it.

use clap::Args;
use copilot_deployer::stack::Deployed;
use copilot_engine::environment::{
    self, AddonFiles, Inputs, Outcome, Plan, Settings, Stack, Wishes, Work, apply,
};
use copilot_engine::{Answers, Error, plan};
use copilot_stack::Facts;
use copilot_workspace::ManifestFile;

use crate::aws::{Access, Aws};
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::phrases::running;
use crate::shell::command;
use crate::view::View;
use crate::{answer, choose, planning, project};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Deploy {
    /// Name of the environment [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Print what changes first, and ask whether to go on.
    #[arg(long)]
    diff: bool,
    /// Don't ask after `--diff`.
    #[arg(long, alias = "diff-yes")]
    yes: bool,
    /// Update the stack even if nothing has changed.
    #[arg(long)]
    force: bool,
    /// Keep what a failed update has changed instead of rolling it back.
    #[arg(long)]
    no_rollback: bool,
    /// Start the update and don't wait for it.
    #[arg(long)]
    detach: bool,
    /// Replace a stack that a newer version deployed.
    #[arg(long)]
    allow_downgrade: bool,
    /// Wait for another operation on the stack instead of failing.
    #[arg(long)]
    wait: bool,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Deploy, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let file = choose::environment(&project, arguments.name.as_deref(), io)?;
    let loaded = engage(View::default(), io, |host| environment::load(&project, &file, host))?;
    let (name, application) = (loaded.name.as_str(), project.application()?);
    let aws = Aws::open(access, io)?;
    let facts = engage(View::default(), io, |host| {
        aws.run(environment::gather(&project, &loaded, aws.cloud(), host))
    })?;
    let place = environment::place(&facts, name)?;
    let known = environment::deployed(&facts, name)?;
    io.note(format!(
        "environment `{name}` of application `{application}` in account {} and region {}",
        known.account_id, known.region
    ));
    let existing =
        engage(View::default(), io, |host| aws.run(environment::existing(&place, aws.cloud(), host)))?;
    let wishes = Wishes { wait: arguments.wait, allow_downgrade: arguments.allow_downgrade };
    let deployed = environment::Deployed { name, facts: known, stack: existing.as_ref() };
    let planned = Plan::new(place, deployed, wishes);
    if !planned.blockers.is_empty() {
        return Err(Error::EnvironmentBlocked(planned.blockers).into());
    }
    let force_deploy_id = arguments.force.then(|| environment::force_deploy_id(io.now()));
    let force_deploy_id = force_deploy_id.as_deref();
    let inputs = Inputs { project: &project, environment: &loaded, facts: &facts, force_deploy_id };
    let stack = engage(View::default(), io, |host| environment::render(inputs, AddonFiles::Read, host))?;
    if arguments.diff && !agreed(arguments, (&stack, &file, &facts), &aws, io)? {
        io.note("nothing was changed");
        return aws.close();
    }
    let settings = Settings { no_rollback: arguments.no_rollback, detach: arguments.detach };
    let work = Work { plan: &planned, name, facts: &facts, stack, settings };
    let outcome = engage(View::at(&aws).without_connection(), io, |host| {
        aws.run(apply(work, &project, aws.cloud(), host))
    });
    let command = |verb: &str| command(&access.repeated(), verb, &["--name".to_owned(), name.to_owned()]);
    match outcome {
        Outcome::Applied(deployed) => {
            say(deployed, &planned, command, io);
            aws.close()
        }
        Outcome::Cancelled { running: what } => Err(Failure::Interrupted(Some(match what {
            Some(what) => format!(
                "{} is still running in AWS; `{}` waits for it and continues",
                running(&what),
                command("env deploy --wait")
            ),
            None => "the environment was not changed".to_owned(),
        }))),
        Outcome::Failed(error) => Err(error.into()),
    }
}

/// Shows what deploying the stack would change; `false` is the answer of somebody who does not want that.
fn agreed(
    arguments: &Deploy,
    (stack, file, facts): (&Stack, &ManifestFile, &Facts),
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<bool, Failure> {
    let changes = engage(View::default(), io, |host| {
        aws.run(plan::of_environment(stack, file, facts, aws.cloud(), host))
    })?;
    planning::print(&changes, &stack.name, planning::Format::Text, false, io)?;
    if changes.is_empty() {
        return Ok(true);
    }
    let given = Answers { confirmed: arguments.yes, ..Answers::default() };
    Ok(answer::ask(&[Plan::question()], given, io)?.confirmed)
}

fn say(deployed: Deployed, plan: &Plan, command: impl Fn(&str) -> String, io: &mut Io<'_>) {
    let stack = &plan.place.stack;
    match deployed {
        Deployed::Unchanged => {
            io.done(&format!("stack {stack} is up to date: no changes"));
            io.note(
                "Load balancers, NAT gateways and file systems are made when the first workload needs them.",
            );
            io.note(format!("`{}` updates the stack all the same", command("env deploy --force")));
        }
        Deployed::Started => {
            io.done(&format!("started the update of stack {stack}, which is still running in AWS"));
            io.note(format!("\nNext: `{}` tells how far it is", command("env show")));
        }
        Deployed::Created | Deployed::Updated => {
            io.done(&format!("updated stack {stack}"));
            if plan.first {
                io.note("\nNext: services and jobs can be deployed to the environment");
            }
            io.note(format!(
                "{}`{}` shows what it has",
                if plan.first { "  - " } else { "\nNext: " },
                command("env show")
            ));
        }
    }
}
