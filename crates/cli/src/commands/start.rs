//! `start`: an execution on the newest revision.

use clap::Args;
use copilot_deployer::pipeline;

use crate::aws::Access;
use crate::failure::Failure;
use crate::io::Io;
use crate::remote::Which;

#[derive(Debug, Args)]
pub(crate) struct Start {
    #[command(flatten)]
    which: Which,
}

pub(crate) fn run(arguments: &Start, access: &Access, io: &mut Io<'_>) -> Result<(), Failure> {
    let remote = arguments.which.find(access, io)?;
    let id = remote.aws.wait(pipeline::start(remote.session(), &remote.pipeline))?;
    io.done(&format!("started {}; `{}` watches it", remote.pipeline.name, remote.command("status --watch")));
    io.lines([id])?;
    remote.aws.close()
}
