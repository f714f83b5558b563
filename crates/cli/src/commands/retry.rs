//! `retry`: a stage that failed.

use clap::Args;
use copilot_deployer::pipeline;

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;

#[derive(Debug, Args)]
pub(crate) struct Retry {
    #[command(flatten)]
    which: Which,
    /// Stage, such as `Build` or `DeployTo-test`, or environment [default: the one that failed in the newest execution].
    #[arg(long)]
    stage: Option<String>,
    /// Run all actions of the stage, not only the failed ones.
    #[arg(long)]
    all_actions: bool,
}

pub(crate) fn run(arguments: &Retry, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?.named(io);
    let (stage, all) = (arguments.stage.as_deref(), arguments.all_actions);
    let stage = remote.aws.wait(pipeline::retry(remote.session(), &remote.pipeline, stage, all))?;
    io.done(&format!("stage {stage} runs again; `{}` watches it", remote.command("status --watch")));
    remote.aws.close()
}
