//! `deploy`: renders a pipeline's stack as `package` does, and deploys it.

use camino::Utf8PathBuf;
use clap::Args;
use copilot_deployer::stack::Deployed;
use copilot_engine::pipeline::{Applied, Blocker, Observed, Outcome, Plan, Settings, Wishes, apply, observe};
use copilot_engine::plan::{self, Saved};
use copilot_engine::{Answers, Project};

use crate::aws::{Access, Aws};
use crate::commands::validate::refused;
use crate::failure::Failure;
use crate::host::engage;
use crate::io::Io;
use crate::local::Source;
use crate::phrases::running;
use crate::shell::command;
use crate::view::View;
use crate::{answer, choose, planning, project};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Deploy {
    /// Name of the pipeline [default: the only one].
    #[arg(short, long)]
    name: Option<String>,
    /// Name of the application [default: the workspace's].
    #[arg(short, long, value_parser = crate::names::typed)]
    app: Option<String>,
    /// Don't ask: create or redeploy, and delete a stack whose creation failed before making it anew.
    #[arg(long)]
    yes: bool,
    /// Print what changes first.
    #[arg(long)]
    diff: bool,
    /// Do what `plan --out FILE` has saved, without asking, and refuse if anything was changed since.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "name"])]
    plan: Option<Utf8PathBuf>,
    /// Replace a pipeline that a newer version deployed.
    #[arg(long)]
    allow_downgrade: bool,
    /// Wait for another operation on the stack instead of failing.
    #[arg(long)]
    wait: bool,
    /// Run CDK overrides, which are code of this repository. `COPILOT_PIPELINE_ALLOW_CDK=true` does the same.
    #[arg(long)]
    allow_cdk: bool,
}

impl Deploy {
    /// A command about the same pipeline, to be pasted into a shell.
    fn command(&self, verb: &str, saved: Option<&Saved>, access: &Access) -> String {
        let name = saved.map(|saved| &saved.pipeline).or(self.name.as_ref());
        let named: Vec<String> =
            name.into_iter().flat_map(|name| ["--name".to_owned(), name.clone()]).collect();
        command(&access.repeated(), verb, &named)
    }
}

pub(crate) fn run(arguments: &Deploy, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let project = project::open(arguments.app.as_deref(), io)?.allow_cdk(arguments.allow_cdk);
    let saved = arguments.plan.as_ref();
    let saved = saved.map(|path| Saved::read(path, io.folder(), project.application()?)).transpose()?;
    let name = saved.as_ref().map(|saved| saved.pipeline.as_str()).or(arguments.name.as_deref());
    let file = choose::pipeline(&project, name, io)?;
    let aws = Aws::open(access, io)?;
    let observed = engage(View::at(&aws), io, |host| aws.run(observe(&project, &file, aws.cloud(), host)))?;
    let wishes = Wishes {
        wait: arguments.wait,
        allow_downgrade: arguments.allow_downgrade,
        shows_difference: arguments.diff,
        recreate: arguments.yes,
    };
    let plan = Plan::new(observed, wishes, &project, Some(&refused))?;
    // What there is nothing to say about is refused at once.
    refuse(plan.blockers.iter().filter(|blocker| matches!(blocker, Blocker::NothingToDeploy { .. })))?;
    io.note(format!(
        "pipeline `{}` of application `{}` in account {} and region {}",
        plan.pipeline, plan.application, plan.account, plan.region
    ));
    engage(View::default(), io, |host| plan.check_pushed(&project, host));
    refuse(plan.blockers.iter())?;
    if plan.findings.has_errors() {
        return Err(Failure::Diagnostics(plan.findings));
    }
    io.diagnostics(&plan.findings);
    if let Some(saved) = &saved {
        engage(View::default(), io, |host| {
            aws.run(saved.check(plan.observed(), &project, aws.cloud(), host))
        })?;
    }
    let changed = !arguments.diff || shows_change(plan.observed(), &project, &aws, io)?;
    let answers = if changed {
        answer::ask(
            &plan.questions,
            Answers { confirmed: arguments.yes || saved.is_some(), ..Answers::default() },
            io,
        )?
    } else {
        Answers::YES
    };
    if let Some(local) = aws.local().filter(|_| answers.confirmed) {
        let (name, account, stack) = (&plan.application, &plan.account, &plan.stack);
        let source = Source::gather(&project, &plan.observed().loaded.pipeline, name, &aws)?;
        source.register(local, account, &plan.region, &format!("{stack}-BuildProject"));
    }
    let settings = Settings { program: io.program().map(ToOwned::to_owned) };
    let outcome = engage(View::at(&aws), io, |host| {
        aws.run(apply(plan, answers, &settings, &project, aws.cloud(), host))
    });
    told(outcome, &|verb| arguments.command(verb, saved.as_ref(), access), io)?;
    aws.close()
}

/// Fails with the first of the reasons why the deployment can't begin.
fn refuse<'a>(mut blockers: impl Iterator<Item = &'a Blocker>) -> Result<(), Failure> {
    blockers.next().map_or(Ok(()), |blocker| Err(copilot_engine::Error::from(blocker.clone()).into()))
}

/// Prints what changes, or that nothing does. Returns whether anything does.
fn shows_change(observed: &Observed, project: &Project, aws: &Aws, io: &mut Io<'_>) -> Result<bool, Failure> {
    let cloud = aws.cloud();
    let plan =
        engage(View::default(), io, |host| aws.run(plan::of_observed(observed, project, cloud, host)))?;
    planning::print(&plan, observed.name(), planning::Format::Text, false, io)?;
    Ok(!plan.is_empty())
}

/// How it ended.
fn told(outcome: Outcome, command: &dyn Fn(&str) -> String, io: &mut Io<'_>) -> Result<(), Failure> {
    match outcome {
        Outcome::Applied(applied) => said(&applied, command, io),
        Outcome::Declined => io.note("nothing was changed"),
        Outcome::Cancelled { running: None } => {
            return Err(Failure::Interrupted(Some("nothing was changed at AWS yet".to_owned())));
        }
        Outcome::Cancelled { running: Some(what) } => {
            let again = command("deploy --wait");
            return Err(Failure::Interrupted(Some(format!(
                "{} is still running in AWS; `{again}` waits for it and continues",
                running(&what)
            ))));
        }
        Outcome::Failed(error) => return Err(error.into()),
    }
    Ok(())
}

fn said(outcome: &Applied, command: &dyn Fn(&str) -> String, io: &mut Io<'_>) {
    let stack = &outcome.stack;
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
