//! `deploy`: renders a pipeline's stack as `package` does, and deploys it.

pub(crate) mod plan;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::UNIX_EPOCH;

use clap::Args;
use copilot_deployer::pipeline::{self, Outcome, Request};
use copilot_deployer::regional::{self, Region};
use copilot_deployer::stack::{self, Deployed, Description, Event, Patience};
use copilot_stack::TEMPLATE_VERSION;
use copilot_stack::facts;
use copilot_workspace::Workspace;

use crate::aws::{Access, Aws};
use crate::commands::application;
use crate::commands::validate::buildspecs;
use crate::difference;
use crate::failure::Failure;
use crate::io::Io;
use crate::pipeline::select;
use crate::progress::Progress;
use crate::pushed;
use crate::windows;
use crate::words::command;
use plan::Plan;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Deploy {
    /// Name of the pipeline. Not needed where the workspace has only one.
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application: that of the workspace.
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Asks nothing: creates or redeploys, and deletes a stack whose creation failed before it is made anew.
    #[arg(long)]
    yes: bool,
    /// Prints first what changes in template and tags.
    #[arg(long)]
    diff: bool,
    /// Replaces a pipeline that a newer version deployed.
    #[arg(long)]
    allow_downgrade: bool,
    /// Waits while another operation on the stack is under way, instead of refusing.
    #[arg(long)]
    wait: bool,
    /// Run overrides that are a CDK application, which is code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

impl Deploy {
    /// The flag that names the same pipeline again.
    fn named(&self) -> Vec<String> {
        self.name.iter().flat_map(|name| ["--name".to_owned(), name.clone()]).collect()
    }
}

pub(crate) fn run(arguments: &Deploy, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    io.allow_cdk(arguments.allow_cdk);
    let workspace = Workspace::find(io.folder())?;
    let application = application::required(&workspace, arguments.app.as_deref())?;
    let file = select(&workspace, arguments.name.as_deref(), io)?;
    let aws = Aws::open(access, io)?;
    let mut plan = Plan::gather(&workspace, &file, &application, &aws, io)?;
    plan.check_worth()?;
    io.note(format!(
        "pipeline `{}` of application `{application}` in account {} and region {}",
        plan.name(),
        plan.facts().application.account_id,
        aws.session().region()
    ));
    let git = io.interrupt().git(workspace.root());
    pushed::warn(&git, &plan.local.pipeline, aws.session().region(), &workspace, io);
    let client = stack::client(aws.session());
    let existing = aws.wait(stack::describe(&client, &plan.stack))?.filter(|stack| !stack.is_in_review());
    if let Some(busy) = existing.as_ref().filter(|stack| stack.in_progress() && !arguments.wait) {
        let (stack, status) = (busy.name.clone(), busy.status.clone());
        return Err(copilot_deployer::Error::StackBusy { stack, status }.into());
    }
    if existing.as_ref().is_some_and(|stack| !stack.is_stuck()) && !arguments.allow_downgrade {
        aws.wait(pipeline::check_version(aws.session(), plan.name(), &plan.stack, TEMPLATE_VERSION))?;
    }
    buildspecs::required(&file, plan.local.pipeline.build.is_arm(), &workspace, io)?;
    windows::warn(&plan.local.pipeline, &application, &workspace, io)?;
    let left = left_over(&plan, &aws)?;
    let changed = !arguments.diff || print_diff(&plan, &aws, io)?;
    if changed && !agreed(arguments, existing.as_ref(), left.as_ref(), io)? {
        io.note("nothing was changed");
        return Ok(());
    }
    if let Some(local) = aws.local() {
        plan.prepare_builds(local, &aws)?;
    }
    let mut progress = Progress::new(io).at(&aws);
    let stuck = existing.is_some_and(|stack| stack.is_stuck());
    let anew = Anew { stack: arguments.yes || stuck, region: arguments.yes || left.is_some() };
    let result = deploy(arguments, anew, &mut plan, &aws, &mut progress, io);
    let running = progress.running().map(str::to_owned);
    progress.end(io);
    match result {
        Ok(outcome) => {
            said(&outcome, arguments, access, io);
            aws.close()
        }
        Err(Failure::Interrupted(_)) => Err(Failure::Interrupted(Some(match running {
            Some(what) => {
                let again = command(&access.repeated(), "deploy --wait", &arguments.named());
                format!("{what} is still running in AWS; `{again}` waits for it and continues")
            }
            None => "nothing was changed at AWS yet".to_owned(),
        }))),
        Err(failure) => Err(failure),
    }
}

/// Prints what changes, or that nothing does. Returns whether anything does.
fn print_diff(plan: &Plan<'_>, aws: &Aws, io: &mut Io<'_>) -> Result<bool, Failure> {
    let diff = plan.difference(aws, io)?;
    difference::print(&diff, io)?;
    Ok(!diff.is_empty())
}

/// What a failed creation of the application's resources in this region left.
fn left_over(plan: &Plan<'_>, aws: &Aws) -> Result<Option<Description>, Failure> {
    let application = &plan.facts().application;
    match plan.own_region() {
        Some(_) => Ok(None),
        None => aws.wait(regional::left_over(aws.session(), &application.name, &application.account_id)),
    }
}

/// What may be deleted because its creation failed, to be made anew: who was asked has agreed.
#[derive(Clone, Copy)]
struct Anew {
    /// The pipeline's stack.
    stack: bool,
    /// The application's resources in this region.
    region: bool,
}

/// Asks what has to be asked; `false` is the answer of somebody who does not want to go on.
fn agreed(
    arguments: &Deploy,
    existing: Option<&Description>,
    left: Option<&Description>,
    io: &mut Io<'_>,
) -> Result<bool, Failure> {
    let remains: Vec<String> = existing
        .filter(|found| found.is_stuck())
        .into_iter()
        .chain(left)
        .map(|found| format!("Stack {} was left in {} by a failed operation.", found.name, found.status))
        .collect();
    let question = match existing {
        _ if arguments.yes => return Ok(true),
        _ if !remains.is_empty() => format!("{} Delete it and make it anew?", remains.join(" ")),
        _ if arguments.diff => "Go on with the deployment?".to_owned(),
        Some(found) => format!("Redeploy the pipeline's stack {}?", found.name),
        None => "Create the pipeline?".to_owned(),
    };
    match io.prompt() {
        Some(prompt) => Ok(prompt.confirm(&question)?),
        None => Err(Failure::with_hint(
            format!("cannot prompt: not a terminal ({question})"),
            "pass `--yes` to confirm",
        )),
    }
}

/// Makes the region's resources if they are missing, renders with them, and deploys.
fn deploy(
    arguments: &Deploy,
    anew: Anew,
    plan: &mut Plan<'_>,
    aws: &Aws,
    progress: &mut Progress,
    io: &mut Io<'_>,
) -> Result<Outcome, Failure> {
    let region = match plan.own_region() {
        Some(region) => region.clone(),
        None => bootstrap(anew.region, plan, aws, progress, io)?,
    };
    if aws.local().is_none() {
        plan.ensure_program(&region, aws, io)?;
    }
    let rendered = plan.rendered(io)?;
    let request = Request {
        app: plan.facts().application.name.clone(),
        pipeline: plan.name().to_owned(),
        legacy: plan.facts().is_legacy_pipeline(plan.name()),
        template: rendered.text,
        bucket: region.bucket,
        tags: plan.facts().application.tags.clone().into_iter().collect(),
        run_id: run_id(io),
        recreate: anew.stack,
        wait: arguments.wait,
        patience: aws.patience(Patience::STACK),
        connection_patience: aws.patience(Patience::CONNECTION),
    };
    let session = aws.session();
    aws.follow(
        |events| async move { pipeline::deploy(session, &request, &|event| drop(events.send(event))).await },
        |event: Option<Event>| progress.show(event, io),
    )
}

fn bootstrap(
    recreate: bool,
    plan: &mut Plan<'_>,
    aws: &Aws,
    progress: &mut Progress,
    io: &mut Io<'_>,
) -> Result<Region, Failure> {
    let (session, patience) = (aws.session(), aws.patience(Patience::STACK));
    let facts::Application { name, account_id, .. } = plan.facts().application.clone();
    let (app, account) = (&name, &account_id);
    let regions = aws.follow(
        |events| async move {
            let observer = |event| drop(events.send(event));
            regional::bootstrap(session, app, account, recreate, patience, &observer).await?;
            regional::regions(session, app, account).await
        },
        |event: Option<Event>| progress.show(event, io),
    )?;
    plan.set_regions(regions);
    plan.own_region().cloned().ok_or_else(|| {
        copilot_deployer::Error::NoRegionalResources { app: name, region: session.region().to_owned() }.into()
    })
}

/// Something that no other run has.
pub(crate) fn run_id(io: &Io<'_>) -> String {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let time = io.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{time:x}-{:x}-{:x}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed))
}

fn said(outcome: &Outcome, arguments: &Deploy, access: &Access, io: &mut Io<'_>) {
    let stack = &outcome.stack;
    let command = |verb: &str| command(&access.repeated(), verb, &arguments.named());
    match outcome.deployed {
        Deployed::Created => {
            io.done(&format!("created stack {stack}"));
            io.note("\nNext: the pipeline's first execution has started by itself");
        }
        Deployed::Updated | Deployed::Started => {
            io.done(&format!("updated stack {stack}"));
            io.note("\nNext: an update starts no execution");
            io.note(format!("  - `{}` starts one, and so does a push", command("start")));
        }
        Deployed::Unchanged => {
            io.done(&format!("stack {stack} is up to date: no changes"));
            return;
        }
    }
    io.note(format!("  - `{}` watches it", command("status --watch")));
}
