//! `env deploy`: renders an environment's stack as `env package` does, and deploys it.

use clap::Args;
use copilot_cfn::diff::TemplateDiff;
use copilot_deployer::environment as deployer;
use copilot_deployer::stack::{Deployed, Description, Snapshot};
use copilot_workspace::Workspace;

use super::select::select;
use crate::aws::{Access, Aws};
use crate::commands::application;
use crate::difference::{self, New};
use crate::environment::apply::{Settings, Work, apply};
use crate::environment::plan::{self, Plan, Wishes};
use crate::environment::{self, AddonFiles, Loaded, Request, Stack};
use crate::failure::Failure;
use crate::io::Io;
use crate::progress::Progress;
use crate::words::command;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Deploy {
    /// Name of the environment. Not needed where the workspace has only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Prints first what changes in template, parameters and tags, and asks whether to go on.
    #[arg(long)]
    diff: bool,
    /// Goes on after `--diff` without asking.
    #[arg(long, alias = "diff-yes")]
    yes: bool,
    /// Updates the stack even if nothing has changed.
    #[arg(long)]
    force: bool,
    /// Leaves what an update has changed as it is when it fails, for a look at it, instead of undoing it.
    #[arg(long)]
    no_rollback: bool,
    /// Starts the update, and does not wait for its end.
    #[arg(long)]
    detach: bool,
    /// Replaces a stack that a newer version deployed.
    #[arg(long)]
    allow_downgrade: bool,
    /// Waits while another operation on the stack is under way, instead of refusing.
    #[arg(long)]
    wait: bool,
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

pub(super) fn run(arguments: &Deploy, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let file = select(&workspace, arguments.name.as_deref(), io)?;
    let loaded = environment::load(&file, &application, io)?;
    let name = loaded.name.clone();
    let aws = Aws::open(access, io)?;
    let facts = environment::gather(&application, &loaded, &aws, io)?;
    let place = environment::place(&facts, &name)?;
    let known = environment::deployed(&facts, &name)?;
    io.note(format!(
        "environment `{name}` of application `{application}` in account {} and region {}",
        known.account_id, known.region
    ));
    let existing = aws.wait(deployer::stack(aws.session(), &place))?;
    let wishes =
        Wishes { wait: arguments.wait, allow_downgrade: arguments.allow_downgrade, yes: arguments.yes };
    let deployed = plan::Deployed { name: &name, facts: known, stack: existing.as_ref() };
    let plan = Plan::new(place, deployed, wishes);
    refuse(&plan)?;
    let request = Request {
        workspace: &workspace,
        environment: &loaded,
        facts: &facts,
        force_deploy_id: arguments.force.then(|| environment::force_deploy_id(io)),
    };
    let stack = environment::render(&request, AddonFiles::Read, io)?;
    let difference = if arguments.diff {
        let difference = compare(&plan, &stack, existing, &loaded, &request, &aws, io)?;
        difference::print(&difference, io)?;
        Some(difference)
    } else {
        None
    };
    if let Some(question) = Plan::question(difference.as_ref(), wishes)
        && !agreed(&question, io)?
    {
        io.note("nothing was changed");
        return aws.close();
    }
    let settings =
        Settings { wait: arguments.wait, no_rollback: arguments.no_rollback, detach: arguments.detach };
    let mut progress = Progress::new(io).at(&aws).without_connection();
    let work = Work { plan: &plan, name: &name, facts: &facts, settings };
    let result = apply(work, stack, &aws, &mut progress, io);
    let running = progress.running().map(str::to_owned);
    progress.end(io);
    let command = |verb: &str| command(&access.repeated(), verb, &["--name".to_owned(), name.clone()]);
    match result {
        Ok(deployed) => {
            say(deployed, &plan, command, io);
            aws.close()
        }
        Err(Failure::Interrupted(_)) => Err(Failure::Interrupted(Some(match running {
            Some(what) => {
                format!(
                    "{what} is still running in AWS; `{}` waits for it and continues",
                    command("env deploy --wait")
                )
            }
            None => "the environment was not changed".to_owned(),
        }))),
        Err(failure) => Err(failure),
    }
}

/// The first of the reasons why the deployment can't begin, with those that would come next.
fn refuse(plan: &Plan) -> Result<(), Failure> {
    let Some(first) = plan.blockers.first() else { return Ok(()) };
    let all: Vec<String> = plan.blockers.iter().map(ToString::to_string).collect();
    Err(Failure::with_hint(all.join("\n"), first.hint()))
}

/// How the stack as it is deployed differs from what it is to be.
fn compare(
    plan: &Plan,
    stack: &Stack,
    existing: Option<Description>,
    loaded: &Loaded,
    request: &Request<'_>,
    aws: &Aws,
    io: &mut Io<'_>,
) -> Result<TemplateDiff, Failure> {
    let parameters = plan.parameters(&stack.values.parameters, existing.as_ref());
    let template =
        environment::deployed_text(request.facts, &loaded.name, aws).map_err(difference::unavailable)?;
    let deployed = existing.zip(template).map(|(stack, template)| Snapshot {
        template,
        parameters: stack.parameters,
        tags: stack.tags,
    });
    let new = New { template: &stack.template, parameters, tags: stack.values.tags.clone() };
    difference::with_deployed(&plan.place.stack, deployed, &new, io)
}

/// Asks; `false` is the answer of somebody who does not want to go on.
fn agreed(question: &plan::Question, io: &mut Io<'_>) -> Result<bool, Failure> {
    match io.prompt() {
        Some(prompt) => Ok(prompt.confirm(question.text)?),
        None => Err(Failure::with_hint(
            format!("cannot prompt: not a terminal ({})", question.text),
            format!("pass `{}` to confirm", question.flag),
        )),
    }
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
