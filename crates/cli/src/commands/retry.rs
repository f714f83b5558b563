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
    /// The stage, such as `Build` or `DeployTo-test`, or an environment: by default the one in which the newest execution failed.
    #[arg(long)]
    stage: Option<String>,
    /// Runs all actions of the stage again, not only those that failed.
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
