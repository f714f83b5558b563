//! `approve` and `reject`: answers an approval that waits.

use clap::Args;
use copilot_deployer::pipeline::{self, Answer, Approval};

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Stage or environment of the approval [default: the only one that waits].
    #[arg(long)]
    stage: Option<String>,
    /// Message for the pipeline's history.
    #[arg(long, value_name = "TEXT", default_value = "answered with copilot-pipeline")]
    summary: String,
}

pub(crate) fn run(
    arguments: &Arguments,
    answer: Answer,
    access: &Access,
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?.named(io);
    let status = remote.aws.wait(pipeline::status(remote.session(), &remote.pipeline))?;
    let waiting =
        pipeline::approvals_in(&status, arguments.stage.as_deref()).map_err(copilot_deployer::Error::from)?;
    let approval = choose(&waiting, io)?;
    remote.aws.wait(pipeline::answer(
        remote.session(),
        &remote.pipeline,
        approval,
        answer,
        &arguments.summary,
    ))?;
    let done = match answer {
        Answer::Approve => "approved",
        Answer::Reject => "rejected",
    };
    io.done(&format!("{done} {} in {}", approval.action, approval.stage));
    if answer == Answer::Approve {
        io.note(format!("`{}` watches what follows", remote.command("status --watch")));
    }
    remote.aws.close()
}

/// The only one that waits, or the one that is chosen.
fn choose<'a>(waiting: &'a [Approval], io: &mut Io<'_>) -> Result<&'a Approval, Failure> {
    if let [only] = waiting {
        return Ok(only);
    }
    let stages: Vec<String> = waiting.iter().map(|approval| approval.stage.clone()).collect();
    let Some(prompt) = io.prompt() else {
        let hint = format!("pass `--stage` with one of: {}", stages.join(", "));
        return Err(Failure::with_hint("several approvals wait", hint));
    };
    let chosen = prompt.select("Which approval?", &stages, None)?;
    Ok(&waiting[chosen])
}
